"""How a ``sheets.Table`` reads on a page: ``{% include "parts/table.html" with table=table %}``."""

from dataclasses import dataclass

from django import template
from django.conf import settings
from django.utils.translation import get_language

from sheets.display import UNKNOWN, display
from sheets.table import Column, Row, Table

register = template.Library()
ENDS = ("_low", "_high")


@dataclass(frozen=True)
class Cell:
    text: str
    is_numeric: bool
    interval: str = ""
    emphasis: bool = False


@dataclass(frozen=True)
class Shown:
    """A table ready for its template: the ends of an interval stand in the cell of their figure."""

    table: Table
    columns: list[Column]
    rows: list[list[Cell]]
    totals: list[Cell] | None

    @property
    def has_definitions(self) -> bool:
        return any(column.definition for column in self.columns)


@register.filter
def shown(table: Table, hidden: str = "") -> Shown:
    """Return a table as its template needs it, without the columns named in ``hidden`` (divided by spaces)."""
    keys = {column.key for column in table.columns}
    left_out = set(hidden.split())
    for column in table.columns:
        prefix = column.key.rpartition("_")[0]
        if column.key.endswith(ENDS) and f"{prefix}_rate" in keys:
            left_out.add(column.key)
    columns = [column for column in table.columns if column.key not in left_out]
    totals = None if table.totals is None else _cells(table, columns, table.totals)
    return Shown(table, columns, [_cells(table, columns, row) for row in table.iterate()], totals)


def _cells(table: Table, columns: list[Column], row: Row) -> list[Cell]:
    given = dict(zip((column.key for column in table.columns), row, strict=True))
    every = {column.key: column for column in table.columns}
    cells = []
    for column in columns:
        ends = [every.get(column.key.removesuffix("_rate") + end) for end in ENDS]
        texts = [_text(given[end.key], end) for end in ends if end is not None and column.key.endswith("_rate")]
        interval = "–".join(texts) if texts and UNKNOWN not in texts else ""
        cells.append(Cell(_text(given[column.key], column), column.is_numeric, interval, column.emphasis))
    return cells


def _text(value: object, column: Column) -> str:
    return display(value, column, get_language() or "en", settings.CURRENCY, settings.BUSINESS_ZONE)  # type: ignore[arg-type]
