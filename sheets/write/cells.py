"""One row of a sheet as XML.

openpyxl writes a formula without the value it has, so pandas, previews and phones would show nothing; and it spends
ten times longer on a cell. So the rows are written here, and everything around them (styles, widths, charts, the
package) stays openpyxl's; :mod:`sheets.write.book` puts both together.
"""

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from openpyxl.utils import get_column_letter

from sheets.display import exponent
from sheets.table import Column, Ratio, Row, Table
from sheets.values import Value
from sheets.write.errorbars import Length
from sheets.write.safe import safe_text, xml_text
from sheets.write.styles import Styles, words
from sheets.write.width import text_width

EXACT = 2**53  # beyond it a double, which is what an Excel number is, skips whole numbers
_FIRST_DAY = dt.date(1900, 3, 1)  # Excel believes in 29 February 1900; days before it would be off by one
_DAY_ZERO = dt.date(1899, 12, 30)

Encode = Callable[[Any], str]  # a known value → what follows `<c r=".." s=".."`


@dataclass
class RowWriter:
    """Turns the rows of one table into XML, and remembers how wide the columns have to be."""

    table: Table
    styles: Styles
    zone: dt.tzinfo
    total_row: int | None = None  # where the total row will stand, if it will be on this sheet
    widths: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        columns = self.table.columns
        self.letters = [get_column_letter(i) for i in range(1, len(columns) + 1)]
        self._cut = words(self.styles.language)["cut"]
        self._note = self.styles.note()
        self._body = [self._cell(i, column, self.styles.body(column)) for i, column in enumerate(columns)]
        self._total = [self._cell(i, column, self.styles.total(column)) for i, column in enumerate(columns)]
        known = [True] * len(columns) if self.table.streams else self._known()
        # What is known of the whole alone is no sum of its rows.
        self._summed = [column.total and some for column, some in zip(columns, known, strict=True)]
        self._blank_total = [f'" s="{self.styles.total(column)}"/>' for column in columns]
        self.widths = [min(text_width(column.label) + 4, 16 if column.is_numeric else 22) for column in columns]

    def header(self) -> str:
        cells = (
            f'<c r="{letter}1" s="{self.styles.header(column)}"{_string(safe_text(column.label, self._cut))}'
            for letter, column in zip(self.letters, self.table.columns, strict=True)
        )
        # Said outright: not every program makes a row as high as its wrapped text by itself.
        labels = zip(self.table.columns, self.widths, strict=True)
        lines = max(math.ceil(text_width(column.label) / max(width - 4, 1)) for column, width in labels)
        return f'<row r="1" ht="{15 * lines + 3}" customHeight="1">{"".join(cells)}</row>'

    def row(self, values: Row, number: int) -> str:
        """Return a body row; what is unknown has no cell."""
        cells = [cell(value, number) for cell, value in zip(self._body, values, strict=True) if value is not None]
        return f'<row r="{number}">{"".join(cells)}</row>'

    def totals(self, number: int, live: bool) -> str:
        """Return the total row, with live sums over the rows above it unless they lie on several sheets."""
        cells = []
        for i, value in enumerate(self.table.totals):
            if value is None:
                cells.append(f'<c r="{self.letters[i]}{number}{self._blank_total[i]}')
            elif self._summed[i] and live and number > 2:
                letter = self.letters[i]
                cells.append(_live(self._total[i](value, number), f"SUM({letter}2:{letter}{number - 1})"))
            else:
                cells.append(self._total[i](value, number))
        return f'<row r="{number}">{"".join(cells)}</row>'

    def note(self, text: str, number: int, letter: str = "A") -> str:
        return f'<row r="{number}"><c r="{letter}{number}" s="{self._note}"{_string(safe_text(text, self._cut))}</row>'

    def aside(self, cells: Iterable[Length], number: int) -> str:
        """Return a row of small print."""
        parts = []
        for place, column, value, formula in cells:
            if value is not None:
                start = f'<c r="{get_column_letter(place + 1)}{number}" s="{self.styles.aside(column)}"'
                parts.append(_live(start + self._encoder(column)(value), formula))
        return f'<row r="{number}">{"".join(parts)}</row>'

    def measure(self, rows: Iterable[Row], show: Callable[[Value, Column], str]) -> None:
        """Widen the columns so that these rows fit."""
        for row in rows:
            for i, value in enumerate(row):
                if value is not None:
                    self.widths[i] = max(self.widths[i], min(text_width(show(value, self.table.columns[i])) + 2, 60))

    def _known(self) -> list[bool]:
        return [any(row[i] is not None for row in self.table.rows) for i in range(len(self.table.columns))]

    def _cell(self, index: int, column: Column, style: int) -> Callable[[Any, int], str]:
        before, middle, encode = f'<c r="{self.letters[index]}', f'" s="{style}"', self._encoder(column)

        def plain(value: Any, number: int) -> str:
            return f"{before}{number}{middle}{encode(value)}"

        if column.formula is None or (column.formula.of_total and self.total_row is None):
            return plain
        formula = self._ratio(column.formula)
        return lambda value, number: _live(plain(value, number), formula.replace("#", str(number)))

    def _ratio(self, ratio: Ratio) -> str:
        above = self.letters[self.table.position(ratio.numerator)] + "#"
        below = self.letters[self.table.position(ratio.denominator)]
        below += f"${self.total_row}" if ratio.of_total else "#"
        return f'IF(OR({above}="",{below}="",{below}=0),"",{above}/{below})'

    def _encoder(self, column: Column) -> Encode:
        if column.type == "text":
            return lambda value: _string(safe_text(value, self._cut))
        if column.type == "money":
            return _money(exponent(self.styles.currency))
        if column.type == "duration":
            return lambda seconds: _number(seconds / 86_400)
        if column.type in ("date", "datetime"):
            return lambda moment: _moment(moment, self.zone)
        return _number


def _number(value: int | float) -> str:
    if isinstance(value, int) and abs(value) > EXACT:
        return _string(str(value))
    return f"><v>{value!r}</v></c>"


def _money(digits: int) -> Encode:
    scale = 10**digits

    def encode(minor: int | float) -> str:
        if not digits:
            return _number(minor)
        if isinstance(minor, float):
            return f"><v>{Decimal(repr(minor)).scaleb(-digits)}</v></c>"
        sign, whole = ("-", -minor) if minor < 0 else ("", minor)
        text = f"{sign}{whole // scale}.{whole % scale:0{digits}}"
        return f"><v>{text}</v></c>" if whole <= EXACT else _string(text)

    return encode


def _moment(value: dt.date, zone: dt.tzinfo) -> str:
    day, seconds = value, 0.0
    if isinstance(value, dt.datetime):
        value = value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
        day = value.date()
        seconds = (value - dt.datetime.combine(day, dt.time())).total_seconds()
    if day < _FIRST_DAY:
        return _string(value.isoformat())
    days = (day - _DAY_ZERO).days
    return _number(days + seconds / 86_400 if seconds else days)


def _string(text: str) -> str:
    return f' t="inlineStr"><is><t xml:space="preserve">{xml_text(text)}</t></is></c>'


def _live(cell: str, formula: str) -> str:
    """Put a formula in front of the value it has; a value kept as text, being too large, stays without."""
    return cell if "<is>" in cell else cell.replace("><v>", f"><f>{xml_text(formula)}</f><v>", 1)
