"""Rows of the database as Arrow, straight from its driver (ADBC): no Python object per row, bounded memory.

SQLite's driver keeps times as text and infers a column's type from the first rows, so a row of the declared types goes
first and is dropped.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from typing import Any

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from attribution.customers.models import Customer
from attribution.facts import Fact

# A value of the right storage class for each Arrow type, so that SQLite's driver does not guess from NULLs.
TYPED: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_floating, "0.5"),
    (pa.types.is_integer, "1"),
    (pa.types.is_boolean, "1"),
    (lambda _: True, "'x'"),
)
BATCH = 2**14
CACHE_KB = 128 * 1024  # what SQLite looks customers up in, instead of its own 2 MB


class Reader:
    """Reads while one read transaction lasts: it sees one state of the database throughout."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        merged = Customer.objects.exclude(merged_into=None).values_list("pk", "merged_into_id")
        found = self.table(merged, pa.schema([("id", pa.int64()), ("into", pa.int64())]))
        self._merged, self._into = (found[name].combine_chunks() for name in ("id", "into"))

    def batches(self, rows: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a ``values_list`` queryset in the declared types."""
        sql, parameters = _statement(rows, schema)
        self._cursor.execute(sql, parameters or None)
        skip = 1 if connection.vendor == "sqlite" else 0
        for batch in self._cursor.fetch_record_batch():
            taken = batch.slice(skip) if skip else batch
            skip = 0
            yield typed_batch(taken, schema)

    def fact(self, fact: Fact, rows: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Yield rows of the Fact, with the customers that are left in the place of those who were merged."""
        for batch in self.batches(rows, schema):
            for column in fact.people:
                place = schema.get_field_index(column)
                batch = batch.set_column(place, schema.field(place), self._left(batch.column(place)))
            yield batch

    def _left(self, customers: pa.Array) -> pa.Array:
        # Looked up here: a join would cost the database as much as all the rest.
        return pc.coalesce(self._into.take(pc.index_in(customers, self._merged)), customers)

    def table(self, rows: Any, schema: pa.Schema) -> pa.Table:
        """Return the rows of a small queryset."""
        return pa.Table.from_batches(self.batches(rows, schema), schema)

    def names(self, sql: str) -> set[str]:
        """Return the first column of a query of our own."""
        self._cursor.execute(sql)
        return {name for (name,) in self._cursor.fetchall()}


@contextmanager
def reading() -> Iterator[Reader]:
    """Yield a reader; its read transaction ends with the block."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        # Not autocommit: SQLite's transaction holds the state that its first read saw.
        opened = adbc_driver_sqlite.dbapi.connect(f"file:{settings['NAME']}?mode=ro")
    else:
        opened = adbc_driver_postgresql.dbapi.connect(_address(settings))
    with closing(opened), closing(opened.cursor()) as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        else:
            cursor.execute(f"PRAGMA cache_size = -{CACHE_KB}")
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH)})
        yield Reader(cursor)


def _address(settings: dict[str, Any]) -> str:
    """Return libpq's words for the connection; quoted, since a password may hold anything."""
    words = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    quoted = {word: str(settings[name]).replace("\\", "\\\\").replace("'", "\\'") for word, name in words.items()}
    return " ".join(f"{word}='{value}'" for word, value in quoted.items() if value)


def _statement(rows: Any, schema: pa.Schema) -> tuple[str, list[Any]]:
    """Return the query in the words of the driver."""
    sql, parameters = rows.query.get_compiler(connection=connection).as_sql()
    if connection.vendor == "sqlite":
        sql = sql.replace("%%", "\0").replace("%s", "?").replace("\0", "%")
        typed = ", ".join(next(value for test, value in TYPED if test(kind)) for kind in schema.types)
        return f"SELECT {typed} UNION ALL SELECT * FROM ({sql})", list(parameters)  # noqa: S608 - literals of ours, Django's SQL
    numbers = count(1)
    parts = sql.replace("%%", "\0").split("%s")
    sql = parts[0] + "".join(f"${next(numbers)}{part}" for part in parts[1:])
    return sql.replace("\0", "%"), list(parameters)


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
