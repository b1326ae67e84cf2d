"""Cells as the types of their fields, by the column."""

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
from django.conf import settings

from attribution.customers.imports.messages import tell
from sheets.read import Parsed, parse_dates, parse_datetimes, parse_integers, parse_money, parse_scaled

if TYPE_CHECKING:
    from attribution.customers.imports.contract import Field

QUANTITY_DIGITS, PRICE_DIGITS = 3, 6


def parse(kind: str, text: pd.Series, order: Any, zone: dt.tzinfo) -> Parsed:
    """Return the column's values, NA where blank or wrong, and the codes of what is wrong."""
    match kind:
        case "integer":
            return parse_integers(text)
        case "money":
            return parse_money(text, settings.CURRENCY)
        case "quantity":
            return parse_scaled(text, QUANTITY_DIGITS, settings.CURRENCY)
        case "price":
            return parse_scaled(text, PRICE_DIGITS, settings.CURRENCY)
        case "date":
            return parse_dates(text, order)
        case "datetime":
            return parse_datetimes(text, order, zone)
    return Parsed(text, pd.Series(dtype="str"))


def explain(bad: dict[int, str], field: "Field", text: pd.Series, errors: pd.Series) -> None:
    """Add to ``bad`` why rows fail in this column, unless they are there already."""
    for row in errors.index:
        bad.setdefault(int(row), tell(errors[row], {"value": text[row][:60], "currency": settings.CURRENCY}))
    if field.required:
        for row in text.index[text.isna()]:
            bad.setdefault(int(row), tell("blank", {"field": field.label}))
    if field.most is not None:
        for row in text.index[text.str.len() > field.most]:
            bad.setdefault(int(row), tell("too_long", {"field": field.label, "limit": field.most}))
