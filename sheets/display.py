"""How a value reads on a page or in a message, in the reader's language."""

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from typing import cast

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision

from sheets.table import Column
from sheets.values import Value

UNKNOWN = "—"
_AND_MORE = {"en": "{} and more", "zh": "{} 以上"}


@lru_cache
def locale_of(language: str) -> Locale:
    """Return the conventions of ``zh-hans`` or ``en``."""
    return Locale.parse("zh_Hans_CN" if language.startswith("zh") else "en_US")


def exponent(currency: str) -> int:
    """Return how many decimals a currency has: 2 for CNY, 0 for JPY."""
    return int(get_currency_precision(currency))


def display_money(minor: float, currency: str, language: str) -> str:
    """Return an amount of minor units as people read it.

    There is one currency in a business, so the yuan's sign stands alone in English too: “CN¥” says nothing more.

    Examples
    --------
    >>> display_money(1234550, "CNY", "en"), display_money(-500, "JPY", "en")
    ('¥12,345.50', '-¥500')
    """
    amount = Decimal(repr(minor)).scaleb(-exponent(currency))
    return str(format_currency(amount, currency, locale=locale_of(language))).replace("CN¥", "¥")


def display(value: Value, column: Column, language: str, currency: str, zone: dt.tzinfo = dt.UTC) -> str:
    """Return a cell as people read it; unknown is a dash, never a zero.

    Examples
    --------
    >>> cost = Column("cost", "Cost", "money")
    >>> display(1234550, cost, "zh-hans", "CNY"), display(None, cost, "zh-hans", "CNY")
    ('¥12,345.50', '—')
    >>> display(0.1234, Column("share", "Share", "ratio"), "en", "CNY")
    '12.3%'
    """
    if value is None:
        return UNKNOWN
    if column.type == "text":
        return str(value)
    locale = locale_of(language)
    if isinstance(value, dt.date):
        return _moment(value, locale, zone)
    number = Decimal(repr(value))
    if column.type == "money":
        return display_money(cast(float, value), currency, language)
    if column.type == "ratio":
        return str(format_percent(number, "#,##0.0%", locale=locale))
    if column.type == "duration":
        return _duration(cast(float, value))
    digits = column.digits if column.type == "number" else 0
    return str(format_decimal(number, "#,##0." + "0" * digits if digits else "#,##0", locale=locale))


def display_interval(
    ends: tuple[Value, Value], column: Column, language: str, currency: str, zone: dt.tzinfo = dt.UTC
) -> str | None:
    """Return an interval as people read it; None where it is not known.

    Examples
    --------
    >>> cost = Column("cost", "Cost", "money")
    >>> display_interval((1_010, 1_480.5), cost, "en", "CNY"), display_interval((1_010, None), cost, "en", "CNY")
    ('¥10.10–¥14.80', '¥10.10 and more')
    """
    if ends[0] is None:
        return None
    low, high = (display(end, column, language, currency, zone) for end in ends)
    return f"{low}–{high}" if ends[1] is not None else and_more(low, language)


def and_more(low: str, language: str) -> str:
    """Return how an interval reads that has a lower end and no upper one."""
    return _AND_MORE["zh" if language.startswith("zh") else "en"].format(low)


def _moment(value: dt.date, locale: Locale, zone: dt.tzinfo) -> str:
    if not isinstance(value, dt.datetime):
        return str(format_date(value, "medium", locale=locale))
    local = value.astimezone(zone) if value.tzinfo else value
    return str(format_datetime(local.replace(tzinfo=None), "medium", locale=locale))


def _duration(seconds: float) -> str:
    sign, whole = ("−" if seconds < 0 else ""), round(abs(seconds))
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
