"""Amounts of money: whole minor units of the one reporting currency."""

import re
import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from attribution.errors import DomainError
from sheets import display

LARGEST_MINOR = 10**15  # far above any till, far below what a double holds exactly


class BadAmount(DomainError):
    code = "bad_amount"
    message = _("“%(typed)s” is not an amount. Write a number such as 18.50.")


def exponent() -> int:
    """Return how many decimals the reporting currency has: 2 for CNY, 0 for JPY."""
    return display.exponent(settings.CURRENCY)


def format_money(minor: float | None) -> str:
    """Return minor units as text in the reader's language; unknown is a dash, never a zero."""
    if minor is None:
        return display.UNKNOWN
    return display.display_money(minor, settings.CURRENCY, get_language() or settings.LANGUAGE_CODE)


def parse_money(typed: str, *, field: str = "amount") -> int:
    """Return the minor units that somebody typed, full-width digits, separators and currency signs forgiven.

    Raises :class:`BadAmount` for anything else, for more decimals than the currency has, and beyond ±10^15.
    """
    shown = typed[:40]
    plain = unicodedata.normalize("NFKC", typed).strip()
    plain = re.sub(r"^(?:CNY|RMB|[¥$€£])\s*|\s*(?:元|CNY|RMB)$", "", plain, flags=re.IGNORECASE)
    if not re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,18})(\.\d+)?", plain):
        raise BadAmount(field=field, typed=shown)
    try:
        minor = Decimal(plain.replace(",", "")).scaleb(exponent())
    except InvalidOperation as error:  # pragma: no cover - the pattern above admits numbers only
        raise BadAmount(field=field, typed=shown) from error
    if minor != minor.to_integral_value(ROUND_HALF_EVEN) or abs(minor) > LARGEST_MINOR:
        raise BadAmount(field=field, typed=shown)
    return int(minor)
