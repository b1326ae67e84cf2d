"""A Fact as files: whole, or cut into parts of which only those are read again that have changed."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection
from django.db.models import F

from attribution.facts import Cut, Fact
from attribution.runs.snapshot.reader import Reader

FORMAT = 2  # of the files: parts in another one are not taken over


@dataclass(frozen=True)
class Written:
    """What was written of one Fact: rows and SHA-256 of its files, how many parts were read and how many taken over.

    ``is_whole`` if everything was read, whatever had changed. ``parts`` maps a part's number to its rows and SHA-256; a
    Fact that is not cut has none.
    """

    rows: int
    sha256: str
    read: int
    kept: int
    is_whole: bool
    definition: str
    parts: dict[int, tuple[int, str]]

    def record(self) -> dict[str, Any]:
        """Return it without its parts, for the run's row."""
        return {name: value for name, value in asdict(self).items() if name != "parts"}


def definition(fact: Fact) -> str:
    """Return what names the Fact's query, columns and cut: files of another definition are not taken over."""
    sql, parameters = fact.rows().query.get_compiler(connection=connection).as_sql()
    words = (FORMAT, connection.vendor, sql, parameters, str(fact.schema), fact.cut, fact.people)
    return hashlib.sha256(repr(words).encode()).hexdigest()[:16]


def write_small(reader: Reader, fact: Fact, folder: Path) -> Written:
    """Write all rows into ``<name>.parquet``."""
    path = folder / f"{fact.name}.parquet"
    table = pa.Table.from_batches(reader.fact(fact, fact.rows(), fact.schema), fact.schema)
    _write(table, path)
    return Written(table.num_rows, checksum(path), 1, 0, True, definition(fact), {})


@dataclass(frozen=True)
class Before:
    """A cut Fact as the base has it: its files, and the parts in which something may have changed since."""

    folder: Path
    parts: dict[int, tuple[int, str]]
    dirty: set[int]


def write_cut(reader: Reader, fact: Fact, folder: Path, before: Before | None) -> Written:
    """Write a Fact as ``<name>/<part>.parquet``: the parts that have changed anew, the others taken over."""
    target = folder / fact.name
    target.mkdir()
    parts = {} if before is None else _take_over(before, target)
    kept = len(parts)
    stretches = [None] if before is None else _stretches((before.parts.keys() | before.dirty) - parts.keys())
    for stretch in stretches:
        for part, table in _read(reader, fact, stretch):
            path = file_of(target, part)
            if path.exists():
                raise ValueError(f"the rows of {fact.name} do not come in the order of their parts")
            _write(table, path)
            parts[part] = table.num_rows, checksum(path)
    if not parts:
        _write(fact.schema.empty_table(), target / "none.parquet")
    sha256 = _checksum_of({part: sha256 for part, (_rows, sha256) in parts.items()})
    rows = sum(rows for rows, _ in parts.values())
    read, is_whole = len(parts) - kept, before is None
    return Written(rows, sha256, read, kept, is_whole, definition(fact), dict(sorted(parts.items())))


def fact_checksum(folder: Path, name: str) -> str:
    """Return the checksum of a Fact's files as they are now: `Written.sha256`, unless they were changed."""
    whole = folder / f"{name}.parquet"
    if whole.exists():
        return checksum(whole)
    return _checksum_of({int(file.stem): checksum(file) for file in (folder / name).glob("[0-9]*.parquet")})


def _checksum_of(parts: dict[int, str]) -> str:
    return hashlib.sha256("".join(f"{part} {parts[part]}\n" for part in sorted(parts)).encode()).hexdigest()


def _take_over(before: Before, target: Path) -> dict[int, tuple[int, str]]:
    """Link the files of unchanged parts, and return these; a file that is lost or spoilt is none of them."""
    taken = {}
    for part, (rows, sha256) in before.parts.items():
        file = file_of(before.folder, part)
        if part not in before.dirty and file.is_file() and checksum(file) == sha256:
            _link(file, file_of(target, part))
            taken[part] = rows, sha256
    return taken


def _link(file: Path, link: Path) -> None:
    """Make ``link`` the same file: removing one then leaves the other. Copy it where the disk knows no links."""
    try:
        os.link(file, link)
    except OSError:
        shutil.copyfile(file, link)


def _stretches(parts: set[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of parts that follow one another."""
    ordered = sorted(parts)
    ends = [number for number, (one, next_one) in enumerate(pairwise(ordered), 1) if next_one > one + 1]
    for start, end in pairwise([0, *ends, len(ordered)] if ordered else []):
        yield ordered[start], ordered[end - 1]


def _read(reader: Reader, fact: Fact, stretch: tuple[int, int] | None) -> Iterator[tuple[int, pa.Table]]:
    """Yield part by part with its rows: those of the stretch, or all."""
    assert fact.cut is not None
    column = fact.cut.column
    rows = fact.rows().annotate(cut_key=F(column)).order_by(column, "pk")
    if stretch is not None:
        low, high = fact.cut.bounds(*stretch)
        rows = rows.filter(**{f"{column}__gte": low, f"{column}__lt": high})
    schema = fact.schema.append(pa.field("cut_key", fact.cut.type))
    held: list[pa.RecordBatch] = []
    now: int | None = None
    for batch in reader.fact(fact, rows, schema):
        for part, piece in _pieces(batch, fact.cut):
            if part != now and now is not None:
                yield now, pa.Table.from_batches(held).drop_columns("cut_key")
                held = []
            now = part
            held.append(piece)
    if now is not None:
        yield now, pa.Table.from_batches(held).drop_columns("cut_key")


def _pieces(batch: pa.RecordBatch, cut: Cut) -> Iterator[tuple[int, pa.RecordBatch]]:
    parts = cut.parts(batch.column(batch.num_columns - 1)).to_numpy()
    starts = np.flatnonzero(np.diff(parts)) + 1
    for start, end in pairwise([0, *starts.tolist(), len(parts)] if len(parts) else []):
        yield int(parts[start]), batch.slice(start, end - start)


def file_of(folder: Path, part: int) -> Path:
    return folder / f"{part:06}.parquet"


def _write(table: pa.Table, path: Path) -> None:
    # In row groups of a million rows, whatever batches the driver delivered: the same rows give the same file. Numbers
    # as differences, texts as dictionaries: smaller than the defaults, and twice as fast.
    whole = [each.name for each in table.schema if pa.types.is_integer(each.type) or pa.types.is_temporal(each.type)]
    texts = [each.name for each in table.schema if pa.types.is_string(each.type)]
    encoding = dict.fromkeys(whole, "DELTA_BINARY_PACKED")
    table = table.combine_chunks()
    pq.write_table(table, path, compression="zstd", compression_level=1, use_dictionary=texts, column_encoding=encoding)


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
