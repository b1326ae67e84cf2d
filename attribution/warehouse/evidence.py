"""Touches, conversions and capabilities: checked once, then read in partitions."""

# ruff: noqa: S608 - what is put into SQL is a number of ours, a quoted column or a view that we made

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from attribution.warehouse.errors import InputError
from attribution.warehouse.partitions import Partition
from attribution.warehouse.slices import Slice, slice_by_customer, sorted_partitions
from attribution.warehouse.snapshot import connect
from attribution.warehouse.sources import (
    CSV,
    DONT_REMEMBER,
    KINDS,
    MEANING,
    UNKNOWN,
    Opened,
    Source,
    literal,
    open_source,
    quoted,
    reader,
    told,
)

MOST_CHANNELS = 8_000  # channel and kind of a touch share 16 bits
RESERVED = ("path_id", "pattern_id")  # what the engine adds to a conversion
ROWS = 2**18
FOREVER = 2**63 - 1
# Columns that pass through are what Parquet can hold, so that they are the same on one machine and on many.
PASSING = {
    **dict.fromkeys(("HUGEINT", "UHUGEINT"), "DECIMAL(38, 0)"),
    **dict.fromkeys(("ENUM", "BIT"), "VARCHAR"),
    **dict.fromkeys(("TIMESTAMP_S", "TIMESTAMP_MS"), "TIMESTAMP"),
}
UNWRITABLE = ("INTERVAL", "UNION", "VARIANT")


@dataclass(eq=False)
class Evidence:
    """Checked input. Close it, or use it in a ``with``.

    Attributes
    ----------
    channels : all channels, sorted by name, "unknown" among them; a channel's code is its place
    capabilities : columns ``channel``, ``kind``, or ``None``
    watermark : microseconds since 1970 UTC; rows after it are left out and counted. If none was given, the latest time,
        or 0 without rows
    counts : rows read and rows left out, by name
    extras : columns of the conversions that pass through
    is_naive : whether the times of the conversions had no zone
    """

    con: duckdb.DuckDBPyConnection = field(repr=False)
    channels: tuple[str, ...]
    capabilities: pa.Table | None
    watermark: int
    counts: dict[str, int]
    extras: tuple[str, ...]
    is_naive: bool

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.con.close()

    def partitions(self, rows: int = ROWS) -> Iterator[Partition]:
        """Yield partitions of about ``rows`` touches or conversions, whole customers, in the order of customers.

        ``touches``: ``customer_id``, ``at`` (int64 µs UTC), ``channel`` (uint16 code; the one after the channels'
        is a survey answer that names none), ``kind`` (uint8 code), sorted by customer, time, kind, channel.
        ``conversions``: ``customer_id``, ``at``, ``value`` (int64), ``weight`` (double), the extras; sorted by all.
        Neither order nor cut depends on the order of rows in the files.
        """
        with told("touches and conversions"):
            yield from sorted_partitions(self.con, rows)

    def slices(self, folder: Path, count: int) -> list[Slice]:
        """Write the same rows by ranges of customers to an empty folder; see `slice_by_customer`."""
        return slice_by_customer(self.con, folder, count)


def open_evidence(
    touches: Source,
    conversions: Source,
    capabilities: Source | None = None,
    *,
    watermark: int | None = None,
    memory: str | None = None,
    threads: int | None = None,
    spill: Path | None = None,
) -> Evidence:
    """Check the input of the engine and make it ready to be read in partitions.

    Parameters
    ----------
    touches : columns ``customer_id``, ``channel``, ``kind``, ``at``; others are ignored
    conversions : columns ``customer_id``, ``at``, ``value``, optionally ``weight`` (1 without it); others pass through
    capabilities : columns ``channel``, ``kind``
    watermark : microseconds since 1970 UTC

    Customers are whole numbers if both sides have whole numbers, otherwise texts.

    Raises
    ------
    InputError : a file or column is missing, a type is wrong, a cell is empty or unreadable, a kind is not known
    """
    con = connect(memory=memory, threads=threads, spill=spill)
    try:
        opened_touches = open_source(con, "touches_read", touches, ("customer_id", "channel", "kind", "at"))
        opened_conversions = open_source(
            con, "conversions_read", conversions, ("customer_id", "at", "value"), optional=("weight",)
        )
        _join_customer_types(con, opened_touches, opened_conversions)
        given = FOREVER if watermark is None else watermark
        capable = None if capabilities is None else _check_capabilities(con, capabilities)
        with told(opened_touches.name):
            speaking, latest_touch, counts = _check_touches(con, opened_touches, given)
        with told(opened_conversions.name):
            latest_conversion, more_counts = _check_conversions(con, opened_conversions, given)
        if capable is not None:
            counts["touches_through_no_capability"] = _beyond(speaking, capable)
        channels = tuple(sorted({channel for channel, _, _ in speaking} - {DONT_REMEMBER} | {UNKNOWN}))
        for name, values in (("channels", (*channels, DONT_REMEMBER)), ("kinds", KINDS)):
            con.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(map(literal, values))})")
        latest = max(latest_touch, latest_conversion) if watermark is None else watermark
        _make_views_to_judge(con, latest)
    except BaseException:
        con.close()
        raise
    return Evidence(
        con=con,
        channels=channels,
        capabilities=capable,
        watermark=latest,
        counts=counts | more_counts,
        extras=opened_conversions.extras,
        is_naive=opened_conversions.types["at"] not in {CSV, "TIMESTAMP WITH TIME ZONE"},
    )


