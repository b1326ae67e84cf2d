"""Two runs side by side: what they were made from, what they read, and what came of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import date as day
from django.template.defaultfilters import filesizeformat
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from attribution.runs import words
from attribution.runs.models import Run

NOTHING = "—"


@dataclass(frozen=True)
class Pair:
    """One thing in two runs, as the reader sees it; ``change`` is what a number grew by."""

    label: str
    one: str
    other: str
    change: str = ""

    @property
    def differs(self) -> bool:
        return self.one != self.other


@dataclass(frozen=True)
class Section:
    title: str
    pairs: list[Pair]
    is_counted: bool = False  # the values are numbers, and change

    @property
    def differing(self) -> int:
        return sum(pair.differs for pair in self.pairs)


def sections(one: Run, other: Run) -> list[Section]:
    """Return all that can be compared; of runs from before something was recorded, what there is."""
    found = [
        Section(_("How they were made"), [*_made(one, other), *_settings(one, other)]),
        Section(_("Rows read"), _counted(_rows(one), _rows(other)), is_counted=True),
        Section(_("Rows counted"), _counted(_counts(one), _counts(other)), is_counted=True),
    ]
    names = words.channel_names()
    found += [
        Section(
            _("New customers: %(model)s") % {"model": label},
            _counted(_customers(one, model, names), _customers(other, model, names), places=1),
            is_counted=True,
        )
        for model, label in words.MODEL_NAMES.items()
    ]
    return [section for section in found if section.pairs]


def _made(one: Run, other: Run) -> list[Pair]:
    told: list[tuple[str, Callable[[Run], str]]] = [
        (_("Everything up to"), lambda run: day(localtime(run.watermark), "Y-m-d H:i:s") if run.watermark else NOTHING),
        (_("Engine"), lambda run: run.code_version or NOTHING),
        (_("Customers judged"), lambda run: _number(run.customers)),
        (_("Seconds"), lambda run: _number(run.seconds, 1)),
        (_("Peak memory"), lambda run: filesizeformat(run.peak_memory) if run.peak_memory else _("not known")),
    ]
    return [Pair(label, tell(one), tell(other)) for label, tell in told]


def _settings(one: Run, other: Run) -> list[Pair]:
    def told(run: Run) -> dict[str, str]:
        spans = {str(label): _number(days, 1) for label, days in words.spans(run.parameters)}
        return spans | {str(label): value for label, value in words.model_settings(run.model_settings)}

    return [Pair(label, *values) for label, *values in _both(told(one), told(other), NOTHING)]


def _rows(run: Run) -> dict[str, float]:
    return {name: fact["rows"] for name, fact in sorted(run.snapshot.get("facts", {}).items())}


def _counts(run: Run) -> dict[str, float]:
    first = words.counts(run.excluded)
    return {str(label): rows for label, rows in (*first, *words.counts(run.orders_excluded, of_orders=True))}


def _customers(run: Run, model: str, names: Mapping[str, str]) -> dict[str, float]:
    found = run.results.get("customers", {}).get(model, {})
    known = [slug for slug in names if slug in found]
    return {names.get(slug, slug): found[slug][0] for slug in (*known, *(slug for slug in found if slug not in names))}


def _counted(one: Mapping[str, float], other: Mapping[str, float], *, places: int = 0) -> list[Pair]:
    return [
        Pair(label, _number(first, places), _number(second, places), _change(first, second, places))
        for label, first, second in _both(one, other, None)
    ]


def _both(one: Mapping[str, Any], other: Mapping[str, Any], missing: Any) -> Iterable[tuple[str, Any, Any]]:
    for label in dict.fromkeys([*one, *other]):
        yield label, one.get(label, missing), other.get(label, missing)


def _number(value: float | None, places: int = 0) -> str:
    return NOTHING if value is None else f"{value:,.{places}f}"


def _change(first: float | None, second: float | None, places: int) -> str:
    if first is None or second is None or round(first, places) == round(second, places):
        return ""
    return f"{'+' if second > first else '−'}{_number(abs(second - first), places)}"
