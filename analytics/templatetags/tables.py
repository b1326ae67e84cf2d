"""How a ``sheets.Table`` reads on a page: ``{% include "parts/table.html" with table=table %}``."""

from dataclasses import dataclass

from django import template
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sheets.display import UNKNOWN, display
from sheets.table import Column, Row, Table

register = template.Library()
ENDS = ("_low", "_high")


@dataclass(frozen=True)
class Cell:
    text: str
    is_numeric: bool
    small: tuple[str, ...] = ()
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
    rows = [_cells(table, columns, row) for row in table.iterate()]
    if table.totals is None:
        return Shown(table, columns, rows, None)
    # A text that the total row does not have is not "not known".
    totals = [
        cell if cell.is_numeric or cell.text != UNKNOWN else Cell("", False)
        for cell in _cells(table, columns, table.totals)
    ]
    return Shown(table, columns, rows, totals)


def _cells(table: Table, columns: list[Column], row: Row) -> list[Cell]:
    given = dict(zip((column.key for column in table.columns), row, strict=True))
    every = {column.key: column for column in table.columns}
    texts = {key: _text(value, every[key]) for key, value in given.items()}
    visible = {column.key for column in columns}
    return [
        Cell(texts[column.key], column.is_numeric, _small(column, texts, visible), column.emphasis)
        for column in columns
    ]


def _small(column: Column, texts: dict[str, str], visible: set[str]) -> tuple[str, ...]:
    """Return what stands below a rate: of how many it is, unless they have columns of their own, and its interval."""
    if not column.key.endswith("_rate") or texts[column.key] == UNKNOWN:
        return ()
    parts, ratio = [], column.formula
    if ratio is not None and not {ratio.numerator, ratio.denominator} <= visible:
        counts = {"part": texts[ratio.numerator], "whole": texts[ratio.denominator]}
        parts.append(_("%(part)s of %(whole)s") % counts)
    prefix = column.key.removesuffix("_rate")
    ends = [texts[prefix + end] for end in ENDS if prefix + end in texts]
    if ends and UNKNOWN not in ends:
        parts.append("–".join(ends))
    return tuple(parts)


def _text(value: object, column: Column) -> str:
    return display(value, column, get_language() or "en", settings.CURRENCY, settings.BUSINESS_ZONE)  # type: ignore[arg-type]
