"""What a run kept, and the answers to be had from it: METRICS §2, DESIGN "What a run keeps"."""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from attribution.engine.markov import Amounts, ChainError, Ends, Totals
from attribution.engine.models import Model, ModelError, TotalsOf, model_named
from attribution.engine.paths import Floats, Ints, Mask, Paths, Shares, shares_of
from attribution.warehouse import KINDS, UNKNOWN

FORMAT = 1
CONVERSIONS = "conversions.parquet"
PATHS = "paths.parquet"
PATH_COUNTS = "path_counts.parquet"
CAPABILITIES = "capabilities.parquet"
MANIFEST = "judgement.json"
ROWS = 500_000


class Judgement:
    """A finished folder of `attribution.engine.judge`; reads only what an answer needs, and keeps what is small.

    Files
    -----
    conversions.parquet : ``customer_id``, ``at`` (UTC), ``value``, ``weight``, what else the input had, ``path_id``
        (null without a touch); sorted by customer, time, value. The number of a row is the conversion's key
    paths.parquet : ``path_id``, ``position``, ``channel``, ``kind``
    path_counts.parquet : ``path_id``, ``conversions``, ``weight`` (their sum), ``value`` (sum of value × weight),
        ``ended_in_nothing`` (paths without a conversion)
    time_decay.parquet : ``conversion``, ``channel``, ``credit``, of conversions with a touch
    capabilities.parquet : ``channel``, ``kind``, if given
    judgement.json : ``channels``, ``parameters`` (seconds), ``watermark``, ``counts`` of rows read, used and left out

    Raises
    ------
    FileNotFoundError : the folder holds no finished judgement
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.manifest: dict[str, Any] = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        self.channels: tuple[str, ...] = tuple(self.manifest["channels"])
        self.counts: dict[str, int] = self.manifest["counts"]
        self._shares: dict[str, Shares] = {}

    def conversions(self, columns: list[str] | None = None) -> pa.Table:
        """Return the conversions in the order of their keys."""
        return pq.read_table(self.directory / CONVERSIONS, columns=columns)

    @cached_property
    def paths(self) -> Paths:
        """The distinct paths in the order of their ids, without ages."""
        rows = pq.read_table(self.directory / PATHS)
        counts = pq.read_metadata(self.directory / PATH_COUNTS).num_rows
        offsets = np.searchsorted(rows["path_id"].to_numpy(), np.arange(counts + 1))
        return Paths(offsets, _codes(rows["channel"], self.channels), _codes(rows["kind"], KINDS))

    def path_credits(self, model: str) -> pa.Table:
        """Return ``path_id``, ``channel``, ``credit`` of the distinct paths.

        Raises
        ------
        ModelError : the path alone does not determine the model's credits
        """
        shares = self._path_shares(model_named(model))
        known = shares.path < len(self.paths)
        return pa.table(
            {
                "path_id": shares.path[known],
                "channel": self._channel(shares.channel[known]),
                "credit": shares.credit[known],
            }
        )

    def credits(self, model: str, selection: Mask | None = None) -> pa.Table:
        """Return ``conversion`` (row of `conversions`), ``channel``, ``credit``, sorted by conversion and channel.

        ``selection`` has one boolean a conversion. The credits of one sum to 1 within 1e-9, "unknown" included.

        Raises
        ------
        ModelError : the model has no credits per conversion, or this run did not keep them
        """
        shares = self._shares_of_rows(model_named(model), self._path_ids(), self._rows(selection))
        return pa.table({"conversion": shares.path, "channel": self._channel(shares.channel), "credit": shares.credit})

    def summary(self, model: str, selection: Mask | None = None, *, order: int = 1) -> pa.Table:
        """Return ``channel``, ``customers`` (sum of credit × weight), ``value`` (sum of credit × weight × value).

        Sorted by channel; each channel that has a touch in the run is there, and "unknown". For ``selection`` see
        `credits`. A model with totals only (markov, of the ``order`` 1, 2 or 3) shares the conversions that have a
        touch, and leaves "unknown" 0; a selection it solves anew, against all the paths that ended in nothing, since
        those have no conversion by which to choose.

        Raises
        ------
        ModelError : the run did not keep what the model needs, or the model has no such order or, of order 2 or 3,
            cannot be solved
        """
        kind = model_named(model)
        kind.check_order(order)
        table, rows = self.conversions(["path_id", "weight", "value"]), self._rows(selection)
        paths = self._padded(table["path_id"])
        weight = table["weight"].to_numpy()
        value = weight * table["value"].to_numpy()
        if kind.totals is not None:
            return self._summed(self._totals(kind.totals, order, paths[rows], weight[rows], value[rows]))
        if kind.by_path:
            # First by path, of which there are few.
            shares, size = self._path_shares(kind), len(self.paths) + 1
            weight, value = (np.bincount(paths[rows], weights=each[rows], minlength=size) for each in (weight, value))
        else:
            shares = self._shares_of_rows(kind, paths, rows)
        sums = (
            np.bincount(shares.channel, weights=shares.credit * each[shares.path], minlength=len(self.channels))
            for each in (weight, value)
        )
        return self._summed(sums)

    def credit_tables(self, model: str, rows: int = ROWS) -> Iterator[pa.Table]:
        """Yield the credits as METRICS §2 has them, some conversions at a time and at least one table.

        Columns ``customer_id``, ``conversion_at`` (UTC, or without zone if the input is), ``channel``, ``credit``,
        ``value`` (credit × the conversion's value, minor units as double); sorted by customer, time, the conversion's
        value, channel.
        """
        table = self.conversions(["customer_id", "at", "value", "path_id"])
        paths = self._padded(table["path_id"])
        moment = pa.timestamp("us") if self.manifest["is_naive"] else table["at"].type
        for start in range(0, max(1, len(paths)), rows):
            shares = self._shares_of_rows(model_named(model), paths, np.arange(start, min(start + rows, len(paths))))
            sold = table.select(["customer_id", "at", "value"]).take(pa.array(shares.path))
            yield pa.table(
                {
                    "customer_id": sold["customer_id"],
                    "conversion_at": sold["at"].cast(moment),
                    "channel": self._channel(shares.channel).cast(pa.string()),
                    "credit": shares.credit,
                    "value": shares.credit * sold["value"].to_numpy(),
                }
            )

    @property
    def _half_life(self) -> int:
        return timedelta(seconds=self.manifest["parameters"]["half_life"]) // timedelta(microseconds=1)

    def _summed(self, sums: Iterable[Amounts]) -> pa.Table:
        return pa.table({"channel": pa.array(self.channels), **dict(zip(("customers", "value"), sums, strict=True))})

    def _totals(self, totals: TotalsOf, order: int, path: Ints, weight: Floats, value: Floats) -> Totals:
        """Return a model's totals over conversions, which have a path, a weight and a weighted value each."""
        size = len(self.paths)
        nothing = pq.read_table(self.directory / PATH_COUNTS, columns=["ended_in_nothing"])["ended_in_nothing"]
        # What has no touch has the path after the last.
        sold, worth = (np.bincount(path, weights=each, minlength=size + 1)[:size] for each in (weight, value))
        try:
            return totals(self.paths, Ends(sold, worth, nothing.to_numpy()), channels=len(self.channels), order=order)
        except ChainError as error:
            raise ModelError(str(error)) from error

    def _channel(self, codes: Ints) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(self.channels))

    def _path_ids(self) -> Ints:
        return self._padded(self.conversions(["path_id"])["path_id"])

    def _padded(self, ids: pa.ChunkedArray) -> Ints:
        """Return path ids in which a conversion without a touch has one more path, which is all unknown."""
        return pc.fill_null(ids, len(self.paths)).to_numpy()

    def _rows(self, selection: Mask | None) -> Ints:
        if selection is None:
            return np.arange(self.counts["conversions"])
        if len(selection) != self.counts["conversions"]:
            raise ValueError(f"{len(selection)} booleans select among {self.counts['conversions']} conversions")
        return np.flatnonzero(selection)

    def _path_shares(self, model: Model) -> Shares:
        """Return the shares of the distinct paths and, after them, of no path."""
        model.check_credits()
        if not model.by_path:
            raise ModelError(f"{model.name} needs more than the path: ask for credits")
        if model.name not in self._shares:
            distinct = self.paths
            padded = Paths(np.append(distinct.offsets, distinct.offsets[-1]), distinct.channel, distinct.kind)
            assert model.credit is not None
            credit = model.credit(padded, self._half_life)
            unknown = self.channels.index(UNKNOWN)
            self._shares[model.name] = shares_of(padded, credit, channels=len(self.channels), unknown=unknown)
        return self._shares[model.name]

    def _shares_of_rows(self, model: Model, paths: Ints, rows: Ints) -> Shares:
        """Return the shares of the conversions ``rows``, ascending; their ``path`` is the conversion."""
        model.check_credits()
        if not model.by_path:
            return self._kept_shares(model, paths, rows)
        shares = self._path_shares(model)
        begins = np.searchsorted(shares.path, np.arange(len(self.paths) + 2))
        return _expanded(shares, begins, paths[rows], rows)

    def _kept_shares(self, model: Model, paths: Ints, rows: Ints) -> Shares:
        kept = self._kept(model.name)
        silent = rows[paths[rows] == len(self.paths)]
        begins = np.searchsorted(kept.path, np.arange(len(paths) + 1))
        found = _expanded(kept, begins, rows, rows)
        unknown = np.full(len(silent), self.channels.index(UNKNOWN))
        order = np.argsort(np.concatenate([found.path, silent]), kind="stable")
        columns = ((found.path, silent), (found.channel, unknown), (found.credit, np.ones(len(silent))))
        return Shares(*(np.concatenate(pair)[order] for pair in columns))

    def _kept(self, model: str) -> Shares:
        if model not in self._shares:
            if model not in self.manifest["models_by_customer"]:
                raise ModelError(f"this run did not keep {model}")
            rows = pq.read_table(self.directory / f"{model}.parquet")
            channel = _codes(rows["channel"], self.channels)
            self._shares[model] = Shares(rows["conversion"].to_numpy(), channel, rows["credit"].to_numpy())
        return self._shares[model]


def _codes(column: pa.ChunkedArray, names: tuple[str, ...]) -> Ints:
    """Return the place of each text among the names, whatever dictionary the file has."""
    whole = pa.concat_arrays(column.unify_dictionaries().chunks or [pa.array([], column.type)])
    place = pc.index_in(whole.dictionary, pa.array(names)).to_numpy().astype(np.int64)
    return place[whole.indices.to_numpy()]


def _expanded(shares: Shares, begins: Ints, groups: Ints, labels: Ints) -> Shares:
    """Return the shares of each group in turn, labelled; group g has the shares ``begins[g]:begins[g + 1]``."""
    sizes = begins[groups + 1] - begins[groups]
    before: Ints = np.cumsum(sizes) - sizes
    rows = np.arange(sizes.sum()) + np.repeat(begins[groups] - before, sizes)
    credit: Floats = shares.credit[rows]
    return Shares(np.repeat(labels, sizes), shares.channel[rows], credit)
