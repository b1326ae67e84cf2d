"""A Table's chart as a native Excel chart, which follows its cells and carries their values for previewers."""

import re
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart.data_source import AxDataSource, NumData, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.legend import LegendEntry
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from sheets.display import display, display_interval, exponent
from sheets.table import Column, Table
from sheets.write.errorbars import error_bars
from sheets.write.safe import safe_text
from sheets.write.styles import number_format


def native_chart(table: Table, sheet: Any, rows: int, language: str, currency: str, lengths: int | None = None) -> Any:
    """Return the openpyxl chart of a table whose ``rows`` rows stand below the header of ``sheet``.

    ``lengths`` is the line of the first row's error bars, if there are any.
    """
    plan = table.chart
    if plan is None or not rows or table.streams:
        return None
    chart = BarChart() if plan.kind == "bar" else LineChart()
    category = table.columns[table.position(plan.category)]
    columns = [table.columns[table.position(key)] for key in plan.values]
    chart.title = safe_text(plan.title or table.title)
    chart.width, chart.height = 24, 10  # centimetres
    chart.display_blanks = "gap"  # unknown is not zero
    room = []
    for column in columns:
        series = _series(table, sheet, rows, column, category, language, currency)
        if lengths is not None and column.interval is not None:
            look = number_format(column, language, currency)
            series.errBars = error_bars(table, column, sheet, lengths, _scale(column, currency), look)
            high = table.columns[table.position(column.interval[1])]
            room.append(_unseen(_series(table, sheet, rows, high, category, language, currency)))
        chart.series.append(series)
    chart.x_axis.title = safe_text(category.label)
    chart.y_axis.title = safe_text(" / ".join(column.label for column in columns))
    chart.y_axis.number_format = re.sub(r"\.0+$", "", number_format(columns[0], language, currency))
    chart.y_axis.numFmt.sourceLinked = False
    chart.x_axis.delete = chart.y_axis.delete = False  # openpyxl hides both axes unless told
    chart.legend = chart.legend if len(columns) > 1 else None
    if plan.kind == "bar":
        chart.gapWidth = 60
    if room:
        _make_room(chart, room)
    return chart


def _make_room(chart: Any, unseen: list[Series]) -> None:
    """Add series of which only the axis takes notice: a legend names them, unless it is told not to."""
    if chart.legend is not None:
        numbers = range(len(chart.series), len(chart.series) + len(unseen))
        chart.legend.legendEntry = [LegendEntry(idx=number, delete=True) for number in numbers]
    if isinstance(chart, LineChart):  # two kinds of one sort cannot share their axes
        chart.series.extend(unseen)
        return
    line = LineChart()
    line.series.extend(unseen)
    chart += line


def _unseen(series: Series) -> Series:
    """Draw nothing: the axis only has to reach the upper ends, which no program asks of error bars."""
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    series.marker = Marker(symbol="none")
    return series


def _series(
    table: Table, sheet: Any, rows: int, column: Column, category: Column, language: str, currency: str
) -> Series:
    at, names_at = table.position(column.key), table.position(category.key)
    series = Series(Reference(sheet, min_col=at + 1, min_row=2, max_row=rows + 1))
    series.smooth = False  # a curve would dip below what was counted
    scale = _scale(column, currency)
    points = [NumVal(idx=i, v=str(row[at] / scale)) for i, row in enumerate(table.rows) if row[at] is not None]
    cache = NumData(formatCode=number_format(column, language, currency), ptCount=rows, pt=points)
    series.val.numRef = NumRef(f=series.val.numRef.f, numCache=cache)
    names = [display(row[names_at], category, language, currency) for row in table.rows]
    series.cat = AxDataSource(strRef=_texts(sheet, names_at, 2, names))
    series.tx = SeriesLabel(strRef=_texts(sheet, at, 1, [column.label]))
    return series


def _scale(column: Column, currency: str) -> int:
    return {"money": 10 ** exponent(currency), "duration": 86_400}.get(column.type, 1)


def chart_text(table: Table, language: str, currency: str) -> str:
    """Return what a chart says, for those who cannot see it: each value with its interval."""
    assert table.chart is not None
    category = table.columns[table.position(table.chart.category)]
    said = [table.chart.title or table.title]
    for row in table.rows:
        name = display(row[table.position(category.key)], category, language, currency)
        for key in table.chart.values:
            column = table.columns[table.position(key)]
            told = f"{name}: {display(row[table.position(key)], column, language, currency)}"
            ends = table.ends_of(column, row)
            interval = display_interval(ends, column, language, currency) if ends else None
            said.append(f"{told} ({interval})" if interval else told)
    return "; ".join(said)


def _texts(sheet: Any, at: int, first: int, texts: list[str]) -> StrRef:
    place = Reference(sheet, min_col=at + 1, min_row=first, max_row=first + len(texts) - 1)
    points = [StrVal(idx=i, v=safe_text(text)) for i, text in enumerate(texts)]
    return StrRef(f=str(place), strCache=StrData(ptCount=len(texts), pt=points))
