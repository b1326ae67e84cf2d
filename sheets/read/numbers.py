"""Text as amounts and counts, column by column: exact, and every failure with its code."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import numpy as np
import pandas as pd

from sheets.display import exponent

LARGEST = 10**15  # what a double, an Excel cell and JavaScript hold exactly, with room
_EXACT = Context(prec=100)  # more digits than a number below has, so nothing is rounded twice
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.\d{0,40})?|[+-]?\.\d{1,40}")
_SIGNS = {
    "CNY": ("CNY", "RMB", "人民币", "¥", "元", "圆"),
    "JPY": ("JPY", "¥", "円", "日元"),
    "USD": ("USD", "US$", "$", "美元"),
    "EUR": ("EUR", "€", "欧元"),
    "GBP": ("GBP", "£", "英镑"),
    "HKD": ("HKD", "HK$", "港元", "港币"),
}


@dataclass(frozen=True)
class Parsed:
    """One column read.

    ``values`` has the index of the text, NA where it is blank or wrong; ``errors`` holds a code of ``ROW_MESSAGES`` for
    the wrong ones alone, by the same index (the message's ``{value}`` is the text that stood there).
    """

    values: pd.Series
    errors: pd.Series


def parse_integers(text: pd.Series) -> Parsed:
    """Return whole numbers as Int64; "1,200" and "12.0" are some, "2.5" is not.

    Examples
    --------
    >>> parse_integers(pd.Series(["１２", "-1,200", "2.5"])).values.tolist()
    [12, -1200, <NA>]
    """
    return parse_each(text, _whole, "Int64")


def parse_money(text: pd.Series, currency: str) -> Parsed:
    """Return amounts as Int64 minor units, rounded half-even; see :func:`parse_scaled`.

    Examples
    --------
    >>> parse_money(pd.Series(["￥1,234.565", "18元", "$3"]), "CNY").values.tolist()
    [123456, 1800, <NA>]
    """
    return parse_scaled(text, exponent(currency), currency)


def parse_scaled(text: pd.Series, digits: int, currency: str = "CNY") -> Parsed:
    """Return decimal numbers as Int64 of 10⁻ᵈⁱᵍⁱᵗˢ, rounded half-even: unit prices with ``digits=6``, say.

    Thousands separators, full-width digits, the currency's own signs and accountants' brackets are understood;
    ``12,50`` is not a number, since a comma separates thousands. Another currency's sign is ``other_currency``.
    """
    return parse_each(text, lambda value: _scaled(value, digits, currency), "Int64")


def half_even(numbers: pd.Series, divisor: int) -> pd.Series:
    """Return integers divided by a positive integer, rounded half-even, NA kept.

    Examples
    --------
    >>> half_even(pd.Series([25, 35, -25, None], dtype="Int64"), 10).tolist()
    [2, 4, -2, <NA>]
    """
    whole = numbers.astype("Int64")
    quotient, rest = whole // divisor, whole % divisor
    up = (rest * 2 > divisor) | ((rest * 2 == divisor) & (quotient % 2 == 1))
    return quotient + up.astype("Int64")


def parse_each(text: pd.Series, read: Callable[[str], Any], dtype: Any) -> Parsed:
    """Read each distinct text once. ``read`` returns a value, or raises ValueError with a code."""
    places, distinct = pd.factorize(text)
    values: list[Any] = []
    codes: list[str | None] = []
    for one in distinct:
        try:
            values.append(read(one))
            codes.append(None)
        except ValueError as error:
            values.append(None)
            codes.append(str(error))
    found = pd.array([*values, None], dtype=dtype).take(places)  # place −1, a blank, is the None at the end
    wrong = np.array([*codes, None], dtype=object)[places]
    failed = np.array([code is not None for code in wrong], dtype=bool)
    return Parsed(pd.Series(found, index=text.index), pd.Series(wrong[failed], index=text.index[failed], dtype="str"))


def _whole(text: str) -> int:
    number = _decimal(_narrow(text), "not_an_integer")
    if number != number.to_integral_value():
        raise ValueError("not_an_integer")
    return _limited(number)


def _scaled(text: str, digits: int, currency: str) -> int:
    plain = _without_sign(_narrow(text), currency)
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1].strip()
    number = _EXACT.scaleb(_decimal(plain, "not_a_number"), digits)
    return _limited(number.to_integral_value(ROUND_HALF_EVEN))


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def _without_sign(text: str, currency: str) -> str:
    minus, rest = ("-", text[1:].lstrip()) if text.startswith("-") else ("", text)
    upper = rest.upper()
    for name, signs in _SIGNS.items():
        for sign in signs:
            bare = None
            if upper.startswith(sign):
                bare = rest[len(sign) :]
            elif upper.endswith(sign):
                bare = rest[: -len(sign)]
            if bare is None:
                continue
            if name == currency or sign in _SIGNS.get(currency, (currency,)):
                return minus + bare.strip()
            raise ValueError("other_currency")
    return minus + rest


def _decimal(text: str, code: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError(code)
    return Decimal(text.replace(",", ""))


def _limited(number: Decimal) -> int:
    if abs(number) > LARGEST:
        raise ValueError("number_too_large")
    return int(number)
