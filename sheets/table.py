"""One Table, four renderings: the page's table, its chart, the Excel sheet and the API's JSON are made from it."""

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias, cast

import pandas as pd

from sheets.values import COLUMN_TYPES, NUMERIC, ColumnType, Value, clean

Row = tuple[Value, ...]
Rows = Sequence[Sequence[object] | Mapping[str, object]] | Iterable[Sequence[object] | Mapping[str, object]]


Said: TypeAlias = Any  # text, or text that is translated when asked for; kept as str


class TableError(ValueError):
    """A Table that contradicts itself; the message names table, row and column."""


@dataclass(frozen=True)
class Ratio:
    """A column that is one column over another. Nothing over nothing is unknown, and so is anything over zero.

    ``of_total`` takes the denominator from the total row: a share of all.
    """

    numerator: str
    denominator: str
    of_total: bool = False

    def of(self, numerator: Value, denominator: Value) -> float | None:
        if numerator is None or not denominator:
            return None
        return cast(float, numerator) / cast(float, denominator)


@dataclass(frozen=True)
class Column:
    """What one column holds.

    ``definition`` is the sentence that says what is counted; ``formula`` keeps the column live in Excel; ``total`` says
    that the total row is its sum; ``digits`` are the decimals shown of a ``number``; ``emphasis`` prints it bold.
    ``interval`` names the columns with the lower and upper end of its interval: a page shows them in its cell, a chart
    as its error bars. A lower end without an upper one means that there is none. ``shade`` colours the cells of a ratio
    by its size; ``hidden`` keeps a column out of pages: it is for files and programs; ``link`` is where a page leads
    from a cell, an address in which ``{key}`` stands for another column of the row.
    """

    key: str
    label: Said
    type: ColumnType = "text"
    definition: Said = ""
    formula: Ratio | None = None
    total: bool = False
    digits: int = 1
    emphasis: bool = False
    interval: tuple[str, str] | None = None
    shade: bool = False
    hidden: bool = False
    link: str = ""

    def __post_init__(self) -> None:
        if self.type not in COLUMN_TYPES:
            raise TableError(f"column {self.key}: no type {self.type!r}")
        if self.total and self.type not in NUMERIC:
            raise TableError(f"column {self.key}: {self.type} cannot be summed")
        object.__setattr__(self, "label", str(self.label))
        object.__setattr__(self, "definition", str(self.definition))

    @property
    def is_numeric(self) -> bool:
        return self.type in NUMERIC


@dataclass(frozen=True)
class Chart:
    """How a table is drawn: one category column, one or more numeric ones, each with the interval that it has."""

    kind: Literal["bar", "line"]
    category: str
    values: Sequence[str]
    title: Said = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        object.__setattr__(self, "title", str(self.title))


