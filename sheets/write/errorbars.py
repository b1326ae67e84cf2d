"""The intervals of a chart's bars or points, as Excel draws them: error bars whose lengths stand in cells.

Excel wants lengths, not ends. They stand in small print behind the chart, as formulas: who changes a figure sees its
bar and its error bar change.
"""

from typing import Any, NamedTuple, cast

from openpyxl.chart import Reference
from openpyxl.chart.data_source import NumData, NumDataSource, NumRef, NumVal
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.utils import get_column_letter

from sheets.table import Column, Row, Table


class Length(NamedTuple):
    """One cell: its place in the line, the column whose unit it has, its value and its formula."""

    place: int
    column: Column
    value: float | None
    formula: str


# openpyxl's own order has minus before plus, which the schema of the file does not allow.
ELEMENTS = ("errDir", "errBarType", "errValType", "noEndCap", "plus", "minus", "val", "spPr")


def drawn_intervals(table: Table) -> list[Column]:
    """Return the columns that the table's chart draws with error bars."""
    if table.chart is None or table.streams:
        return []
    columns = [table.columns[table.position(key)] for key in table.chart.values]
    return [column for column in columns if column.interval is not None]


def lengths(table: Table, row: Row, line: int) -> list[Length]:
    """Return the lengths of a row's error bars: down and up, for one drawn column after the other, from column B on.

    ``line`` is where the row stands in its sheet. Without an end there is no length.
    """
    found: list[Length] = []
    for column in drawn_intervals(table):
        at = table.position(column.key)
        low, high = (table.position(key) for key in cast(tuple[str, str], column.interval))
        for above, below in ((at, low), (high, at)):
            top, bottom = (f"{get_column_letter(place + 1)}{line}" for place in (above, below))
            formula = f'IF(OR({top}="",{bottom}=""),"",MAX(0,{top}-{bottom}))'
            found.append(Length(len(found) + 1, column, _length(row[above], row[below]), formula))
    return found


def _length(above: Any, below: Any) -> float | None:
    return None if above is None or below is None else max(0, above - below)


def error_bars(table: Table, column: Column, sheet: Any, first: int, scale: float, number_format: str) -> ErrorBars:
    """Return the error bars of a column, whose rows' lengths stand in the lines from ``first`` on."""
    down = 2 * drawn_intervals(table).index(column)
    minus, plus = (_source(table, sheet, number, first, scale, number_format) for number in (down, down + 1))
    # Bars know one direction only, and Excel refuses to be told it.
    direction = "y" if table.chart is not None and table.chart.kind == "line" else None
    bars = ErrorBars(errDir=direction, errBarType="both", errValType="cust", plus=plus, minus=minus)
    bars.__elements__ = ELEMENTS
    return bars


def _source(table: Table, sheet: Any, number: int, first: int, scale: float, number_format: str) -> NumDataSource:
    column = [lengths(table, row, 1)[number] for row in table.rows]
    at = column[0].place + 1
    place = Reference(sheet, min_col=at, min_row=first, max_row=first + len(column) - 1)
    points = [NumVal(idx=i, v=str(one.value / scale)) for i, one in enumerate(column) if one.value is not None]
    cache = NumData(formatCode=number_format, ptCount=len(column), pt=points)
    return NumDataSource(numRef=NumRef(f=str(place), numCache=cache))
