"""The one door from rows to columns: every Fact as a Parquet file, all read in one read transaction.

Arrow comes straight from the database's driver (ADBC): no Python object per row, bounded memory. SQLite's driver keeps
times as text and infers a column's type from the first rows, so a row of the declared types goes first and is dropped.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection

from attribution.facts import REGISTRY, Fact

ROW_GROUP = 500_000
# A value of the right storage class for each Arrow type, so that SQLite's driver does not guess from NULLs.
TYPED: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_floating, "0.5"),
    (pa.types.is_integer, "1"),
    (pa.types.is_boolean, "1"),
    (lambda _: True, "'x'"),
)


@dataclass(frozen=True)
class Written:
    """What was written of one Fact: how many rows, and the file's SHA-256."""

    rows: int
    sha256: str


def write_facts(folder: Path, tell: Callable[[int, int], None]) -> dict[str, Written]:
    """Write every registered Fact to ``folder`` as ``<name>.parquet``; ``tell(done, total)`` hears of the progress."""
    folder.mkdir(parents=True)
    written: dict[str, Written] = {}
    facts = sorted(REGISTRY.values(), key=lambda fact: fact.name)
    with _reader() as cursor:
        for number, fact in enumerate(facts):
            tell(number, len(facts))
            path = folder / f"{fact.name}.parquet"
            written[fact.name] = Written(_write(cursor, fact, path), _checksum(path))
    return written


@contextmanager
def _reader() -> Iterator[Any]:
    """Yield an ADBC cursor inside one read transaction that sees one state of the database throughout."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        # Not autocommit: SQLite's transaction holds the state that its first read saw.
        opened = adbc_driver_sqlite.dbapi.connect(f"file:{settings['NAME']}?mode=ro")
    else:
        opened = adbc_driver_postgresql.dbapi.connect(_address(settings))
    with closing(opened), closing(opened.cursor()) as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield cursor


def _address(settings: dict[str, Any]) -> str:
    """Return libpq's words for the connection; quoted, since a password may hold anything."""
    words = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    quoted = {word: str(settings[name]).replace("\\", "\\\\").replace("'", "\\'") for word, name in words.items()}
    return " ".join(f"{word}='{value}'" for word, value in quoted.items() if value)


def _statement(fact: Fact) -> tuple[str, list[Any]]:
    """Return the Fact's query in the words of the driver."""
    sql, parameters = fact.rows().query.get_compiler(connection=connection).as_sql()
    if connection.vendor == "sqlite":
        sql = sql.replace("%%", "\0").replace("%s", "?").replace("\0", "%")
        typed = ", ".join(next(value for test, value in TYPED if test(kind)) for kind in fact.columns.values())
        return f"SELECT {typed} UNION ALL SELECT * FROM ({sql})", list(parameters)
    numbers = count(1)
    parts = sql.replace("%%", "\0").split("%s")
    sql = parts[0] + "".join(f"${next(numbers)}{part}" for part in parts[1:])
    return sql.replace("\0", "%"), list(parameters)


def _write(cursor: Any, fact: Fact, path: Path) -> int:
    sql, parameters = _statement(fact)
    cursor.execute(sql, parameters or None)
    rows, skip = 0, 1 if connection.vendor == "sqlite" else 0
    with pq.ParquetWriter(path, fact.schema, compression="zstd", compression_level=1) as writer:
        for batch in cursor.fetch_record_batch():
            taken = batch.slice(skip) if skip else batch
            skip = 0
            writer.write_batch(typed_batch(taken, fact.schema), row_group_size=ROW_GROUP)
            rows += taken.num_rows
    return rows


def typed_batch(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch with the declared types; a value that does not fit is an error, never a NULL."""
    columns = [_typed(column, wanted.type) for column, wanted in zip(batch.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _typed(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    if column.type == wanted:
        return column
    if pa.types.is_boolean(wanted) and pa.types.is_integer(column.type):
        return pc.not_equal(column, 0)
    return column.cast(wanted)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
