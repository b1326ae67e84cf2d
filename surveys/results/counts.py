"""PURE. What a survey's answers come to, counted by DuckDB over the columns that surveys.results.file writes."""

# ruff: noqa: S608 - what is put into SQL are columns, whose names are keys of letters and digits

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from attribution.engine.intervals import Z95, wilson
from attribution.hours import PART
from surveys.definition import Kind
from surveys.exports.items import Item

BINS = 10

Ends = tuple[float, float]


@dataclass(frozen=True)
class Share:
    """How many of ``among`` gave an answer."""

    answer: Any
    count: int
    among: int

    @property
    def share(self) -> float:
        return self.count / self.among

    @property
    def ends(self) -> Ends:
        low, high = wilson(self.count, self.among)
        return float(low), float(high)


class Weighed(NamedTuple):
    """The share of weighted answers that gave an answer, with its 95 % interval by the effective number of answers."""

    share: float
    low: float
    high: float


class Axis(NamedTuple):
    """What stands in the rows or the columns of a crosstab: a column of the answers, and whether it holds lists."""

    column: str
    is_list: bool = False

    @property
    def told(self) -> str:
        return self.of(self.column)

    def of(self, column: str) -> str:
        return f"unnest({column})" if self.is_list else column


@dataclass(frozen=True)
class Mean:
    """A mean with its 95 % interval; none below two answers."""

    count: int
    value: float | None
    low: float | None
    high: float | None


def mean(count: int, total: float | None, squares: float | None) -> Mean:
    """Return the mean of so many values by their sum and the sum of their squares.

    Examples
    --------
    Two promoters, a passive and a detractor: an NPS of 25, give or take 1.96 × 95.7 ÷ √4.

    >>> found = mean(4, 100, 30_000)
    >>> found.value, round(found.low, 1), round(found.high, 1)
    (25.0, -68.8, 118.8)
    """
    if not count or total is None or squares is None:
        return Mean(0, None, None, None)
    value = total / count
    if count < 2:
        return Mean(count, value, None, None)
    spread = math.sqrt(max(squares - count * value**2, 0.0) / (count - 1))
    half = Z95 * spread / math.sqrt(count)
    return Mean(count, value, value - half, value + half)


