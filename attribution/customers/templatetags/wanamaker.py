"""How values look on a page."""

from django import template

from attribution.money import format_money

register = template.Library()
register.filter("money", format_money)


@register.filter
def count(number: int | None) -> str:
    """Return a count with its thousands told apart, as both languages write it: 525,461."""
    return "—" if number is None else f"{number:,}"
