"""One pass over all customers: everything that a run keeps."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from attribution.engine.distinct import NO_PATH, DistinctPaths, PathBook
from attribution.engine.journeys import Journeys, Parameters, build
from attribution.engine.judgement import CAPABILITIES, CONVERSIONS, FORMAT, MANIFEST, PATH_COUNTS, PATHS, Judgement
from attribution.engine.models import MODELS, Model, model_named
from attribution.engine.paths import Ints, shares_of
from attribution.warehouse import KINDS, UNKNOWN, Evidence, InputError, Source, open_evidence
from attribution.warehouse.evidence import ROWS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT = pa.timestamp("us", tz="UTC")
MEMORY = "1GB"


def judge(
    touches: Source,
    conversions: Source,
    out: Path,
    *,
    capabilities: Source | None = None,
    parameters: Parameters = Parameters(),  # noqa: B008 - it is frozen
    watermark: datetime | None = None,
    models: Iterable[str] = tuple(MODELS),
    partitions: int | None = None,
    memory: str = MEMORY,
    threads: int | None = None,
) -> Judgement:
    """Judge all conversions once and write what any report may ask for to the folder ``out``.

    Parameters
    ----------
    touches, conversions, capabilities : see `attribution.warehouse.open_evidence`
    watermark : rows after it are left out and counted (naive means UTC); without it, the latest time in the input
    models : those that distinct paths do not determine get a file of their own; all others can be asked for anyway
    partitions : about how many; without it, as many as bounded memory needs. The result is the same
    memory : what DuckDB may use before it spills to disk

    Returns
    -------
    the `Judgement` in ``out``. Its manifest is written last: a folder without one is not finished

    Raises
    ------
    InputError : the input cannot be judged; nothing is written then
    ModelError : a model is not known
    """
    for source in (touches, conversions, capabilities):
        if isinstance(source, str | Path) and out.resolve() in (Path(source).resolve(), Path(source).resolve().parent):
            raise InputError(str(source), None, "lies where the judgement goes", "choose another folder for it")
    by_customer = [model for model in map(model_named, models) if not model.by_path]
    limit = None if watermark is None else _micros(watermark)
    with tempfile.TemporaryDirectory(prefix="wanamaker-") as name:
        spill = Path(name)
        with open_evidence(
            touches, conversions, capabilities, watermark=limit, memory=memory, threads=threads, spill=spill
        ) as evidence:
            out.mkdir(parents=True, exist_ok=True)
            (out / MANIFEST).unlink(missing_ok=True)
            rows = ROWS if partitions is None else _rows_of(evidence, partitions)
            with _Pass(evidence, parameters, by_customer, spill, out) as one_pass:
                for partition in evidence.partitions(rows):
                    one_pass.add(build(partition, parameters, evidence.watermark))
            one_pass.finish()
    return Judgement(out)


def _micros(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


def _rows_of(evidence: Evidence, partitions: int) -> int:
    most = max(evidence.counts["touches_read"], evidence.counts["conversions_read"])
    return max(1, -(-most // max(1, partitions)))


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Numbers as differences, texts as dictionaries: half the size of the defaults, and faster than they are."""
    whole = [field.name for field in schema if pa.types.is_integer(field.type) or pa.types.is_timestamp(field.type)]
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_dictionary(field.type)]
    encoding = dict.fromkeys(whole, "DELTA_BINARY_PACKED")
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=texts, column_encoding=encoding)


def _write(table: pa.Table, path: Path) -> None:
    with _writer(path, table.schema) as writer:
        writer.write_table(table)


