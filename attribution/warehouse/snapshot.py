"""A folder of Parquet files, seen as tables: what the metrics read."""

from pathlib import Path

import duckdb
import narwhals as nw

from attribution.warehouse.errors import InputError
from attribution.warehouse.sources import literal, quoted


def connect(
    *, memory: str | None = None, threads: int | None = None, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Return an empty in-memory DuckDB in UTC; beyond ``memory`` (such as "1GB") it spills to the folder ``spill``.

    Raises
    ------
    InputError : memory or threads make no sense
    """
    con = duckdb.connect()
    con.execute("SET GLOBAL TimeZone = 'UTC'")
    # Whoever needs an order asks for it; keeping the files' order costs memory.
    con.execute("SET GLOBAL preserve_insertion_order = false")
    for setting, value in (("memory_limit", memory), ("threads", threads), ("temp_directory", spill)):
        if value is not None:
            _set(con, setting, str(value))
    return con


def _set(con: duckdb.DuckDBPyConnection, setting: str, value: str) -> None:
    try:
        con.execute(f"SET GLOBAL {setting} = {literal(value)}")
    except duckdb.Error as error:
        con.close()
        raise InputError(setting, None, f"{value!r} makes no sense", "give such as 1GB or 2") from error


def snapshot(directory: Path, *, memory: str | None = None, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection with one view per Parquet file of the folder, named as the file is.

    ``connection.table("orders")`` is a relation, ``connection.sql(...).to_arrow_table()`` gives Arrow.

    Raises
    ------
    InputError : the folder holds no Parquet file
    """
    files = sorted(directory.glob("*.parquet"))
    if not files:
        raise InputError(str(directory), None, "holds no Parquet file", "give the folder of a finished snapshot")
    con = connect(memory=memory, threads=threads)
    for file in files:
        con.execute(f"CREATE VIEW {quoted(file.stem)} AS FROM read_parquet({literal(str(file))})")
    return con


def frames(directory: Path) -> dict[str, nw.LazyFrame]:
    """Return the snapshot's tables by name, as lazy narwhals frames over DuckDB; see `snapshot`."""
    con = snapshot(directory)
    return {file.stem: nw.from_native(con.table(file.stem)) for file in sorted(directory.glob("*.parquet"))}
