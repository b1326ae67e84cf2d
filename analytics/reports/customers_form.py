"""What the report of customers can be asked for besides period, store and model: a channel, and what was heard."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.filters import MODEL_NAMES, Filters, ReportForm
from analytics.metrics.value import UNKNOWN
from attribution.engine import MODELS
from attribution.evidence.models import Channel
from attribution.warehouse import DONT_REMEMBER

NOTHING_ELSE = "only"
MOST_PAGES = 100_000
SOURCE_NAMES = {
    "survey": gettext_lazy("Said"),
    "coupon": gettext_lazy("Used a coupon of"),
    "link": gettext_lazy("Followed a link of"),
    "referral": gettext_lazy("Came by a referral"),
    "import": gettext_lazy("Imported as from"),
}


@dataclass(frozen=True)
class CustomerFilters(Filters):
    """Also a ``channel`` to which customers were credited (None: whichever), ``heard`` (see `patterns_with`), and a
    ``page`` of the list, which no workbook has."""

    channel: str | None = None
    heard: str = ""
    page: int = 1

    def to_query(self) -> dict[str, str]:
        given = {"channel": self.channel, "heard": self.heard}
        return super().to_query() | {name: value for name, value in given.items() if value}


class CustomerForm(ReportForm):
    """A model with totals only credits no customer, and cannot be chosen."""

    order = None  # type: ignore[assignment]  # Django's word for a field that is not taken over
    channel = forms.ChoiceField(label=gettext_lazy("Credited to"), required=False)
    heard = forms.ChoiceField(label=gettext_lazy("What was heard"), required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=MOST_PAGES, widget=forms.HiddenInput)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        names = [(one.slug, one.name) for one in Channel.objects.all()]
        channels = [("", _("the likeliest channel")), *names, (UNKNOWN, _("Unknown"))]
        self._choices("channel", channels, _("There is no channel “%(value)s”."))
        models = [choice for choice in MODEL_NAMES.items() if MODELS[choice[0]].per_customer]
        self._choices("model", models, _("“%(value)s” is no model that credits single customers."))
        self._choices("heard", _heard_choices(names, self.data.get("heard", "")), _("“%(value)s” cannot be heard."))

    def filters(self) -> CustomerFilters:
        plain, cleaned = super().filters(), self.cleaned_data
        return CustomerFilters(
            plain.period,
            plain.store,
            plain.model,
            channel=cleaned["channel"] or None,
            heard=cleaned["heard"],
            page=cleaned["page"] or 1,
        )


def _heard_choices(names: list[tuple[str, str]], given: str) -> list[Any]:
    """Return what can be chosen, in groups; what only a link asks for is there while it is asked for."""
    choices: list[Any] = [("", _("anything")), (NOTHING_ELSE, _("Nothing"))]
    for source, label in SOURCE_NAMES.items():
        heard = [(f"{source}:{slug}", f"{label} {name}") for slug, name in names]
        if source == "survey":
            heard.append((f"{source}:{DONT_REMEMBER}", _("Could not remember")))
        choices.append((str(label), heard))
    offered = {key for _group, heard in choices[2:] for key, _name in heard} | {"", NOTHING_ELSE}
    if given not in offered and is_heard(given, {slug for slug, _name in names}):
        named = dict(names) | {DONT_REMEMBER: _("Could not remember")}
        choices.append((given, _in_words(given, named)))
    return choices


def is_heard(text: str, slugs: set[str]) -> bool:
    """Whether a text is one that `patterns_with` reads."""
    for token in text.split(","):
        source, has_channel, channel = token.partition(":")
        known = channel in slugs or (source == "survey" and channel == DONT_REMEMBER)
        if token != NOTHING_ELSE and (source not in SOURCE_NAMES or (has_channel and not known)):
            return False
    return True


def _in_words(text: str, names: dict[str, str]) -> str:
    words = []
    for token in text.split(","):
        source, _colon, channel = token.partition(":")
        if token == NOTHING_ELSE:
            words.append(_("nothing else"))
        else:
            which = names[channel] if channel else _("any channel")
            words.append(f"{SOURCE_NAMES[source]} {which}")
    return " + ".join(words)


def patterns_with(table: pa.Table, heard: str) -> list[int] | None:
    """Return the patterns of evidence in which this was heard; None where anything will do.

    ``heard`` are words with commas between: ``survey:metro`` (said so), ``coupon`` (used one of any channel), ``only``
    (nothing else was heard).

    Parameters
    ----------
    table : ``pattern_id``, and a column for each kind of evidence: the channel it names, or null
    """
    if not heard:
        return None
    tokens = [token for token in heard.split(",") if token != NOTHING_ELSE]
    wanted = dict(token.partition(":")[::2] for token in tokens)
    return [row["pattern_id"] for row in table.to_pylist() if _fits(row, wanted, NOTHING_ELSE in heard.split(","))]


def _fits(row: dict[str, Any], wanted: dict[str, str], nothing_else: bool) -> bool:
    for source in SOURCE_NAMES:
        said = row[source]
        if source not in wanted:
            if nothing_else and said is not None:
                return False
        elif said is None or (wanted[source] or said) != said or (not wanted[source] and said == DONT_REMEMBER):
            return False
    return True


def address_of(heard: Iterable[tuple[str, str]], *, only: bool = False) -> str:
    """Return `patterns_with`'s words for what some kinds of evidence name."""
    return ",".join(
        [*(f"{source}:{channel}" if channel else source for source, channel in heard), *[NOTHING_ELSE] * only]
    )