def _join_customer_types(con: duckdb.DuckDBPyConnection, touches: Opened, conversions: Opened) -> None:
    """Make the views ``touches`` and ``conversions``, whose customers are of one type."""
    whole = all(_has_whole_customers(con, opened) for opened in (touches, conversions))
    customer = f"CAST(customer_id AS {'BIGINT' if whole else 'VARCHAR'}) AS customer_id"
    con.execute(f'CREATE VIEW touches AS SELECT {customer}, channel, kind, "at" FROM {touches.view}')
    weight = "weight" if "weight" in conversions.types else "CAST(1 AS DOUBLE) AS weight"
    extras = [_passing(column, conversions) for column in conversions.extras]
    columns = [customer, '"at"', "value", weight, *extras]
    con.execute(f"CREATE VIEW conversions AS SELECT {', '.join(columns)} FROM {conversions.view}")


def _passing(column: str, conversions: Opened) -> str:
    """Return the SQL of a column that passes through, as a type that Parquet has.

    Raises
    ------
    InputError : there is no such type
    """
    kind = conversions.types[column]
    name = kind.partition("(")[0]
    if name in UNWRITABLE:
        raise InputError(conversions.name, column, f"has the type {kind}", "leave it out, or give a text or a number")
    passing = PASSING.get(name) or re.sub(r"\[\d+\]$", "[]", kind)
    return quoted(column) if passing == kind else f"CAST({quoted(column)} AS {passing}) AS {quoted(column)}"


def _make_views_to_judge(con: duckdb.DuckDBPyConnection, watermark: int) -> None:
    con.execute(
        'CREATE VIEW touches_to_judge AS SELECT customer_id, "at",'
        " CAST(enum_code(CAST(channel AS channels)) AS USMALLINT) AS channel,"
        f' CAST(enum_code(CAST(kind AS kinds)) AS UTINYINT) AS kind FROM touches WHERE "at" <= {watermark}'
    )
    con.execute(f'CREATE VIEW conversions_to_judge AS FROM conversions WHERE "at" <= {watermark}')


def _has_whole_customers(con: duckdb.DuckDBPyConnection, opened: Opened) -> bool:
    if opened.types["customer_id"] != CSV:
        return con.table(opened.view).select("customer_id").types[0] == "BIGINT"
    # "007" is a text: as a number it would be somebody else.
    test = "bool_and(regexp_full_match(customer_id, '0|-?[1-9][0-9]{0,17}'))"
    return bool(con.execute(f"SELECT coalesce({test}, true) FROM {opened.view}").fetchall()[0][0])


def _check_capabilities(con: duckdb.DuckDBPyConnection, source: Source) -> pa.Table:
    opened = open_source(con, "capabilities", source, ("channel", "kind"))
    for column in ("channel", "kind"):
        empty = con.execute(f"SELECT count(*) FROM capabilities WHERE {column} IS NULL").fetchall()[0][0]
        _refuse_empty(con, opened, column, empty)
    pairs = con.sql("SELECT DISTINCT channel, kind FROM capabilities ORDER BY ALL").to_arrow_table()
    _refuse_kinds(opened, set(pairs["kind"].to_pylist()))
    return pairs