@dataclass(frozen=True)
class Table:
    """Typed columns and rows with one truth in them.

    Parameters
    ----------
    key, title : the name in addresses and JSON, and the one people read
    columns : each key once
    rows : a sequence (or frame) of rows, checked at once and kept as tuples; or an iterator, which streams: it is
        checked row by row while it is read, once. A row is a sequence in column order or a mapping by key; ``None``,
        NaN and NA are unknown
    totals : one more row; see :meth:`with_totals`
    notes : lines under the table
    chart : how it is drawn
    is_detail : a page folds it away until it is asked for

    Raises
    ------
    TableError : a row too long or too short, a value of another type, a ratio that is not what its formula says

    Examples
    --------
    >>> Table("demo", "Demo", [Column("n", "N", "integer")], [(1,), {"n": None}]).rows
    ((1,), (None,))
    """

    key: str
    title: Said
    columns: Sequence[Column]
    rows: Any  # tuple[Row, ...] once made, or an iterator that streams
    totals: Any = None
    notes: Sequence[Said] = ()
    chart: Chart | None = None
    is_detail: bool = False

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "title", str(self.title))
        put(self, "columns", tuple(self.columns))
        put(self, "notes", tuple(str(note) for note in self.notes))
        self._check_columns()
        rows = self.rows
        if isinstance(rows, pd.DataFrame):
            rows = rows[[column.key for column in self.columns]].itertuples(index=False, name=None)
            put(self, "rows", tuple(self._checked(rows)))
        elif not isinstance(rows, Iterator):
            put(self, "rows", tuple(self._checked(rows)))
        if self.totals is not None:
            put(self, "totals", self._check_row(self.totals, "the total row"))
            if not self.streams:
                self._check_sums()

    @property
    def streams(self) -> bool:
        """Whether the rows can be read only once."""
        return not isinstance(self.rows, tuple)

    def position(self, key: str) -> int:
        """Return the place of a column, counted from 0."""
        for index, column in enumerate(self.columns):
            if column.key == key:
                return index
        raise TableError(f"table {self.key}: no column {key!r}")

    @property
    def interval_ends(self) -> set[str]:
        """The keys of the columns that hold an end of another's interval."""
        return {key for column in self.columns for key in column.interval or ()}

    def ends_of(self, column: Column, row: Row) -> tuple[Value, Value] | None:
        """Return the ends of a column's interval in a row; None without one."""
        if column.interval is None:
            return None
        low, high = (row[self.position(key)] for key in column.interval)
        return low, high

    def iterate(self) -> Iterator[Row]:
        """Yield the checked rows; a streaming table yields them once."""
        return self._checked(self.rows) if self.streams else iter(self.rows)

    def with_totals(self, label: str) -> "Table":
        """Return the table with a total row: sums, ratios of sums, and the label in the first text column.

        A sum leaves out what is unknown, as Excel's does; a sum of nothing known is unknown.
        """
        sums: dict[str, Value] = {}
        for index, column in enumerate(self.columns):
            if column.total:
                sums[column.key] = sum_known([row[index] for row in self.rows])
        row: dict[str, Value] = {column.key: sums.get(column.key) for column in self.columns}
        for column in self.columns:
            if column.formula and not column.total:
                row[column.key] = column.formula.of(row[column.formula.numerator], row[column.formula.denominator])
        first = next((column for column in self.columns if column.type == "text"), None)
        if first is not None:
            row[first.key] = str(label)
        return replace(self, totals=row)

    def to_json(self) -> dict[str, Any]:
        """Return what the API answers: columns, rows by key with raw values (money in minor units), totals, chart."""
        keys = [column.key for column in self.columns]
        return {
            "key": self.key,
            "title": self.title,
            "columns": [_column_json(column) for column in self.columns],
            "rows": [_row_json(keys, row) for row in self.iterate()],
            "totals": _row_json(keys, self.totals) if self.totals is not None else None,
            "notes": list(self.notes),
            "chart": asdict(self.chart) if self.chart is not None else None,
        }

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a frame: one column per key, nullable types, totals left out."""
        dtypes = {"text": "str", "integer": "Int64", "ratio": "Float64", "number": "Float64", "duration": "Float64"}
        rows = list(self.iterate())
        return pd.DataFrame(
            {
                column.key: pd.Series([row[i] for row in rows], dtype=cast(Any, dtypes.get(column.type, "object")))
                for i, column in enumerate(self.columns)
            }
        )

    def _check_columns(self) -> None:
        keys = [column.key for column in self.columns]
        if not keys or len(set(keys)) < len(keys):
            raise TableError(f"table {self.key}: columns need one key each, got {keys}")
        for column in self.columns:
            if column.formula is not None:
                self._check_units(column, column.formula)
            for key in column.interval or ():
                if not column.is_numeric or self.columns[self.position(key)].type != column.type:
                    raise TableError(f"table {self.key}: column {key} cannot be an end of {column.key}")
        if self.chart is not None:
            self.position(self.chart.category)
            for key in self.chart.values:
                if not self.columns[self.position(key)].is_numeric:
                    raise TableError(f"table {self.key}: column {key} is not a number and cannot be drawn")

    def _check_units(self, column: Column, formula: Ratio) -> None:
        # Excel shows money in units and time in days: only if both sides are scaled alike, the quotient is the same.
        sides = [self.columns[self.position(key)] for key in (formula.numerator, formula.denominator)]
        if not all(side.is_numeric for side in [column, *sides]):
            raise TableError(f"table {self.key}: column {column.key} divides what is no number")
        above, below = map(_unit, sides)
        if (above, below) != (_unit(column), "") and not (above == below and not _unit(column)):
            raise TableError(f"table {self.key}: column {column.key} mixes units in its formula")

    def _checked(self, rows: Iterable[Any]) -> Iterator[Row]:
        for number, row in enumerate(rows, 1):
            yield self._check_row(row, f"row {number}")

    def _check_row(self, row: Any, where: str) -> Row:
        if isinstance(row, Mapping):
            keys = {column.key for column in self.columns}
            if row.keys() != keys:
                odd = sorted(map(str, row.keys() ^ keys))
                raise TableError(f"table {self.key}, {where}: missing or unknown columns {odd}")
            row = [row[column.key] for column in self.columns]
        if isinstance(row, str) or len(row) != len(self.columns):
            raise TableError(f"table {self.key}, {where}: {len(row)} values for {len(self.columns)} columns")
        values: list[Value] = []
        for column, value in zip(self.columns, row, strict=True):
            try:
                values.append(clean(value, column.type))
            except (TypeError, ValueError) as error:
                raise TableError(f"table {self.key}, {where}, column {column.key}: {error}") from error
        checked = tuple(values)
        for index, column in enumerate(self.columns):
            if column.formula is not None and not column.formula.of_total:
                self._check_formula(checked, checked, index, column.formula, where)
        return checked

    def _check_formula(self, row: Row, below: Row, index: int, formula: Ratio, where: str) -> None:
        # Excel recalculates: a value that differs from its formula would change under the reader's eyes.
        given = row[index]
        meant = formula.of(row[self.position(formula.numerator)], below[self.position(formula.denominator)])
        if given is not None and not _same(given, meant):
            key = self.columns[index].key
            raise TableError(f"table {self.key}, {where}, column {key}: {given} given, but its formula makes {meant}")

    def _check_sums(self) -> None:
        for index, column in enumerate(self.columns):
            if column.formula is not None and column.formula.of_total:
                for number, row in enumerate([*self.rows, self.totals], 1):
                    self._check_formula(row, self.totals, index, column.formula, f"row {number}")
            if not column.total or self.totals[index] is None:
                continue
            meant = sum_known([row[index] for row in self.rows])
            if meant is not None and not _same(self.totals[index], meant):  # a whole may be known without its parts
                raise TableError(
                    f"table {self.key}, the total row, column {column.key}: "
                    f"{self.totals[index]} given, but its rows sum to {meant}"
                )


def sum_known(values: Iterable[Any]) -> int | float | None:
    """Return the sum of what is known, or None where nothing is."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return sum(known) if all(isinstance(value, int) for value in known) else math.fsum(known)


def _unit(column: Column) -> str:
    return column.type if column.type in ("money", "duration") else ""


def _same(given: Any, meant: float | None) -> bool:
    return meant is not None and math.isclose(given, meant, rel_tol=1e-9, abs_tol=1e-9)


def _column_json(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "label": column.label,
        "type": column.type,
        "definition": column.definition,
        "interval": list(column.interval) if column.interval else None,
    }


def _row_json(keys: Sequence[str], row: Row) -> dict[str, Any]:
    plain = (value if value is None or isinstance(value, str | int | float) else value.isoformat() for value in row)
    return dict(zip(keys, plain, strict=True))


@dataclass(frozen=True)
class Workbook:
    """Tables that are handed over together, with where they come from.

    ``about`` are lines of label and value (business, period, model, run, …) for the first sheet; ``zone`` is the one
    in which moments are shown, since Excel knows none.
    """

    title: Said
    tables: Sequence[Table]
    about: Sequence[tuple[Said, object]] = ()
    language: str = "zh-hans"
    currency: str = "CNY"
    zone: dt.tzinfo = dt.UTC

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", str(self.title))
        object.__setattr__(self, "tables", tuple(self.tables))
        object.__setattr__(self, "about", tuple((str(label), value) for label, value in self.about))