class _Pass:
    """What the partitions add up to, and the files that grow with them."""

    def __init__(
        self, evidence: Evidence, parameters: Parameters, by_customer: list[Model], spill: Path, out: Path
    ) -> None:
        self._evidence, self._parameters, self._out = evidence, parameters, out
        self._slots = spill / "conversions.arrow"  # conversions with slots, since ids are known at the end only
        self._by_customer = by_customer
        self._book, self._counts = PathBook(), Counter(evidence.counts)
        self._files = ExitStack()
        self._rows: pa.RecordBatchWriter | None = None
        self._credits = {
            model.name: self._files.enter_context(_writer(out / f"{model.name}.parquet", self._credit_schema()))
            for model in by_customer
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def add(self, journeys: Journeys) -> None:
        first_row = self._counts["conversions"]
        for model in self._by_customer:
            self._credits[model.name].write_table(self._credit(journeys, model, first_row))
        table = journeys.conversions.append_column("slot", pa.array(self._book.add(journeys), pa.int32()))
        table = table.set_column(1, "at", table["at"].cast(MOMENT))
        if self._rows is None:
            self._rows = self._files.enter_context(pa.ipc.new_file(str(self._slots), table.schema))
        self._rows.write_table(table)
        self._counts.update(journeys.counts)

    def finish(self) -> None:
        distinct = self._book.close()
        self._write_conversions(distinct.identity)
        self._write_paths(distinct)
        if self._evidence.capabilities is not None:
            _write(self._evidence.capabilities, self._out / CAPABILITIES)
        (self._out / MANIFEST).write_text(json.dumps(self._manifest(), indent=1), encoding="utf-8")

    def _credit_schema(self) -> pa.Schema:
        return pa.schema([("conversion", pa.int64()), ("channel", self._channel([]).type), ("credit", pa.float64())])

    def _channel(self, codes: Any) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(self._evidence.channels))

    def _credit(self, journeys: Journeys, model: Model, first_row: int) -> pa.Table:
        """Return the credits of the conversions that have a touch."""
        paths = journeys.paths.first(journeys.conversions.num_rows)
        assert model.credit is not None
        credit = model.credit(paths, self._parameters.half_life // timedelta(microseconds=1))
        channels = self._evidence.channels
        shares = shares_of(paths, credit, channels=len(channels), unknown=channels.index(UNKNOWN))
        known = paths.lengths[shares.path] > 0
        columns = [
            pa.array(shares.path[known] + first_row),
            self._channel(shares.channel[known]),
            pa.array(shares.credit[known]),
        ]
        return pa.Table.from_arrays(columns, schema=self._credit_schema())

    def _write_conversions(self, identity: Ints) -> None:
        """Write the conversions with the ids of their paths; null where there is no path."""
        identity = np.append(identity, NO_PATH)  # where NO_PATH, the last, points
        with pa.memory_map(str(self._slots)) as file:
            reader = pa.ipc.open_file(file)
            slot = reader.schema.get_field_index("slot")
            schema = reader.schema.set(slot, pa.field("path_id", pa.int64()))
            with _writer(self._out / CONVERSIONS, schema) as writer:
                for number in range(reader.num_record_batches):
                    batch = reader.get_batch(number)
                    ids = identity[batch.column(slot).to_numpy()]
                    column = pa.array(ids, mask=ids == NO_PATH)
                    writer.write_batch(batch.set_column(slot, "path_id", column))

    def _write_paths(self, distinct: DistinctPaths) -> None:
        paths = distinct.paths
        kinds = pa.DictionaryArray.from_arrays(pa.array(paths.kind, pa.int8()), pa.array(KINDS))
        position = np.arange(len(paths.channel)) - paths.offsets[paths.owner]
        rows = {
            "path_id": paths.owner,
            "position": position,
            "channel": self._channel(paths.channel),
            "kind": kinds,
        }
        _write(pa.table(rows), self._out / PATHS)
        counts = {"path_id": np.arange(len(paths)), **distinct.counts}
        _write(pa.table(counts), self._out / PATH_COUNTS)

    def _manifest(self) -> dict[str, Any]:
        evidence = self._evidence
        return {
            "format": FORMAT,
            "channels": list(evidence.channels),
            "parameters": {name: span.total_seconds() for name, span in vars(self._parameters).items()},
            "watermark": (EPOCH + timedelta(microseconds=evidence.watermark)).isoformat(),
            "is_naive": evidence.is_naive,
            "has_capabilities": evidence.capabilities is not None,
            "models_by_customer": sorted(self._credits),
            "counts": dict(self._counts),
        }
