"""Where a report leads: from a number to the customers behind it."""

from urllib.parse import urlencode

from django.urls import reverse

from analytics.filters import Filters


def address(filters: Filters, report: str, **more: str) -> str:
    """Return the address of another report with the same filters and more; ``{key}`` may stand for a column's value."""
    query = urlencode(filters.to_query() | more, safe="{}:,")
    return f"{reverse('reports:show', args=[report])}?{query}"
