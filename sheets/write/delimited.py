"""Tables as CSV: UTF-8 with a byte order mark, so that Excel reads Chinese; safe as :mod:`sheets.write.safe` says."""

import csv
import datetime as dt
from decimal import Decimal
from typing import TextIO

from sheets.display import exponent
from sheets.table import Column, Table
from sheets.values import Value
from sheets.write.safe import safe_text


def write_csv(
    table: Table, target: TextIO, *, currency: str = "CNY", zone: dt.tzinfo = dt.UTC, has_mark: bool = True
) -> None:
    """Write header and rows, totals left out: money in units, ratios as fractions, ISO dates, unknown as nothing.

    ``target`` is a text file opened with ``newline=""`` and ``encoding="utf-8"``; the byte order mark is written here,
    unless another encoding has none.
    """
    if has_mark:
        target.write("\ufeff")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([safe_text(column.label) for column in table.columns])
    digits = exponent(currency)
    for row in table.iterate():
        writer.writerow([_text(value, column, digits, zone) for value, column in zip(row, table.columns, strict=True)])


def _text(value: Value, column: Column, digits: int, zone: dt.tzinfo) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, dt.datetime):
        return (value.astimezone(zone) if value.tzinfo else value).isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if column.type == "money":
        return f"{Decimal(repr(value)).scaleb(-digits):f}"
    return repr(value)
