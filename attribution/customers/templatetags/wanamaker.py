"""How values look on a page."""

import re
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe

from attribution.money import format_money

register = template.Library()
register.filter("money", format_money)


@register.filter
def count(number: int | None) -> str:
    """Return a count with its thousands told apart, as both languages write it: 525,461."""
    return "—" if number is None else f"{number:,}"


@register.simple_tag
@cache
def style(name: str) -> SafeString:
    """Return a style sheet of ours to stand in the page itself, without what only its writers read."""
    sheet = Path(str(finders.find(name))).read_text(encoding="utf-8")
    return mark_safe(" ".join(re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL).split()))  # noqa: S308 - our own file
