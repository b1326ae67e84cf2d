"""The list of reports, and how one is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.filters import MARKOV, MODEL_NAMES, ORDER_NAMES, Filters
from attribution.customers.models import Store
from attribution.runs.models import Run
from sheets.display import display, display_interval
from sheets.table import Column, Table, Workbook
from sheets.values import Value


@dataclass(frozen=True)
class Figure:
    """One number beside the tables, typed like a column of one."""

    column: Column
    value: Value
    ends: tuple[Value, Value] | None = None  # of its interval (95 %)

    def display(self) -> str:
        return display(self.value, self.column, get_language() or "en", settings.CURRENCY, settings.BUSINESS_ZONE)

    def display_interval(self) -> str | None:
        if self.ends is None:
            return None
        language = get_language() or "en"
        return display_interval(self.ends, self.column, language, settings.CURRENCY, settings.BUSINESS_ZONE)

    def in_workbook(self) -> Value:
        """Counts stay numbers; what needs a format to be read is written as text."""
        if self.column.type == "integer":
            return self.value
        interval = self.display_interval()
        return f"{self.display()} ({interval})" if interval else self.display()

    def in_json(self) -> dict[str, Value]:
        """The number by its key, and the ends of its interval by theirs."""
        key = self.column.key
        low, high = self.ends or (None, None)
        return {key: self.value} | ({f"{key}_low": low, f"{key}_high": high} if self.ends else {})


@dataclass(frozen=True)
class Built:
    """A report's answer: figures beside the tables, the tables with where they come from, what to know of them."""

    figures: list[Figure]
    workbook: Workbook
    remarks: list[str]

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(self.workbook.tables)


@dataclass(frozen=True)
class Report:
    """``build(run, filters)`` returns the figures beside the tables and the tables, ``remarks(run, filters)`` what a
    reader has to know of them: both in the active language. ``whole`` is ``build`` for a workbook, where a page shows
    only a part of a list."""

    key: str
    title: str | Promise
    form: Callable[[Mapping[str, Any]], Any]
    build: Callable[[Run, Filters], tuple[list[Figure], list[Table]]]
    remarks: Callable[[Run, Filters], list[str]] = lambda run, filters: []
    whole: Callable[[Run, Filters], tuple[list[Figure], list[Table]]] | None = None

    @property
    def has_model(self) -> bool:
        """Whether its figures are those of a model that can be chosen."""
        return "model" in getattr(self.form, "base_fields", ())


REPORTS: dict[str, Report] = {}


def register(report: Report) -> Report:
    if REPORTS.setdefault(report.key, report) is not report:
        raise ValueError(f"two reports are called {report.key}")
    return report


def get(key: str) -> Report:
    return REPORTS[key]


def build(report: Report, run: Run, filters: Filters, *, is_whole: bool = False) -> Built:
    """Return a report's answer with its provenance; as a whole, for a workbook, its tables may be read only once."""
    figures, tables = ((is_whole and report.whole) or report.build)(run, filters)
    remarks = report.remarks(run, filters)
    period, title = filters.period, str(report.title)
    workbook = Workbook(
        title=f"{title} · {period.start} – {period.last_day}",
        tables=tables,
        about=[
            *_provenance(report, run, filters),
            *((_("Please note"), remark) for remark in remarks),
            *((figure.column.label, figure.in_workbook()) for figure in figures),
        ],
        language=get_language() or "en",
        currency=settings.CURRENCY,
        zone=settings.BUSINESS_ZONE,
    )
    return Built(figures, workbook, remarks)


def _provenance(report: Report, run: Run, filters: Filters) -> list[tuple[str, object]]:
    period = filters.period
    return [
        (_("Business"), settings.BUSINESS_NAME),
        (_("First day"), period.start),
        (_("Last day"), period.last_day),
        (_("Store"), store_name(filters)),
        *([(_("Attribution model"), model_name(filters))] if report.has_model else []),
        (_("Currency"), settings.CURRENCY),
        (_("Run"), run.pk),
        (_("Run id"), str(run.uuid)),
        (_("Evidence up to (watermark)"), run.watermark),
        (_("Code version of the run"), run.code_version),
        (_("Workbook made at"), timezone.now()),
    ]


def model_name(filters: Filters) -> str:
    name = str(MODEL_NAMES[filters.model])
    return f"{name}: {ORDER_NAMES[filters.order]}" if filters.model == MARKOV else name


def store_name(filters: Filters) -> str:
    if filters.store is None:
        return _("All stores")
    return f"{Store.objects.get(code=filters.store).name} ({filters.store})"
