"""From a file, a frame or a query to a typed view in DuckDB."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq

from attribution.warehouse.errors import InputError

# The order of the kinds is the order in which touches of equal time stand on a path; a kind's code is its place here.
KINDS = ("link", "referral", "import", "coupon", "survey")
UNKNOWN = "unknown"
# The channel of a survey answer that names none: it has no touch, but shows that the survey was answered.
DONT_REMEMBER = "dont_remember"

INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
WIDE = ("UBIGINT", "HUGEINT", "UHUGEINT")
MOMENTS = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
OTHER_MOMENTS = ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE")
CSV = "CSV"
# What Python can tell; DuckDB also has infinity and years with six digits.
WITHIN = "CASE WHEN {0} BETWEEN '0001-01-01' AND '9999-12-31' THEN epoch_us({0}) END"

# What each column may be in a file, and how it is read. "{c}" is the quoted column. A cell that cannot be read becomes
# NULL, and NULLs are refused afterwards: so nothing is cast in silence.
READERS: dict[str, dict[str, str]] = {
    "customer_id": {
        **dict.fromkeys(INTEGERS, "CAST({c} AS BIGINT)"),
        **dict.fromkeys(WIDE, "TRY_CAST({c} AS BIGINT)"),
        **dict.fromkeys(("VARCHAR", "ENUM", "UUID", CSV), "NULLIF(CAST({c} AS VARCHAR), '')"),
    },
    "at": {
        **dict.fromkeys(MOMENTS, WITHIN.format("{c}")),
        **dict.fromkeys(OTHER_MOMENTS, WITHIN.format("TRY_CAST({c} AS TIMESTAMP)")),
        CSV: WITHIN.format("TRY_CAST({c} AS TIMESTAMPTZ)"),
    },
    "value": {
        **dict.fromkeys(INTEGERS, "CAST({c} AS BIGINT)"),
        **dict.fromkeys(WIDE, "TRY_CAST({c} AS BIGINT)"),
        # A plain cast would round 12.50 to 13.
        CSV: "CASE WHEN regexp_full_match({c}, '[+-]?[0-9]+') THEN TRY_CAST({c} AS BIGINT) END",
    },
    "weight": {
        **dict.fromkeys((*INTEGERS, *WIDE, "FLOAT", "DOUBLE", "DECIMAL", CSV), "TRY_CAST({c} AS DOUBLE)"),
    },
    **dict.fromkeys(("channel", "kind"), dict.fromkeys(("VARCHAR", "ENUM", CSV), "NULLIF(CAST({c} AS VARCHAR), '')")),
}
MEANING = {
    "customer_id": "a whole number or a text",
    "at": "a time (UTC; ISO 8601 in CSV)",
    "value": "a whole number of minor units (int64)",
    "weight": "a number",
    "channel": "a text",
    "kind": f"one of {', '.join(KINDS)}",
}


@dataclass(frozen=True)
class Query:
    """A DuckDB query as input, such as ``SELECT ... FROM read_parquet('orders.parquet')``; messages use ``name``."""

    sql: str
    name: str = "query"


# A path to a .parquet or .csv file, a folder of .parquet files, a Query, or any eager frame that narwhals knows.
Source = str | Path | Query | Any


@dataclass(frozen=True)
class Opened:
    """A source whose columns are known and readable: ``view`` is the name of the typed view."""

    view: str
    name: str
    types: dict[str, str]  # of the source; "CSV" where every cell is text
    extras: tuple[str, ...]


def quoted(name: str) -> str:
    """Return a column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def open_source(
    con: duckdb.DuckDBPyConnection, view: str, source: Source, columns: Sequence[str], optional: Sequence[str] = ()
) -> Opened:
    """Make the typed view ``view``: the ``columns``, those ``optional`` ones that are there, then all others.

    Raises
    ------
    InputError : the file is missing or unreadable, a column is missing, or its type cannot be read
    """
    name = source_name(source)
    raw = f"{view}_raw"
    with told(name):
        from_csv = _load(con, raw, source)
        described = con.execute(f"DESCRIBE {raw}").fetchall()
    types = {column: CSV if from_csv else kind for column, kind, *_ in described}
    wanted = [*columns, *(column for column in optional if column in types)]
    opened = Opened(view, name, types, extras=tuple(sorted(set(types) - set(wanted))))
    parts = [f"{reader(opened, column)} AS {quoted(column)}" for column in wanted]
    selected = ", ".join([*parts, *map(quoted, opened.extras)])
    con.execute(f"CREATE VIEW {view} AS SELECT {selected} FROM {raw}")  # noqa: S608 - quoted columns, our own view
    return opened


