"""Tables in: CSV and Excel files as chunks of text, and text as dates, amounts and counts."""

from sheets.read.columns import Columns, recognise_columns
from sheets.read.dates import DateOrder, parse_dates, parse_datetimes
from sheets.read.errors import MESSAGES, SheetError
from sheets.read.file import Chunk, FailedRow, Limits, SheetFile, open_sheet
from sheets.read.numbers import Parsed, half_even, parse_integers, parse_money, parse_scaled

__all__ = [
    "MESSAGES",
    "Chunk",
    "Columns",
    "DateOrder",
    "FailedRow",
    "Limits",
    "Parsed",
    "SheetError",
    "SheetFile",
    "half_even",
    "open_sheet",
    "parse_dates",
    "parse_datetimes",
    "parse_integers",
    "parse_money",
    "parse_scaled",
    "recognise_columns",
]
