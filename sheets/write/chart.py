"""A Table's chart as a native Excel chart, which follows its cells and carries their values for previewers."""

import re
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart.data_source import AxDataSource, NumData, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.series import SeriesLabel

from sheets.display import display, exponent
from sheets.table import Column, Table
from sheets.write.safe import safe_text
from sheets.write.styles import number_format


def native_chart(table: Table, sheet: Any, rows: int, language: str, currency: str) -> Any:
    """Return the openpyxl chart of a table whose ``rows`` rows stand below the header of ``sheet``."""
    plan = table.chart
    if plan is None or not rows or table.streams:
        return None
    chart = BarChart() if plan.kind == "bar" else LineChart()
    category = table.columns[table.position(plan.category)]
    columns = [table.columns[table.position(key)] for key in plan.values]
    chart.title = safe_text(plan.title or table.title)
    chart.width, chart.height = 24, 10  # centimetres
    chart.display_blanks = "gap"  # unknown is not zero
    for column in columns:
        chart.series.append(_series(table, sheet, rows, column, category, language, currency))
    chart.x_axis.title = safe_text(category.label)
    chart.y_axis.title = safe_text(" / ".join(column.label for column in columns))
    chart.y_axis.number_format = re.sub(r"\.0+$", "", number_format(columns[0], language, currency))
    chart.y_axis.numFmt.sourceLinked = False
    chart.x_axis.delete = chart.y_axis.delete = False  # openpyxl hides both axes unless told
    chart.legend = chart.legend if len(columns) > 1 else None
    if plan.kind == "bar":
        chart.gapWidth = 60
    return chart


def _series(
    table: Table, sheet: Any, rows: int, column: Column, category: Column, language: str, currency: str
) -> Series:
    at, names_at = table.position(column.key), table.position(category.key)
    series = Series(Reference(sheet, min_col=at + 1, min_row=2, max_row=rows + 1))
    scale = {"money": 10 ** exponent(currency), "duration": 86_400}.get(column.type, 1)
    points = [NumVal(idx=i, v=str(row[at] / scale)) for i, row in enumerate(table.rows) if row[at] is not None]
    cache = NumData(formatCode=number_format(column, language, currency), ptCount=rows, pt=points)
    series.val.numRef = NumRef(f=series.val.numRef.f, numCache=cache)
    names = [display(row[names_at], category, language, currency) for row in table.rows]
    series.cat = AxDataSource(strRef=_texts(sheet, names_at, 2, names))
    series.tx = SeriesLabel(strRef=_texts(sheet, at, 1, [column.label]))
    return series


def _texts(sheet: Any, at: int, first: int, texts: list[str]) -> StrRef:
    place = Reference(sheet, min_col=at + 1, min_row=first, max_row=first + len(texts) - 1)
    points = [StrVal(idx=i, v=safe_text(text)) for i, text in enumerate(texts)]
    return StrRef(f=str(place), strCache=StrData(ptCount=len(texts), pt=points))