@contextmanager
def told(name: str) -> Iterator[None]:
    """Tell what breaks while a source is read as an InputError: a file that is torn, or not what it says."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise InputError("memory_limit", None, "is too small for these files", "give more") from error
    except (duckdb.Error, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        first_line = str(error).strip().splitlines()[0]
        raise InputError(name, None, f"cannot be read ({first_line})", "give a Parquet or CSV (UTF-8) file") from error


def source_name(source: Source) -> str:
    """Return how messages call a source."""
    if isinstance(source, str | Path):
        return str(source)
    return source.name if isinstance(source, Query) else "frame"


def reader(source: Opened, column: str) -> str:
    """Return the SQL that reads a column of the raw source, and gives NULL where it cannot.

    Raises
    ------
    InputError : the column is missing, or its type cannot be read
    """
    if column not in source.types:
        has = ", ".join(source.types) or "none"
        raise InputError(source.name, column, f"is missing (there are: {has})", f"add it: {MEANING[column]}")
    kind = source.types[column]
    template = READERS[column].get(kind.partition("(")[0])
    if template is None:
        raise InputError(source.name, column, f"has the type {kind}", f"it must be {MEANING[column]}")
    return template.replace("{c}", quoted(column))


def _load(con: duckdb.DuckDBPyConnection, raw: str, source: Source) -> bool:
    """Make the view or table ``raw``; return whether it is CSV, where every cell is text."""
    if isinstance(source, Query):
        con.execute(f"CREATE VIEW {raw} AS {source.sql}")
        return False
    if not isinstance(source, str | Path):
        frame = nw.from_native(source, eager_only=True).to_arrow()
        con.register("given", frame)
        # A table, since what is registered is seen by one cursor only.
        con.execute(f"CREATE TABLE {raw} AS FROM given")
        con.unregister("given")
        return False
    path = Path(source)
    if not path.exists():
        raise InputError(str(source), None, "does not exist", "check the path")
    if path.suffix.lower() == ".csv":
        _load_csv(con, raw, path)
        return True
    if path.is_dir() or path.suffix.lower() in {".parquet", ".pq"}:
        pattern = path / "*.parquet" if path.is_dir() else path
        for file in path.glob("*.parquet") if path.is_dir() else [path]:
            _refuse_doubles(path, pq.read_schema(file).names)
        con.execute(f"CREATE VIEW {raw} AS FROM read_parquet({literal(str(pattern))})")
        return False
    raise InputError(str(source), None, "has an ending that is not known", "give a .parquet or .csv file")


def _load_csv(con: duckdb.DuckDBPyConnection, raw: str, path: Path) -> None:
    """Make a table of texts, since CSV is read several times and slow.

    Nothing is left to DuckDB's guesses, which skip rows that do not look like the others.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    if not header:
        raise InputError(str(path), None, "is empty", "give a first line with the names of the columns")
    _refuse_doubles(path, header)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
    options = "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', strict_mode = true"
    con.execute(f"CREATE TABLE {raw} AS FROM read_csv({literal(str(path))}, columns = {{{columns}}}, {options})")


def _refuse_doubles(path: Path, columns: Sequence[str]) -> None:
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise InputError(str(path), twice[0], "is there twice", "leave one of them out")
