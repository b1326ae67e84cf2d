"""The report "How sure we are": what the evidence carries, and what each way of looking at it says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.filters import EVIDENCE, Filters, ReportForm
from analytics.judged import evidence_of
from analytics.metrics.survey import DONT_REMEMBER, OTHER, Said
from analytics.metrics.value import UNKNOWN
from analytics.reports.answers_said import what_was_said
from analytics.reports.columns import assumed_columns, with_interval
from analytics.reports.customers_form import address_of
from analytics.reports.customers_words import did, joined, sentence
from analytics.reports.evidence_short import in_short
from analytics.reports.figures import ENDS, figures
from analytics.reports.links import address
from analytics.reports.registry import Figure, Report, register
from analytics.reports.remarks import KINDS
from attribution.engine.evidence import EvidenceFit
from attribution.engine.evidence.patterns import SOURCES
from attribution.engine.intervals import wilson
from attribution.engine.models import DEFAULT
from attribution.evidence.models import Channel
from attribution.names import listed
from attribution.runs.models import Run
from attribution.runs.results import RunResults
from attribution.warehouse import DONT_REMEMBER as FORGOT
from sheets.table import Chart, Column, Ratio, Table

RECALL_TITLES = {
    "survey": gettext_lazy("What guests say when it was really …"),
    "coupon": gettext_lazy("Whose coupons guests use when it was really …"),
    "link": gettext_lazy("Whose links guests follow when it was really …"),
    "referral": gettext_lazy("As whose referrals guests come when it was really …"),
    "import": gettext_lazy("As whose guests are imported when it was really …"),
}


class EvidenceForm(ReportForm):
    """It compares what the ways of looking say, so none is chosen."""

    model = None  # type: ignore[assignment]  # Django's word for a field that is not taken over
    order = None  # type: ignore[assignment]

    def filters(self) -> Filters:
        return replace(super().filters(), model=EVIDENCE)


def build(run: Run, filters: Filters) -> tuple[list[Figure], list[Table]]:
    """Return the figures beside the tables, and the tables: in short, what each view says, and what the fit says."""
    fit = evidence_of(RunResults(run).judgement)
    names = {channel.slug: channel.name for channel in Channel.objects.all()}
    said, places, _placebo = what_was_said(run, filters)
    columns = [
        Column("question", _("Question")),
        Column("answer", _("In a word")),
        Column("meaning", _("What it means")),
    ]
    short = Table("short", _("In short"), columns, list(in_short(fit, said, places, names)))
    tables = [short, _views(run, filters, said, names)]
    if fit is not None:
        tables += FitTables(fit, filters, names).all()
    return _beside(run, filters, fit), tables


def _beside(run: Run, filters: Filters, fit: EvidenceFit | None) -> list[Figure]:
    found = figures(run, filters)
    inferred = found.heard.inferred
    return [
        Figure(Column("new", _("New customers"), "integer", emphasis=True), found.new),
        Figure(
            Column(
                "left",
                _("Left evidence of a channel"),
                "ratio",
                _("New customers of whom at least one kind of evidence speaks; the others are inferred."),
                emphasis=True,
            ),
            None if inferred is None else 1 - inferred,
        ),
        Figure(
            Column(
                "overlaps",
                _("Heard of in two ways or more"),
                "integer",
                _("Customers of all days: they show how often each kind of evidence errs."),
                emphasis=True,
            ),
            fit.overlaps if fit is not None else None,
        ),
    ]


def _views(run: Run, filters: Filters, said: Said, names: Mapping[str, str]) -> Table:
    """Return each channel's share of the period's new customers, by all evidence, by the strongest, and by answers."""
    rows: dict[str, dict[str, Any]] = {}
    for view, model in (("evidence", EVIDENCE), ("precedence", DEFAULT)):
        found = figures(run, replace(filters, model=model))
        if found.used == model:
            for slug, row in found.channels.iterrows():
                numbers = [row[name] for name in ("new_customers", *ENDS)]
                shares = [None if not found.new else number / found.new for number in numbers]
                rows.setdefault(str(slug), {}).update(_ends(view, shares))
                if view == "evidence":
                    rows[str(slug)].update(zip(("customers", "customers_low", "customers_high"), numbers, strict=True))
    for slug, weighted in _weighted(said).items():
        rows.setdefault(slug, {}).update(_ends("survey", weighted))
    columns = _view_columns(filters)
    empty = dict.fromkeys(column.key for column in columns)
    full = [empty | row | {"slug": slug, "channel": names.get(slug, _("Unknown"))} for slug, row in rows.items()]
    drawn = "evidence" if any(row["evidence"] is not None for row in full) else "precedence"
    full.sort(key=lambda row: (row["slug"] == UNKNOWN, -(row[drawn] or 0.0), row["slug"]))
    chart = Chart("bar", "channel", (drawn,), _("Share of new customers"))
    return Table("views", _("What each view says"), columns, full, chart=chart)


def _ends(key: str, values: list[Any]) -> dict[str, Any]:
    return dict(zip((key, f"{key}_low", f"{key}_high"), values, strict=True))


def _weighted(said: Said) -> dict[str, list[float]]:
    """Return the weighted shares among answers that name a channel, with their intervals, by channel."""
    named = said.shares[~said.shares["said"].isin([DONT_REMEMBER, OTHER])]
    whole = named["share"].sum()
    if not whole:
        return {}
    share = (named["share"] / whole).to_numpy()
    low, high = wilson(share * whole * said.effective, share * 0 + whole * said.effective)
    return {slug: list(row) for slug, *row in zip(named["said"], share, low, high, strict=True)}


def _view_columns(filters: Filters) -> list[Column]:
    link = address(filters, "customers", channel="{slug}")
    return [
        Column("channel", _("Channel"), link=link),
        Column("slug", _("Channel code")),
        *with_interval(
            Column(
                "evidence",
                _("All evidence weighed"),
                "ratio",
                _("Share of the period’s new customers. Each kind of evidence counts as far as it can be believed."),
                emphasis=True,
            )
        ),
        *with_interval(Column("customers", _("New customers"), "number", _("The same in customers."), link=link)),
        *with_interval(
            Column(
                "precedence",
                _("Strongest evidence first"),
                "ratio",
                _("Referral, else coupon, else tracked link, else import, else answer. Leaking coupons count in full."),
                link=address(filters, "customers", channel="{slug}", model=DEFAULT),
            )
        ),
        *with_interval(
            Column(
                "survey",
                _("Answers, weighted"),
                "ratio",
                _("Share among the answers that name a channel, weighted as in “What guests answer”. Errors of"
                  " memory count in full."),
                link=address(filters, "customers", heard="survey:{slug}"),
            )
        ),
    ]  # fmt: skip


class FitTables:
    """What the fitted evidence model says of channels and kinds of evidence. It is of all days and stores."""

    def __init__(self, fit: EvidenceFit, filters: Filters, names: Mapping[str, str]) -> None:
        self.fit, self.filters, self.names = fit, filters, names

    def all(self) -> list[Table]:
        if self.fit.is_fallback:
            return [self._agreement()]
        recalls = [self._recall(source) for source in self.fit.sources]
        return [*recalls, self._response(), self._agreement(), self._check(), self._assumed()]

    def _name(self, slug: str) -> str:
        return _("Does not remember") if slug == FORGOT else self.names.get(slug, slug)

    def _truth(self) -> list[Column]:
        link = address(self.filters, "customers", channel="{slug}")
        return [Column("channel", _("It was really"), link=link), Column("slug", _("Channel code"))]

    def _recall(self, source: str) -> Table:
        rows: dict[str, dict[str, Any]] = {}
        said: dict[str, None] = {}
        for row in self.fit.recall(source).to_pylist():
            truth = row["channel"]
            told = rows.setdefault(truth, {"channel": self._name(truth), "slug": truth})
            told.update(_ends(f"said_{row['said']}", [row["share"], row["low"], row["high"]]))
            said[row["said"]] = None
        columns = self._truth()
        for one in said:
            link = address(self.filters, "customers", channel="{slug}", heard=address_of([(source, one)]))
            columns += with_interval(Column(f"said_{one}", self._name(one), "ratio", shade=True, link=link))
        note = {
            "survey": _("Of 100 guests in a row who answer, so many say what the column says. The diagonal is right."),
        }.get(source, _("Of 100 guests in a row of whom this kind of evidence speaks. The diagonal is right."))
        return Table(f"recall_{source}", RECALL_TITLES[source], columns, list(rows.values()), notes=[note])

    def _response(self) -> Table:
        rows: dict[str, dict[str, Any]] = {}
        mute: dict[str, list[str]] = {}
        for row in self.fit.response().to_pylist():
            truth, source = row["channel"], row["source"]
            told = rows.setdefault(truth, {"channel": self._name(truth), "slug": truth})
            told.update(_ends(source, [row["rate"], row["low"], row["high"]]))
            if not row["can_speak"]:
                mute.setdefault(source, []).append(self._name(truth))
        columns = self._truth()
        for source in self.fit.sources:
            link = address(self.filters, "customers", channel="{slug}", heard=source)
            label = sentence(str(KINDS[source]))
            columns += with_interval(Column(source, label, "ratio", shade=True, link=link))
        notes = [_("Of 100 guests whom the channel brought, so many are heard of in this way.")]
        for source, channels in mute.items():
            text = _("%(kind)s: none of their own have %(channels)s; their guests are heard of as another channel’s.")
            notes.append(text % {"kind": sentence(str(KINDS[source])), "channels": listed(channels)})
        return Table(
            "response", _("How many of a channel’s guests are heard of"), columns, list(rows.values()), notes=notes
        )

    def _agreement(self) -> Table:
        rows = []
        for row in self.fit.agreement().to_pylist():
            pair, both = (row["source"], row["other"]), row["both"]
            low, high = wilson([row["agree"]], [both])
            rows.append(
                {
                    "pair": sentence(joined(str(KINDS[source]) for source in pair)),
                    "heard": ",".join(pair),
                    "both": both,
                    "agree": row["agree"],
                    "share": row["share"],
                    "share_low": low[0],
                    "share_high": high[0],
                    "expected": row["expected"],
                }
            )
        columns = [
            Column("pair", _("Kinds of evidence")),
            Column("heard", _("Address"), hidden=True),
            Column(
                "both",
                _("Both name a channel"),
                "integer",
                _("Customers of all days."),
                link=address(self.filters, "customers", heard="{heard}"),
            ),
            Column("agree", _("The same one"), "integer"),
            *with_interval(
                Column("share", _("They agree"), "ratio", formula=Ratio("agree", "both"), emphasis=True),
            ),
            Column("expected", _("The picture expects"), "ratio", _("How often they should if the picture is right.")),
        ]
        return Table("agreement", _("Do the kinds of evidence agree?"), columns, rows)

    def _check(self) -> Table:
        rows = []
        for row in self.fit.check().to_pylist():
            heard = [(source, row[source]) for source in SOURCES if row[source] is not None]
            text = sentence(did(heard, self.names)) if heard else _("Nothing")
            told = {"pattern": text, "heard": address_of(heard, only=True)}
            rows.append(told | {key: row[key] for key in ("observed", "expected", "z")})
        columns = [
            Column("pattern", _("What was heard"), link=address(self.filters, "customers", heard="{heard}")),
            Column("heard", _("Address"), hidden=True),
            Column("observed", _("Customers"), "integer", _("Of all days.")),
            Column("expected", _("The picture expects"), "number"),
            Column(
                "z",
                _("How odd"),
                "number",
                _("The difference in standard deviations: between −2 and 2 is chance, above 3 or below −3 is not."),
            ),
        ]
        return Table("check", _("What fits worst"), columns, rows)

    def _assumed(self) -> Table:
        channel, *others = assumed_columns()
        link = address(self.filters, "customers", channel="{slug}")
        columns = [replace(channel, link=link), *others, Column("only_survey", _("Heard of only in answers"))]
        rows = []
        for row in self.fit.shares().to_pylist():
            told = {"channel": self._name(row["channel"]), "slug": row["channel"]}
            told |= _ends("share", [row["share"], row["low"], row["high"]])
            told |= {key: row[key] for key in ("half_prior", "double_prior")}
            rows.append(told | {"only_survey": _("yes") if row["only_survey"] else _("no")})
        note = _("Assumed beforehand: that guests usually name the true channel, and that who answers differs little.")
        return Table("assumed", _("How much is assumed"), columns, rows, notes=[note])


def remarks(run: Run, filters: Filters) -> list[str]:
    """What the fit says is not cut by the filters: a run fits it to all that it knows."""
    fit = evidence_of(RunResults(run).judgement)
    if fit is None or fit.is_fallback:
        return []
    return [_("Period and store choose the new customers and the answers. What the kinds of evidence say of each other,"
              " and how often they err, is of all days and stores.")]  # fmt: skip


EVIDENCE_REPORT = register(Report("evidence", gettext_lazy("How sure we are"), EvidenceForm, build, remarks))
