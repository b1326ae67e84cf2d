"""A folder of Parquet files, seen as tables: what the metrics read."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq

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


def tables(directory: Path) -> dict[str, str]:
    """Return where each table of a snapshot lies, by name: a Parquet file, or the Parquet files of a folder.

    Raises
    ------
    InputError : the folder holds neither
    """
    found = {file.stem: str(file) for file in directory.glob("*.parquet")}
    found |= {file.parent.name: str(file.parent / "*.parquet") for file in directory.glob("*/*.parquet")}
    if not found:
        raise InputError(str(directory), None, "holds no Parquet file", "give the folder of a finished snapshot")
    return dict(sorted(found.items()))


def snapshot(
    directory: Path,
    *,
    known: Mapping[str, pa.Schema] | None = None,
    memory: str | None = None,
    threads: int | None = None,
) -> duckdb.DuckDBPyConnection:
    """Return a connection with one view per table of the folder: a Parquet file, or a folder of them, by its name.

    ``connection.table("orders")`` is a relation, ``connection.sql(...).to_arrow_table()`` gives Arrow. Tables and
    columns that are ``known`` and that the folder is too old to have are there too: empty, and null.

    Raises
    ------
    InputError : the folder holds no Parquet file
    """
    found = tables(directory)
    con = connect(memory=memory, threads=threads)
    for name, files in found.items():
        con.execute(f"CREATE VIEW {quoted(name)} AS FROM read_parquet({literal(files)})")
    for name, schema in (known or {}).items():
        if name not in found or not set(schema.names) <= _columns(directory, name):
            _complete(con, name, schema, found.get(name))
    return con


def _columns(directory: Path, name: str) -> set[str]:
    whole = directory / f"{name}.parquet"
    file = whole if whole.exists() else next((directory / name).glob("*.parquet"))
    return set(pq.read_schema(file).names)


def _complete(con: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, files: str | None) -> None:
    """See the table with all the columns of the schema."""
    empty = f"empty_{name}"
    con.register("empty", schema.empty_table())
    con.execute(f"CREATE TABLE {quoted(empty)} AS FROM empty")
    con.unregister("empty")
    kept = "" if files is None else f"UNION ALL BY NAME FROM read_parquet({literal(files)})"
    con.execute(f"CREATE OR REPLACE VIEW {quoted(name)} AS FROM {quoted(empty)} {kept}")


def frames(directory: Path) -> dict[str, nw.LazyFrame]:
    """Return the snapshot's tables by name, as lazy narwhals frames over DuckDB; see `snapshot`."""
    con = snapshot(directory)
    return {name: nw.from_native(con.table(name)) for name in tables(directory)}
