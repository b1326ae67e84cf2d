"""What may stand in a cell of a Table: one Python value per column type, and ``None`` for unknown."""

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

ColumnType = Literal["text", "integer", "money", "ratio", "number", "date", "datetime", "duration"]
COLUMN_TYPES: tuple[str, ...] = get_args(ColumnType)
NUMERIC: frozenset[str] = frozenset({"integer", "money", "ratio", "number", "duration"})

Value = str | int | float | dt.date | dt.datetime | None


def is_unknown(value: object) -> bool:
    """Return whether a value says nothing: None, NaN, NaT or pandas' NA."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float | Decimal | np.floating | np.datetime64 | np.timedelta64) and bool(value != value)


def clean(value: object, kind: ColumnType) -> Value:
    """Return the value as its column type keeps it.

    Parameters
    ----------
    value : anything a report may hand over: Python, numpy or pandas scalars, lazily translated text
    kind : ``text`` str · ``integer`` int · ``money`` int or float of minor units · ``ratio`` and ``number`` float or
        int · ``date`` date · ``datetime`` datetime · ``duration`` seconds

    Raises
    ------
    TypeError, ValueError : the value does not belong into such a column, with the reason as text

    Examples
    --------
    >>> clean(3.0, "integer"), clean(float("nan"), "money"), clean(Decimal("0.25"), "ratio")
    (3, None, 0.25)
    """
    if is_unknown(value):
        return None
    return _CLEANERS[kind](value)


def _text(value: Any) -> str:
    return value if type(value) is str else str(value)


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    if isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_):
        return int(value)
    if isinstance(value, float | np.floating | Decimal) and value == value // 1:
        return int(value)
    raise TypeError(f"{value!r} is not a whole number")


def _number(value: Any) -> int | float:
    kind = type(value)
    if kind is int:
        return int(value)
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | Decimal | np.integer | np.floating):
        raise TypeError(f"{value!r} is not a number")
    if isinstance(value, int | np.integer):
        return int(value)
    plain = float(value)
    if math.isinf(plain):
        raise ValueError(f"{value!r} is not finite")
    return plain


def _date(value: Any) -> dt.date:
    if isinstance(value, np.datetime64 | pd.Timestamp):
        moment = pd.Timestamp(value)
        if moment.tzinfo is None and moment == moment.normalize():
            return moment.date()
        raise TypeError(f"{value!r} is a moment, not a day")
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        raise TypeError(f"{value!r} is not a date")
    return value


def _datetime(value: Any) -> dt.datetime:
    if isinstance(value, np.datetime64 | pd.Timestamp):
        return pd.Timestamp(value).to_pydatetime(warn=False)
    if not isinstance(value, dt.datetime):
        raise TypeError(f"{value!r} is not a date with a time")
    return value


def _duration(value: Any) -> int | float:
    if isinstance(value, np.timedelta64 | pd.Timedelta):
        return float(pd.Timedelta(value).total_seconds())
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    return _number(value)


_CLEANERS: dict[str, Callable[[Any], Value]] = {
    "text": _text,
    "integer": _integer,
    "money": _number,
    "ratio": _number,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "duration": _duration,
}
