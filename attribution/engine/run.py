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

from attribution.engine.distinct import PathBook
from attribution.engine.journeys import Journeys, Parameters, build
from attribution.engine.judgement import CAPABILITIES, CONVERSIONS, FORMAT, MANIFEST, PATH_COUNTS, PATHS, Judgement
from attribution.engine.models import MODELS, Model, model_named
from attribution.engine.paths import Ints, shares_of
from attribution.warehouse import KINDS, UNKNOWN, Evidence, Source, open_evidence
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
            model.name: self._files.enter_context(
                pq.ParquetWriter(out / f"{model.name}.parquet", self._credit_schema())
            )
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
        self._write_conversions()
        self._write_paths()
        if self._evidence.capabilities is not None:
            pq.write_table(self._evidence.capabilities, self._out / CAPABILITIES)
        (self._out / MANIFEST).write_text(json.dumps(self._manifest(), indent=1), encoding="utf-8")

    def _credit_schema(self) -> pa.Schema:
        return pa.schema([("conversion", pa.int64()), ("channel", self._channel([]).type), ("credit", pa.float64())])

    def _channel(self, codes: Any) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(self._evidence.channels))

    def _credit(self, journeys: Journeys, model: Model, first_row: int) -> pa.Table:
        """Return the credits of the conversions that have a touch."""
        paths = journeys.paths.first(journeys.conversions.num_rows)
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

    def _write_conversions(self) -> None:
        """Write the conversions with the ids of their paths; null where there is no path."""
        order = self._book.order()
        identity: Ints = np.empty(len(order) + 1, dtype=np.int64)
        identity[order] = np.arange(len(order))
        identity[-1] = -1  # where NO_PATH points
        with pa.memory_map(str(self._slots)) as file:
            reader = pa.ipc.open_file(file)
            slot = reader.schema.get_field_index("slot")
            schema = reader.schema.set(slot, pa.field("path_id", pa.int64()))
            with pq.ParquetWriter(self._out / CONVERSIONS, schema) as writer:
                for number in range(reader.num_record_batches):
                    batch = reader.get_batch(number)
                    ids = identity[batch.column(slot).to_numpy()]
                    column = pa.array(ids, mask=ids < 0)
                    writer.write_batch(batch.set_column(slot, "path_id", column))

    def _write_paths(self) -> None:
        book, order, paths = self._book, self._book.order(), self._book.paths()
        kinds = pa.DictionaryArray.from_arrays(pa.array(paths.kind, pa.int8()), pa.array(KINDS))
        position = np.arange(len(paths.channel)) - paths.offsets[paths.owner]
        rows = {
            "path_id": paths.owner,
            "position": position,
            "channel": self._channel(paths.channel),
            "kind": kinds,
        }
        pq.write_table(pa.table(rows), self._out / PATHS)
        counts = {
            "path_id": np.arange(len(order)),
            **{name: getattr(book, name)[order] for name in ("conversions", "weight", "value", "ended_in_nothing")},
        }
        pq.write_table(pa.table(counts), self._out / PATH_COUNTS)

    def _manifest(self) -> dict[str, Any]:
        evidence = self._evidence
        return {
            "format": FORMAT,
            "channels": list(evidence.channels),
            "parameters": {name: span.total_seconds() for name, span in vars(self._parameters).items()},
            "watermark": (EPOCH + timedelta(microseconds=evidence.watermark)).isoformat(),
            "is_naive": evidence.is_naive,
            "models_by_customer": sorted(self._credits),
            "counts": dict(self._counts),
        }
