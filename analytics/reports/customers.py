"""The report of customers: who was credited to a channel, the most certain first, and why, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.filters import Filters
from analytics.judged import evidence_of, open_run, used_model
from analytics.metrics.members import Members
from analytics.metrics.value import UNKNOWN
from analytics.reports.customers_form import CustomerFilters, CustomerForm, address_of, patterns_with
from analytics.reports.customers_words import EvidenceWhy, Heard, RuleWhy, named_shares
from analytics.reports.figures import question
from analytics.reports.kept import kept
from analytics.reports.links import address
from analytics.reports.registry import Figure, Report, register
from attribution.customers.models import Customer, Store
from attribution.engine import MODELS
from attribution.evidence.models import Channel
from attribution.runs.models import Run
from attribution.runs.results import RunResults
from sheets.table import Column, Table
from sheets.write.book import EXCEL_ROWS

PAGE_ROWS, GROUPS = 50, 12
WHOLE_ROWS = EXCEL_ROWS - 4  # a sheet holds the head and the notes too


def build(run: Run, filters: Filters) -> tuple[list[Figure], list[Table]]:
    """Return the figures beside the tables, and the tables: kinds of evidence, and one page of customers."""
    return _built(run, filters, is_whole=False)


def whole(run: Run, filters: Filters) -> tuple[list[Figure], list[Table]]:
    """Return the same with all customers, as far as a sheet of Excel holds them: read once, while it is written."""
    return _built(run, filters, is_whole=True)


def _built(run: Run, filters: Filters, *, is_whole: bool) -> tuple[list[Figure], list[Table]]:
    assert isinstance(filters, CustomerFilters)
    if evidence_of(RunResults(run).judgement) is None:
        return [], []
    names = {channel.slug: channel.name for channel in Channel.objects.all()}
    listing = Listing(run, filters, names)
    tables = [listing.whole() if is_whole else listing.page()]
    return listing.figures(), [listing.kinds(None if is_whole else GROUPS), *tables]


def remarks(run: Run, filters: Filters) -> list[str]:
    judgement = RunResults(run).judgement
    if evidence_of(judgement) is None:
        return [_("This run is from before the evidence on each customer was kept; the next one has it.")]
    if used_model(judgement, filters.model) != filters.model:
        return [_("All evidence cannot be weighed yet, so the strongest counts; “How sure we are” says why.")]
    return []


class Listing:
    """The customers whom some filters choose."""

    def __init__(self, run: Run, filters: CustomerFilters, names: Mapping[str, str]) -> None:
        self.run, self.filters, self.names = run, filters, names
        self.judgement = RunResults(run).judgement
        self.used = used_model(self.judgement, filters.model)
        self.stores = {store.pk: store.name for store in Store.objects.all()}
        self.slugs = [slug for slug in self.judgement.channels if slug in names or slug == UNKNOWN]
        groups: pd.DataFrame = self._kept("groups", lambda: self._members().by_pattern())
        self.groups = groups.sort_values(
            ["customers" if filters.channel is None else "credit", "pattern_id"], ascending=[False, True]
        )

    def figures(self) -> list[Figure]:
        listed = Column("listed", _("Customers in the list"), "integer", emphasis=True)
        found = [Figure(listed, int(self.groups["customers"].sum()))]
        if self.filters.channel is not None:
            text = _("The sum of their credits: the customers of the channel in the channel report.")
            label = _("Credited to %(channel)s") % {"channel": self._name(self.filters.channel)}
            credited = Column("credited", label, "number", text, emphasis=True)
            found.append(Figure(credited, float(self.groups["credit"].sum())))
        return found

    def kinds(self, most: int | None) -> Table:
        """Return how many customers there are of each kind of evidence; what is beyond ``most`` in one row."""
        shown, rest = (self.groups, self.groups[:0]) if most is None else (self.groups[:most], self.groups[most:])
        heard = Heard(self.judgement, shown["pattern_id"], self.names)
        rows: list[tuple[Any, ...]] = []
        for row in shown.to_dict("records"):
            pattern = row["pattern_id"]
            where = address_of(heard.touches[pattern], only=True)
            rows.append((heard.of(pattern), where, row["customers"], row["credit"]))
        if len(rest):
            text = _("%(number)s other combinations") % {"number": len(rest)}
            rows.append((text, None, int(rest["customers"].sum()), float(rest["credit"].sum())))
        credit = [_credit(_("Credit"), total=True, digits=1)] if self.filters.channel is not None else []
        columns = [
            Column("heard", _("What was heard"), link=address(self.filters, "customers", heard="{address}")),
            Column("address", _("Address"), hidden=True),
            Column("customers", _("Customers"), "integer", total=True),
            *credit,
        ]
        cut = [row[: len(columns)] for row in rows]
        return Table("kinds", _("What was heard of them"), columns, cut).with_totals(_("Total"))

    def page(self) -> Table:
        """Return the customers of the page that is asked for."""

        def compute() -> list[dict[str, Any]]:
            members = self._members()
            found = members.page(PAGE_ROWS, (self.filters.page - 1) * PAGE_ROWS)
            return _with_credits(members, found)

        rows = self._kept(f"page {self.filters.page}", compute)
        return Table("customers", _("Customers"), self._columns(), list(self._rows(rows)), notes=self._notes())

    def whole(self) -> Table:
        """Return all customers as a table that streams."""
        return Table("customers", _("Customers"), self._columns(), self._stream(), notes=self._notes(WHOLE_ROWS))

    def _stream(self) -> Iterator[dict[str, Any]]:
        # While one connection streams, the other is asked.
        members, other = self._members(), self._members()
        for batch in members.stream(WHOLE_ROWS):
            yield from self._rows(_with_credits(other, pa.Table.from_batches([batch])))

    def _members(self) -> Members:
        fit = self.judgement.evidence
        patterns = patterns_with(fit.patterns.table(), self.filters.heard)
        con = open_run(self.run, self.filters.model)
        return Members(con, question(self.run, self.filters), self.filters.channel, patterns)

    def _kept(self, what: str, compute: Any) -> Any:
        asked = question(self.run, self.filters).parameters()
        return kept("customers", self.run, [what, self.filters.to_query(), asked], compute)

    def _rows(self, members: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the table's rows; names and words are looked up once for all of these members."""
        uuids = dict(Customer.objects.filter(pk__in=[row["customer_id"] for row in members]).values_list("pk", "uuid"))
        heard, why = self._words(members)
        for row in members:
            uuid, shares = uuids.get(row["customer_id"]), row["credits"]
            yield {
                "customer": str(uuid)[:8] if uuid else None,
                "first_at": row["first_at"],
                "store": self.stores.get(row["store_id"]),
                "heard": heard.of(row["pattern_id"]),
                "credit": row["credit"],
                "shares": named_shares(shares, {UNKNOWN: _("Unknown"), **self.names}),
                "why": why.of(row["pattern_id"] if MODELS[self.used].is_fitted else row["path_id"]),
            } | {f"credit_{slug}": dict(shares).get(slug, 0.0) for slug in self.slugs}

    def _words(self, members: list[dict[str, Any]]) -> tuple[Heard, EvidenceWhy | RuleWhy]:
        patterns = {row["pattern_id"] for row in members}
        if MODELS[self.used].is_fitted:
            why = EvidenceWhy(self.judgement, patterns, self.names)
            return why.heard, why
        return Heard(self.judgement, patterns, self.names), RuleWhy(self.judgement, self.used, self.names)

    def _columns(self) -> list[Column]:
        if self.filters.channel is None:
            credit = _("Credit of the likeliest channel")
        else:
            credit = _("Credit of %(channel)s") % {"channel": self._name(self.filters.channel)}
        says_all = MODELS[self.used].is_fitted  # the sentence holds what was heard, and the shares
        return [
            Column("customer", _("Customer"), definition=_("How its number begins, which says nothing of the person.")),
            Column("first_at", _("First order"), "datetime"),
            Column("store", _("Store")),
            Column("heard", _("What was heard"), hidden=says_all),
            _credit(credit, type="ratio", emphasis=True),
            Column("shares", _("Credited to"), hidden=says_all),
            Column("why", _("Why")),
            *(Column(f"credit_{slug}", self._name(slug), "ratio", hidden=True) for slug in self.slugs),
        ]

    def _notes(self, most: int | None = None) -> list[str]:
        notes = [_("The most certain come first; of those equally certain, the latest.")]
        count = int(self.groups["customers"].sum())
        if most is not None and count > most:
            text = _("A sheet holds no more: the last %(number)s customers are not in it. Choose a shorter period.")
            notes.append(text % {"number": count - most})
        return notes

    def _name(self, slug: str) -> str:
        return self.names.get(slug) or _("Unknown")


def _credit(label: str, *, type: Any = "number", **more: Any) -> Column:  # noqa: A002 - the column's word
    text = _("What the attribution model gives the channel, 1 or 100% being a customer.")
    return Column("credit", label, type, text, **more)


def _with_credits(members: Members, found: pa.Table) -> list[dict[str, Any]]:
    """Return the members with the credits of their group: channel and credit, the greatest first."""
    told: dict[int, list[tuple[str, float]]] = {}
    for row in members.credits_of(found["group_id"].to_pylist()).to_pylist():
        told.setdefault(row["group_id"], []).append((row["channel"], row["credit"]))
    return [row | {"credits": told[row["group_id"]]} for row in found.to_pylist()]


CUSTOMERS = register(Report("customers", gettext_lazy("Customers and why"), CustomerForm, build, remarks, whole))
