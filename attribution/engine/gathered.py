"""What partitions add up to, in their order: totals alone, or all the files of a judgement."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from attribution.engine.distinct import Distinct, WordBook, paths_of
from attribution.engine.evidence import Patterns, fit_evidence
from attribution.engine.evidence.fit import FITTED
from attribution.engine.evidence.patterns import able_channels, said_of
from attribution.engine.journeys import NOWHERE
from attribution.engine.judgement import (
    CAPABILITIES,
    CONVERSIONS,
    FORMAT,
    MANIFEST,
    PATH_COUNTS,
    PATHS,
    PATTERNS,
    Judgement,
)
from attribution.engine.models import Model
from attribution.engine.partition import Judged, Terms
from attribution.engine.paths import Codes, Ints, Paths
from attribution.warehouse import KINDS, Evidence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_PATHS = 2**18  # that are written at once
CREDITS = pa.schema(
    [("conversion", pa.int64()), ("channel", pa.dictionary(pa.int32(), pa.string())), ("credit", pa.float64())]
)


class Sums:
    """Weight, and value × weight, of the conversions by path, and after the last path of those that have none.

    They are added up one conversion after the other, so that fractions do not depend on where partitions were cut.
    """

    def __init__(self, paths: int) -> None:
        self._weight, self._value = np.zeros(paths + 1), np.zeros(paths + 1)

    def add(self, batch: pa.RecordBatch, path: Ints) -> None:
        """Add conversions with the ids of their paths; NOWHERE is the place after the last path."""
        weight = batch.column("weight").to_numpy()
        np.add.at(self._weight, path, weight)
        np.add.at(self._value, path, batch.column("value").to_numpy() * weight)

    def path_counts(self, paths: Distinct) -> pa.Table:
        """Return a row for each path: ``path_id``, ``conversions``, ``weight``, ``value``, ``ended_in_nothing``."""
        counts = {
            "path_id": np.arange(len(paths.words)),
            "conversions": paths.counts["conversions"],
            "weight": self._weight[:-1],
            "value": self._value[:-1],
            "ended_in_nothing": paths.counts["ended_in_nothing"],
        }
        return pa.table(counts)

    @property
    def without_touch(self) -> dict[str, float]:
        """Weight and value of the conversions that have no path."""
        return {"weight": self._weight[-1], "value": self._value[-1]}


class Gathered:
    """Takes partitions in the order of customers; `finish` gives a judgement that has totals alone.

    Conversions are put aside in the folder ``spill``: the ids of their paths are known at the end only.
    """

    def __init__(self, evidence: Evidence, terms: Terms, spill: Path, models: Sequence[Model]) -> None:
        self._evidence, self._terms, self._models = evidence, terms, models
        self._counts = Counter(evidence.counts)
        self._books: dict[str, WordBook] = {}
        self._aside = spill / "conversions.arrow"
        self._firsts: list[dict[str, int]] = []  # of each batch aside: its partition's first words
        self._open = ExitStack()
        self._schema: pa.Schema | None = None
        self._rows: pa.RecordBatchWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def add(self, judged: Judged) -> None:
        """Take the next partition."""
        first = {name: self._books.setdefault(name, WordBook()).add(words) for name, words in judged.words.items()}
        table = (
            judged.conversions if self._terms.is_whole else judged.conversions.select(["weight", "value", "path_id"])
        )
        if self._rows is None:
            self._schema = table.schema
            self._rows = self._open.enter_context(pa.ipc.new_file(str(self._aside), table.schema))
        for batch in table.to_batches():
            self._rows.write_batch(batch)
            self._firsts.append(first)
        self._counts.update(judged.counts)

    def finish(self) -> Judgement:
        """Return the judgement, once all partitions are there and this is closed."""
        distinct = self._distinct()
        sums = Sums(len(distinct["path"].words))
        for batch, ids in self._conversions(distinct):
            sums.add(batch, ids["path"])
        names = tuple(model.name for model in self._models if model.by_path)
        judgement = Judgement(None, self._manifest(sums), names)
        judgement.paths = paths_of(distinct["path"].words)
        judgement.path_counts = sums.path_counts(distinct["path"])
        return judgement

    def _distinct(self) -> dict[str, Distinct]:
        return {name: book.close() for name, book in self._books.items()}

    def _conversions(self, distinct: dict[str, Distinct]) -> Iterator[tuple[pa.RecordBatch, dict[str, Ints]]]:
        """Yield the conversions, some at a time, and the ids of their words in each dictionary, or NOWHERE."""
        with pa.memory_map(str(self._aside)) as file:
            reader = pa.ipc.open_file(file)
            for number, first in enumerate(self._firsts):
                batch = reader.get_batch(number)
                yield (
                    batch,
                    {
                        name: _ids(batch.column(f"{name}_id"), each.identity, first[name])
                        for name, each in distinct.items()
                    },
                )

    def _manifest(self, sums: Sums) -> dict[str, Any]:
        evidence = self._evidence
        return {
            "format": FORMAT,
            "channels": list(evidence.channels),
            "parameters": {name: span.total_seconds() for name, span in vars(self._terms.parameters).items()},
            "watermark": (EPOCH + timedelta(microseconds=evidence.watermark)).isoformat(),
            "is_naive": evidence.is_naive,
            "has_capabilities": evidence.capabilities is not None,
            "models_by_customer": sorted(self._terms.models),
            "counts": dict(self._counts),
            "without_touch": sums.without_touch,
        }


class Files(Gathered):
    """Writes what a judgement keeps in the folder ``out``; the manifest last."""

    def __init__(self, evidence: Evidence, terms: Terms, spill: Path, models: Sequence[Model], out: Path) -> None:
        super().__init__(evidence, terms, spill, models)
        self._out = out
        out.mkdir(parents=True, exist_ok=True)
        for name in (MANIFEST, FITTED):  # of one that was there
            (out / name).unlink(missing_ok=True)
        self._credits = {
            model: self._open.enter_context(_writer(out / f"{model}.parquet", CREDITS)) for model in terms.models
        }

    def add(self, judged: Judged) -> None:
        for model, table in judged.credits.items():
            self._credits[model].write_table(self._named(table))
        super().add(judged)

    def finish(self) -> Judgement:
        distinct = self._distinct()
        sums = self._write_conversions(distinct)
        self._write_paths(paths_of(distinct["path"].words))
        _write(sums.path_counts(distinct["path"]), self._out / PATH_COUNTS)
        self._write_patterns(distinct["pattern"])
        if self._evidence.capabilities is not None:
            _write(self._evidence.capabilities, self._out / CAPABILITIES)
        (self._out / MANIFEST).write_text(json.dumps(self._manifest(sums), indent=1), encoding="utf-8")
        return Judgement(self._out)

    def _named(self, credit: pa.Table) -> pa.Table:
        """Return a partition's credits with the names of channels and the keys of conversions."""
        keys = credit["conversion"].to_numpy() + self._counts["conversions"]
        channels = self._channel(credit["channel"].to_numpy())
        return pa.Table.from_arrays([pa.array(keys), channels, credit["credit"]], schema=CREDITS)

    def _channel(self, codes: Codes) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(self._terms.channels))

    def _write_conversions(self, distinct: dict[str, Distinct]) -> Sums:
        """Write the conversions with the ids of their words, null where there is none; return what they sum to."""
        sums, schema = Sums(len(distinct["path"].words)), self._schema
        assert schema is not None
        places = {name: schema.get_field_index(f"{name}_id") for name in distinct}
        for name, place in places.items():
            schema = schema.set(place, pa.field(f"{name}_id", pa.int64()))
        with _writer(self._out / CONVERSIONS, schema) as writer:
            for batch, ids in self._conversions(distinct):
                sums.add(batch, ids["path"])
                for name, place in places.items():
                    column = pa.array(ids[name], mask=ids[name] == NOWHERE)
                    batch = batch.set_column(place, f"{name}_id", column)
                writer.write_batch(batch)
        return sums

    def _write_paths(self, paths: Paths) -> None:
        kinds = pa.array(KINDS)
        schema = pa.schema(
            [
                ("path_id", pa.int64()),
                ("position", pa.int64()),
                ("channel", CREDITS.field("channel").type),
                ("kind", pa.dictionary(pa.int8(), pa.string())),
            ]
        )
        with _writer(self._out / PATHS, schema) as writer:
            for first in range(0, max(1, len(paths)), MOST_PATHS):
                part = paths.part(first, min(first + MOST_PATHS, len(paths)))
                owner = part.owner
                columns = [
                    pa.array(owner + first),
                    pa.array(np.arange(len(owner)) - part.offsets[owner]),
                    self._channel(part.channel),
                    pa.DictionaryArray.from_arrays(pa.array(part.kind, pa.int8()), kinds),
                ]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))

    def _write_patterns(self, distinct: Distinct) -> None:
        said, channels = said_of(distinct.words), self._terms.channels
        able = able_channels(said, channels, self._evidence.capabilities)
        patterns = Patterns(said, distinct.counts["conversions"], channels, able)
        _write(patterns.table(), self._out / PATTERNS)
        if any(model.is_fitted for model in self._models):
            fit_evidence(patterns).keep(self._out)


def _ids(places: pa.Array, identity: Ints, first: int) -> Ints:
    """Return the ids of words that have these places in the dictionary of a partition, or NOWHERE."""
    local = places.to_numpy()
    ids = np.full(len(local), NOWHERE, dtype=np.int64)
    known = np.flatnonzero(local != NOWHERE)
    ids[known] = identity[local[known] + first]
    return ids


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Numbers as differences, texts as dictionaries: half the size of the defaults, and faster than they are."""
    whole = [field.name for field in schema if pa.types.is_integer(field.type) or pa.types.is_timestamp(field.type)]
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_dictionary(field.type)]
    encoding = dict.fromkeys(whole, "DELTA_BINARY_PACKED")
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=texts, column_encoding=encoding)


def _write(table: pa.Table, path: Path) -> None:
    with _writer(path, table.schema) as writer:
        writer.write_table(table)
