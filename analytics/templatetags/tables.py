"""How a ``sheets.Table`` reads on a page: ``{% include "parts/table.html" with table=table %}``."""

import math
from dataclasses import dataclass, replace
from string import Formatter

from django import template
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sheets.display import UNKNOWN, display, display_interval
from sheets.table import Column, Row, Table

register = template.Library()
SHADES = 6


@dataclass(frozen=True)
class Cell:
    text: str
    is_numeric: bool
    small: tuple[str, ...] = ()
    emphasis: bool = False
    link: str = ""
    shade: int | None = None  # from 0 to SHADES


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
    left_out = set(hidden.split()) | table.interval_ends | {column.key for column in table.columns if column.hidden}
    columns = [column for column in table.columns if column.key not in left_out]
    rows = [_cells(table, columns, row) for row in table.iterate()]
    if table.totals is None:
        return Shown(table, columns, rows, None)
    # A text that the total row does not have is not "not known".
    totals = [
        replace(cell, link="") if cell.is_numeric or cell.text != UNKNOWN else Cell("", False)
        for cell in _cells(table, columns, table.totals)
    ]
    return Shown(table, columns, rows, totals)


def _cells(table: Table, columns: list[Column], row: Row) -> list[Cell]:
    every = {column.key: column for column in table.columns}
    texts = {key: _text(value, every[key]) for key, value in zip(every, row, strict=True)}
    visible = {column.key for column in columns}
    return [
        Cell(
            texts[column.key],
            column.is_numeric,
            (*_counts(column, texts, visible), *_interval(table, column, row)),
            column.emphasis,
            _link(table, column, row),
            _shade(table, column, row),
        )
        for column in columns
    ]


def _link(table: Table, column: Column, row: Row) -> str:
    """Return where a cell leads; nowhere if it, or what its address needs, is not known."""
    if not column.link or row[table.position(column.key)] is None:
        return ""
    given = {other.key: value for other, value in zip(table.columns, row, strict=True)}
    needed = [name for _text, name, *_rest in Formatter().parse(column.link) if name]
    return "" if any(given[name] is None for name in needed) else column.link.format_map(given)


def _shade(table: Table, column: Column, row: Row) -> int | None:
    """Return how dark a cell is: by the root, since small shares differ as well."""
    value = row[table.position(column.key)]
    if not column.shade or not isinstance(value, int | float):
        return None
    return round(SHADES * math.sqrt(min(max(value, 0.0), 1.0)))


def _counts(column: Column, texts: dict[str, str], visible: set[str]) -> list[str]:
    """Return of how many a rate is, unless they have columns of their own."""
    ratio = column.formula
    if not column.key.endswith("_rate") or ratio is None or texts[column.key] == UNKNOWN:
        return []
    if {ratio.numerator, ratio.denominator} <= visible:
        return []
    return [_("%(part)s of %(whole)s") % {"part": texts[ratio.numerator], "whole": texts[ratio.denominator]}]


def _interval(table: Table, column: Column, row: Row) -> list[str]:
    found = table.ends_of(column, row)
    if found is None:
        return []
    text = display_interval(found, column, get_language() or "en", settings.CURRENCY, settings.BUSINESS_ZONE)
    return [text] if text else []


def _text(value: object, column: Column) -> str:
    return display(value, column, get_language() or "en", settings.CURRENCY, settings.BUSINESS_ZONE)  # type: ignore[arg-type]
