"""What the staff's pages share."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from attribution.money import exponent
from sheets.display import and_more
from sheets.table import Table

View = Callable[..., HttpResponseBase]


def only_by_post(page: str, *names: str) -> Callable[[View], View]:
    """Act on POST alone, and lead who only looks to ``page``, of whose address ``names`` are the arguments.

    People come by GET without meaning to: after logging in again in the middle, or by the other language.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method in {"GET", "HEAD"}:
                return redirect(page, **{name: kwargs[name] for name in names})
            return HttpResponseNotAllowed(["POST"])

        return guarded

    return decorate


def chart_data(table: Table, choices: Sequence[str]) -> dict[str, Any] | None:
    """Return what the pages' script draws of a table that has a chart; of the columns ``choices`` one is shown."""
    if table.chart is None:
        return None
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "table": table.to_json(),
        "kind": table.chart.kind,
        "category": table.chart.category,
        "values": table.chart.values,
        "choices": choices,
        "currency": settings.CURRENCY,
        "exponent": exponent(),
        "language": "zh-CN" if language.startswith("zh") else "en-US",
        "words": {
            "low_high": _("Interval (95%)"),
            "and_more": and_more("%s", language),
            "unknown": _("not known"),
        },
    }
