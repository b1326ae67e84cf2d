"""What the reports' pages show beside the report itself."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.filters import PERIOD_NAMES, Filters
from attribution.customers.models import Order, Store
from attribution.evidence.models import Channel, Spend, Touchpoint
from attribution.money import exponent
from sheets.table import Table


def filled(form: Any, filters: Filters) -> Any:
    """Return the form with all fields filled in as they were understood: the days of a named period, for instance."""
    shown = type(form)(filters.to_query())
    shown.is_valid()
    return shown


def presets(query: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a link per named period, which keeps the other filters."""
    kept = {name: query[name] for name in ("store", "model") if query.get(name)}
    own_days = query.get("start") or query.get("end")
    current = "" if own_days else query.get("period") or next(iter(PERIOD_NAMES))
    return [
        {"label": label, "query": urlencode({"period": name} | kept), "is_current": name == current}
        for name, label in PERIOD_NAMES.items()
    ]


def chart(table: Table, currency: str) -> dict[str, Any] | None:
    """Return what the page's script draws: the table as the API gives it, and how it is to be drawn."""
    if table.chart is None:
        return None
    numeric = [
        column.key for column in table.columns if column.is_numeric and not column.key.endswith(("_low", "_high"))
    ]
    return {
        "table": table.to_json(),
        "kind": table.chart.kind,
        "category": table.chart.category,
        "values": table.chart.values,
        "choices": numeric,
        "currency": currency,
        "exponent": exponent(),
        "language": "zh-CN" if (get_language() or "").startswith("zh") else "en-US",
        "words": {"low_high": _("Interval (95%)"), "unknown": _("not known")},
    }


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