class Counted:
    """Counts of the answers that pass a filter; ``con`` has them as the view ``answers``."""

    def __init__(self, con: duckdb.DuckDBPyConnection, path: str, where: Mapping[tuple[str, str], Any]) -> None:
        # A view, so that each count reads the columns that it needs; one cannot be given values, only variables.
        tests = [f"{column} {sign} getvariable('v{place}')" for place, (column, sign) in enumerate(where)] or ["TRUE"]
        self.con = con
        for name, value in {"path": path, **{f"v{place}": one for place, one in enumerate(where.values())}}.items():
            con.execute(f"SET VARIABLE {name} = ?", [value])
        con.execute(
            f"CREATE TEMP VIEW answers AS SELECT *, {PART} AS part FROM read_parquet(getvariable('path'))"
            f" WHERE {' AND '.join(tests)}"
        )

    def total(self) -> int:
        return int(self._rows("SELECT count(*) FROM answers")[0][0])

    def shares(self, item: Item) -> list[Share]:
        """Return each answer's share of those who answered, the most frequent first; of scores in their order."""
        column = named(item)
        among = int(self._rows(f"SELECT count({column}) FROM answers")[0][0])
        told = f"unnest({column})" if item.kind is Kind.MULTIPLE else column
        rows = self._rows(
            f"SELECT answer, count(*) FROM (SELECT {told} AS answer FROM answers) WHERE answer IS NOT NULL"
            " GROUP BY answer ORDER BY count(*) DESC, answer"
        )
        return [Share(answer, count, among) for answer, count in rows]

    def cells(self) -> pd.DataFrame:
        """Return how many ``answers`` there are by ``store_id``, ``part`` and ``status``."""
        return self.con.execute(
            "SELECT store_id, part, status, count(*) AS answers FROM answers WHERE status IS NOT NULL GROUP BY ALL"
        ).df()

    def orders(self, path: str, start: date | None, end: date | None, store: int | None) -> pd.DataFrame:
        """Return the ``orders`` of those days and that store in the file of `surveys.results.weights`, by the same."""
        return self.con.execute(
            "SELECT store_id, part, status, sum(orders)::BIGINT AS orders FROM read_parquet($path)"
            " WHERE day >= coalesce($start, day) AND day < coalesce($end, day + 1)"
            " AND store_id = coalesce($store, store_id) GROUP BY ALL",
            {"path": path, "start": start, "end": end, "store": store},
        ).df()

    def weigh(self, cells: pd.DataFrame) -> None:
        """Have `weighted` weigh by ``weight``, one a ``store_id``, ``part`` and ``status``."""
        self.con.register("cells_given", cells)
        self.con.execute("CREATE TEMP TABLE weights AS SELECT * FROM cells_given")

    def weighted(self, item: Item, answers: Iterable[Any]) -> dict[Any, Weighed]:
        """Return each answer's share of the weight of those who answered; nothing where those weigh nothing."""
        column = named(item)
        joined = f"answers JOIN weights USING (store_id, part, status) WHERE {column} IS NOT NULL"
        total, squares = self._rows(f"SELECT sum(weight), sum(weight * weight) FROM {joined}")[0]
        if not total:
            return {}
        told = f"unnest({column})" if item.kind is Kind.MULTIPLE else column
        found = dict(
            self._rows(
                f"SELECT answer, sum(weight) FROM (SELECT {told} AS answer, weight FROM {joined}) GROUP BY answer"
            )
        )
        shares = {answer: found.get(answer, 0.0) / total for answer in answers}
        alike = total**2 / squares
        return {answer: Weighed(share, *map(float, wilson(share * alike, alike))) for answer, share in shares.items()}

    def bins(self, item: Item) -> list[tuple[float, float, int]]:
        """Return numbers in ten bins of one width: from, to, and how many."""
        column = named(item)
        least, most, among = self._rows(f"SELECT min({column}), max({column}), count({column}) FROM answers")[0]
        if not among:
            return []
        width = (most - least) / BINS or 1.0
        rows = dict(
            self._rows(
                f"SELECT least(floor(({column} - ?) / ?), {BINS - 1})::INT, count(*) FROM answers"
                f" WHERE {column} IS NOT NULL GROUP BY ALL",
                [least, width],
            )
        )
        last = BINS if most > least else 1
        return [(least + place * width, least + (place + 1) * width, rows.get(place, 0)) for place in range(last)]

    def mean(self, item: Item) -> Mean:
        column = named(item)
        return mean(*self._rows(f"SELECT count({column}), sum({column}), sum({column} * {column}) FROM answers")[0])

    def over_time(self, item: Item, unit: str) -> list[tuple[Any, Mean]]:
        """Return by week or month the NPS (−100 to 100) of a recommendation, else the mean."""
        score = scored(item)
        rows = self._rows(
            f"SELECT date_trunc('{unit}', day)::DATE AS since, count({score}), sum({score}), sum({score} * {score})"
            f" FROM answers WHERE {named(item)} IS NOT NULL GROUP BY since ORDER BY since"
        )
        return [(since, mean(count, total, squares)) for since, count, total, squares in rows]

    def overall(self, item: Item) -> Mean:
        score = scored(item)
        return mean(*self._rows(f"SELECT count({score}), sum({score}), sum({score} * {score}) FROM answers")[0])

    def content(self, item: Item) -> Share | None:
        """Return how many of those who gave stars gave four or five."""
        column = named(item)
        happy, among = self._rows(f"SELECT count(*) FILTER ({column} >= 4), count({column}) FROM answers")[0]
        return Share("content", happy, among) if among else None

    def crossed(self, row: Axis, across: Axis) -> tuple[list[tuple[Any, Any, int]], dict[Any, int]]:
        """Return how many gave each pair of answers (row, column, count), and of each row how many answered both.

        Who chose several of several counts in each of them.
        """
        pairs = f"SELECT {row.told} AS r, {across.column} AS given FROM answers WHERE {across.column} IS NOT NULL"
        counts = self._rows(
            f"SELECT r, c, count(*) FROM (SELECT r, {across.of('given')} AS c FROM ({pairs}))"
            " WHERE r IS NOT NULL AND c IS NOT NULL GROUP BY r, c ORDER BY r, c"
        )
        return counts, dict(self._rows(f"SELECT r, count(*) FROM ({pairs}) WHERE r IS NOT NULL GROUP BY r"))

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        return self.con.execute(sql, values).fetchall()


def named(item: Item) -> str:
    """Return a question's column as SQL names it; a key holds no quotation mark."""
    return f'"q:{item.name}"'


def scored(item: Item) -> str:
    """Return what a score counts: of a recommendation 100, 0 or −100, of another its points."""
    column = named(item)
    if item.kind is not Kind.NPS:
        return column
    return f"CASE WHEN {column} >= 9 THEN 100 WHEN {column} >= 7 THEN 0 WHEN {column} IS NOT NULL THEN -100 END"