def _check_touches(
    con: duckdb.DuckDBPyConnection, opened: Opened, watermark: int
) -> tuple[list[tuple[str, str, int]], int, dict[str, int]]:
    """Return (channel, kind, rows) of all pairs, the latest time up to the watermark, and counts."""
    groups = con.execute(
        'SELECT channel, kind, count(*), count(*) - count(customer_id), count(*) - count("at"),'
        f' max("at") FILTER ("at" <= {watermark}), count(*) FILTER ("at" > {watermark})'
        f" FROM touches GROUP BY ALL ORDER BY ALL LIMIT {MOST_CHANNELS * len(KINDS) + 1}"
    ).fetchall()
    _refuse_empty(con, opened, "customer_id", sum(group[3] for group in groups))
    _refuse_empty(con, opened, "channel", sum(group[2] for group in groups if group[0] is None))
    _refuse_empty(con, opened, "kind", sum(group[2] for group in groups if group[1] is None))
    _refuse_empty(con, opened, "at", sum(group[4] for group in groups))
    _refuse_kinds(opened, {group[1] for group in groups})
    channels = {group[0] for group in groups}
    if any(channel == DONT_REMEMBER and kind != "survey" for channel, kind, *_ in groups):
        remedy = "only a survey answer can say it: rename the channel"
        raise InputError(opened.name, "channel", f"{DONT_REMEMBER!r} is a reserved name", remedy)
    if UNKNOWN in channels:
        remedy = "it means that nothing explains a conversion: rename the channel"
        raise InputError(opened.name, "channel", f"{UNKNOWN!r} is a reserved name", remedy)
    if len(channels) > MOST_CHANNELS:
        problem = f"more than {MOST_CHANNELS} different channels"
        raise InputError(opened.name, "channel", problem, "check that this is the channel and not an id")
    counts = {
        "touches_read": sum(group[2] for group in groups),
        "touches_after_watermark": sum(group[6] for group in groups),
    }
    latest = max((group[5] for group in groups if group[5] is not None), default=0)
    return [group[:3] for group in groups], latest, counts


def _check_conversions(con: duckdb.DuckDBPyConnection, opened: Opened, watermark: int) -> tuple[int, dict[str, int]]:
    """Return the latest time up to the watermark, and counts."""
    taken = [name for name in RESERVED if name in opened.extras]
    if taken:
        raise InputError(opened.name, taken[0], "is a reserved name", "rename the column")
    (rows, customers, times, values, weights, latest, late) = con.execute(
        'SELECT count(*), count(customer_id), count("at"), count(value),'
        " count(*) FILTER (isfinite(weight) AND weight >= 0),"
        f' max("at") FILTER ("at" <= {watermark}), count(*) FILTER ("at" > {watermark}) FROM conversions'
    ).fetchall()[0]
    for column, readable in (("customer_id", customers), ("at", times), ("value", values)):
        _refuse_empty(con, opened, column, rows - readable)
    if weights < rows:
        problem = f"{rows - weights} rows have no weight, or one below 0 or without end"
        raise InputError(opened.name, "weight", problem, "give a number from 0, or leave the column out")
    return latest or 0, {"conversions_read": rows, "conversions_after_watermark": late}


def _refuse_empty(con: duckdb.DuckDBPyConnection, opened: Opened, column: str, rows: int) -> None:
    if not rows:
        return
    cell = quoted(column)
    unreadable = f"SELECT min(CAST({cell} AS VARCHAR)) FROM {opened.view}_raw WHERE {reader(opened, column)} IS NULL"
    example = con.execute(unreadable).fetchall()[0][0]
    problem = f"{rows} rows are empty or cannot be read" + (f", such as {example!r}" if example else "")
    raise InputError(opened.name, column, problem, f"each must be {MEANING[column]}")


def _refuse_kinds(opened: Opened, kinds: set[str]) -> None:
    strange = sorted(kinds - set(KINDS))
    if strange:
        said = ", ".join(map(repr, strange[:3]))
        raise InputError(opened.name, "kind", f"{said} is not a kind", f"use one of {', '.join(KINDS)}")


def _beyond(speaking: list[tuple[str, str, int]], capable: pa.Table) -> int:
    able = set(zip(capable["channel"].to_pylist(), capable["kind"].to_pylist(), strict=True))
    return sum(rows for channel, kind, rows in speaking if kind != "survey" and (channel, kind) not in able)
