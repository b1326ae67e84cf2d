"""A file's rows on disk, so that rows that belong together can be taken together, wherever they stand in the file.

A till system may write the lines of one order anywhere. So the first pass through a file only notes for each row what
it belongs to, in a temporary DuckDB database; the second reads the rows in the order of their groups (a group stands
where its first row stood) and cuts chunks between groups, never through one. Memory stays that of a chunk, or of the
largest group.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pandas as pd
import pyarrow as pa

MEMORY = "200MB"
BATCH = 10_000
_TYPES: Any = {pa.string(): pd.StringDtype(na_value=float("nan"))}


class Spill:
    """Rows of text under the file's headings, each with its number, its group, and what is wrong with it already."""

    def __init__(self, folder: Path, headings: Sequence[str]) -> None:
        self.headings = list(headings)
        self.names = [f"c{i}" for i in range(len(self.headings))]  # headings may differ in case alone
        self.connection = duckdb.connect(str(folder / "spill.duckdb"))
        self.connection.execute("SET memory_limit = ?", [MEMORY])
        self.connection.execute("SET threads = 1")
        self.connection.execute("SET temp_directory = ?", [str(folder)])
        columns = ", ".join(f"{name} VARCHAR" for name in self.names)
        self.connection.execute(f"CREATE TABLE rows (row BIGINT, grp VARCHAR, late BOOLEAN, broken VARCHAR, {columns})")
        self.connection.execute("CREATE TABLE bad (row BIGINT, reason VARCHAR)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def add(self, frame: pd.DataFrame, groups: pd.Series | None, late: pd.Series | None, broken: pd.Series) -> None:
        """Append rows (columns are the headings, the index the row number)."""
        empty = pa.nulls(len(frame), pa.string())
        columns = [
            pa.array(frame.index, pa.int64()),
            empty if groups is None else _text(groups),
            pa.array(late if late is not None else [False] * len(frame), pa.bool_()),
            _text(broken),
            *(_text(frame.iloc[:, i]) for i in range(len(self.names))),
        ]
        self._append("rows", pa.table(columns, names=["row", "grp", "late", "broken", *self.names]))

    def reject(self, reasons: dict[int, str]) -> None:
        """Note why rows fail."""
        if reasons:
            self._append("bad", pa.table({"row": list(reasons), "reason": list(reasons.values())}))

    def _append(self, name: str, table: pa.Table) -> None:
        self.connection.register("batch", table)
        self.connection.execute(f"INSERT INTO {name} SELECT * FROM batch")  # noqa: S608 - a name of our own
        self.connection.unregister("batch")

    @property
    def rows(self) -> int:
        # All of it is fetched, though it is one row: a result read in part keeps the connection from writing.
        [(found,)] = self.connection.execute("SELECT count(*) FROM rows").fetchall()
        return int(found)

    def chunks(self, size: int) -> Iterator[pd.DataFrame]:
        """Yield all rows in whole groups, about ``size`` at a time: columns ``grp``, ``broken`` and the headings'."""
        query = f"""
            SELECT row, grp, broken, {", ".join(self.names)}, coalesce(grp, '#' || row) AS unit,
                   bool_or(late) OVER of_group AS waits, min(row) OVER of_group AS first
            FROM rows WINDOW of_group AS (PARTITION BY coalesce(grp, '#' || row))
            ORDER BY waits, first, row"""  # noqa: S608 - names are our own
        # A cursor of its own: bad rows are written while this one is read.
        reader = self.connection.cursor().sql(query).to_arrow_reader(min(size, BATCH))
        held: list[pd.DataFrame] = []
        count = 0
        for batch in reader:
            frame = batch.to_pandas(types_mapper=_TYPES.get)
            while count + len(frame) >= size:
                cut = _cut(frame, held, size - count)
                if cut is None:
                    break
                yield self._tidy([*held, frame.iloc[:cut]])
                held, count, frame = [], 0, frame.iloc[cut:]
            if len(frame):
                held.append(frame)
                count += len(frame)
        if held:
            yield self._tidy(held)

    def _tidy(self, frames: list[pd.DataFrame]) -> pd.DataFrame:
        frame = pd.concat(frames).set_index("row")
        return frame[["grp", "broken", *self.names]]

    def rejected(self) -> Iterator[tuple[int, str, list[str | None]]]:
        """Yield each failed row once, in the file's order: number, reason, values."""
        query = f"""SELECT b.row, b.reason, {", ".join(f"r.{name}" for name in self.names)}
                    FROM (SELECT row, min(reason) AS reason FROM bad GROUP BY row) b JOIN rows r USING (row)
                    ORDER BY b.row"""  # noqa: S608 - names are our own
        cursor = self.connection.cursor().execute(query)
        while rows := cursor.fetchmany(BATCH):
            for number, reason, *values in rows:
                yield number, reason, values


def _text(column: pd.Series) -> pa.Array:
    return pa.array(column, pa.string(), from_pandas=True)


def _cut(frame: pd.DataFrame, held: list[pd.DataFrame], least: int) -> int | None:
    """Return the first place at or after ``least`` where one group ends, or None if the frame ends before."""
    units = frame["unit"]
    before = units.shift()
    if held:
        before.iloc[0] = held[-1]["unit"].iloc[-1]
    starts = (units != before).to_numpy().nonzero()[0]
    places = starts[(starts >= max(least, 0)) & ((starts > 0) | bool(held))]
    return int(places[0]) if len(places) else None
