"""What the reports' pages show beside the report itself."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from analytics.filters import PERIOD_NAMES, Filters
from analytics.reports import REPORTS, Built, Report
from analytics.reports.customers import PAGE_ROWS
from attribution.customers.models import Order, Store
from attribution.evidence.models import Channel, Spend, Touchpoint
from attribution.pages import chart_data
from sheets.table import Table


def filled(form: Any, filters: Filters) -> Any:
    """Return the form with all fields filled in as they were understood: the days of a named period, for instance."""
    shown = type(form)(filters.to_query())
    shown.is_valid()
    return shown


def presets(query: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a link per named period, which keeps the other filters."""
    kept = {name: query[name] for name in ("store", "model", "order") if query.get(name)}
    own_days = query.get("start") or query.get("end")
    current = "" if own_days else query.get("period") or next(iter(PERIOD_NAMES))
    return [
        {"label": label, "query": urlencode({"period": name} | kept), "is_current": name == current}
        for name, label in PERIOD_NAMES.items()
    ]


def tabs(report: Report, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a link per report, which keeps the filters that all of them know."""
    kept = urlencode(
        {name: query[name] for name in ("period", "start", "end", "store", "model", "order") if query.get(name)}
    )
    return [
        {"label": one.title, "url": f"{reverse('reports:show', args=[one.key])}?{kept}", "is_current": one is report}
        for one in REPORTS.values()
    ]


def listed(built: Built, filters: Filters) -> dict[str, Any] | None:
    """Return what leads through a list that the page shows a part of: the part, and the address of the others."""
    number = getattr(filters, "page", None)
    listed = next((figure.value for figure in built.figures if figure.column.key == "listed"), None)
    if number is None or listed is None:
        return None
    paginator = Paginator(range(int(cast(int, listed))), PAGE_ROWS)
    return {"page": paginator.get_page(number), "query": urlencode(filters.to_query())}


def chart(tables: Sequence[Table]) -> dict[str, Any] | None:
    """Return what the page's script draws: the first table with a chart as the API gives it, and how it is drawn."""
    table = next((table for table in tables if table.chart is not None), None)
    if table is None:
        return None
    return chart_data(
        table, [one.key for one in table.columns if one.is_numeric and one.key not in table.interval_ends]
    )


def first_steps() -> list[dict[str, Any]]:
    """Return what a new shop does to see its first figures, and what of it is done."""
    steps = (
        (_("Add your stores"), "admin:customers_store_changelist", Store.objects.exists()),
        (_("Set up your channels"), "admin:evidence_channel_changelist", Channel.objects.exists()),
        (_("Enter what you spend on them"), "spend:list", Spend.objects.exists()),
        (_("Let guests answer a questionnaire, or redeem coupons"), "surveys:list", Touchpoint.objects.exists()),
        (_("Import your orders"), "imports:list", Order.objects.filter(customer__isnull=False).exists()),
        (_("Wait for the first run: it starts by itself and takes seconds"), "runs:list", False),
    )
    return [{"label": label, "url": _url(route), "done": done} for label, route, done in steps]


def _url(route: str) -> str | None:
    try:
        return reverse(route)
    except NoReverseMatch:
        return None


def number(text: str | None) -> int:
    """Return a row's number from a form; 0, which no row has, for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0
