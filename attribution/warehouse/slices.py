"""Consecutive customers in files of their own, so that several machines can judge side by side."""

# ruff: noqa: S608 - what is put into SQL is a number of ours, a path of ours, or a quoted value

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from attribution.warehouse.partitions import Partition, cut
from attribution.warehouse.snapshot import connect
from attribution.warehouse.sources import literal

SIDES = ("touches", "conversions")
SAMPLE = 100_000  # rows of which the borders are quantiles
MOST_SLICES = 500
BATCH = 2**16
NUMBER = "slice_of_customers"


@dataclass(frozen=True)
class Slice:
    """The rows of some consecutive customers, in Parquet files of the folder."""

    folder: Path
    number: int

    def partitions(self, rows: int, *, memory: str, spill: Path) -> Iterator[Partition]:
        """Yield what `attribution.warehouse.Evidence.partitions` does, of these customers, with one thread."""
        con = connect(memory=memory, threads=1, spill=spill)
        try:
            for side in SIDES:
                # The empty file has the columns, where these customers have no row.
                files = [
                    self.folder / side / "none.parquet",
                    *(self.folder / side / f"{NUMBER}={self.number}").glob("*"),
                ]
                listed = ", ".join(literal(str(file)) for file in files)
                con.execute(f"CREATE VIEW {side}_to_judge AS FROM read_parquet([{listed}], hive_partitioning = false)")
            yield from sorted_partitions(con, rows)
        finally:
            con.close()


def sorted_partitions(con: duckdb.DuckDBPyConnection, rows: int) -> Iterator[Partition]:
    """Yield sorted partitions of the views ``touches_to_judge`` and ``conversions_to_judge``."""
    # Both queries run at once, each on a cursor of its own.
    touches, conversions = (
        con.cursor().sql(f"FROM {side}_to_judge ORDER BY {order}").to_arrow_reader(BATCH)
        for side, order in zip(SIDES, ('customer_id, "at", kind, channel', "ALL"), strict=True)
    )
    return cut(touches, conversions, rows)


def slice_by_customer(con: duckdb.DuckDBPyConnection, folder: Path, slices: int) -> list[Slice]:
    """Write the rows of both views, unsorted, by ranges of customers; return the ranges in the order of customers.

    There are about ``slices`` of them, fewer if few customers have most rows, and one if there is no row at all.
    """
    borders = _borders(con, min(max(slices, 1), MOST_SLICES))
    # Each thread fills a file of each slice: small groups keep that small.
    con.execute("SET partitioned_write_flush_threshold = 65536")
    for side in SIDES:
        (folder / side).mkdir(parents=True)
        con.execute(f"COPY (FROM {side}_to_judge LIMIT 0) TO {literal(str(folder / side / 'none.parquet'))}")
        con.execute(
            f"COPY (SELECT *, {_place(borders)} AS {NUMBER} FROM {side}_to_judge) TO {literal(str(folder / side))}"
            f" (FORMAT parquet, PARTITION_BY ({NUMBER}), OVERWRITE_OR_IGNORE)"
        )
    return [Slice(folder, number) for number in range(len(borders) + 1)]


def _borders(con: duckdb.DuckDBPyConnection, slices: int) -> list[int | str]:
    """Return customers, ascending: each begins a slice."""
    customers = " UNION ALL ".join(f"SELECT customer_id FROM {side}_to_judge" for side in SIDES)
    rows = con.execute(f"SELECT count(*) FROM ({customers})").fetchall()[0][0]
    if slices == 1 or not rows:
        return []
    percent = min(100.0, 100.0 * SAMPLE / rows)
    shares = [number / slices for number in range(1, slices)]
    found = con.execute(
        f"SELECT DISTINCT unnest(quantile_disc(customer_id, {shares})) AS border"
        f" FROM ({customers}) USING SAMPLE {percent} PERCENT (bernoulli, 1) ORDER BY border"
    ).fetchall()
    return [border for (border,) in found if border is not None]


def _place(borders: Sequence[int | str]) -> str:
    """Return the SQL that finds the slice of a customer by halves."""
    return _found(borders, 0, len(borders))


def _found(borders: Sequence[int | str], first: int, last: int) -> str:
    if first == last:
        return str(first)
    middle = (first + last) // 2
    border = borders[middle]
    value = literal(border) if isinstance(border, str) else str(border)
    halves = _found(borders, first, middle), _found(borders, middle + 1, last)
    return f"CASE WHEN customer_id < {value} THEN {halves[0]} ELSE {halves[1]} END"
