"""The list of reports, and how one is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.filters import MODEL_NAMES, Filters
from attribution.customers.models import Store
from attribution.runs.models import Run
from sheets.display import display
from sheets.table import Column, Table, Workbook
from sheets.values import Value


@dataclass(frozen=True)
class Figure:
    """One number beside the tables, typed like a column of one."""

    column: Column
    value: Value

    def display(self) -> str:
        return display(self.value, self.column, get_language() or "en", settings.CURRENCY, settings.BUSINESS_ZONE)

    def in_workbook(self) -> Value:
        """Counts stay numbers; what needs a format to be read is written as text."""
        return self.value if self.column.type == "integer" else self.display()


@dataclass(frozen=True)
class Built:
    """A report's answer: the figures beside the tables, and the tables with where they come from."""

    figures: list[Figure]
    workbook: Workbook

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(self.workbook.tables)


@dataclass(frozen=True)
class Report:
    """``build(run, filters)`` returns the figures beside the tables and the tables, in the active language."""

    key: str
    title: str | Promise
    form: Callable[[Mapping[str, Any]], Any]
    build: Callable[[Run, Filters], tuple[list[Figure], list[Table]]]


REPORTS: dict[str, Report] = {}


def register(report: Report) -> Report:
    if REPORTS.setdefault(report.key, report) is not report:
        raise ValueError(f"two reports are called {report.key}")
    return report


def get(key: str) -> Report:
    return REPORTS[key]


def build(report: Report, run: Run, filters: Filters) -> Built:
    """Return a report's answer with its provenance."""
    figures, tables = report.build(run, filters)
    period, title = filters.period, str(report.title)
    workbook = Workbook(
        title=f"{title} · {period.start} – {period.last_day}",
        tables=tables,
        about=[*_provenance(run, filters), *((figure.column.label, figure.in_workbook()) for figure in figures)],
        language=get_language() or "en",
        currency=settings.CURRENCY,
        zone=settings.BUSINESS_ZONE,
    )
    return Built(figures, workbook)


def _provenance(run: Run, filters: Filters) -> list[tuple[str, object]]:
    period = filters.period
    return [
        (_("Business"), settings.BUSINESS_NAME),
        (_("First day"), period.start),
        (_("Last day"), period.last_day),
        (_("Store"), store_name(filters)),
        (_("Attribution model"), str(MODEL_NAMES[filters.model])),
        (_("Currency"), settings.CURRENCY),
        (_("Run"), run.pk),
        (_("Run id"), str(run.uuid)),
        (_("Evidence up to (watermark)"), run.watermark),
        (_("Code version of the run"), run.code_version),
        (_("Workbook made at"), timezone.now()),
    ]


def store_name(filters: Filters) -> str:
    if filters.store is None:
        return _("All stores")
    return f"{Store.objects.get(code=filters.store).name} ({filters.store})"
