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

from attribution.engine import intervals
from attribution.engine.evidence import EvidenceFit, Patterns
from attribution.engine.evidence.fit import FITTED
from attribution.engine.markov import Amounts, ChainError, Ends, Totals, likeliest_order
from attribution.engine.models import AUTO, DEFAULT, MODELS, Model, ModelError, Order, TotalsOf, model_named
from attribution.engine.paths import Floats, Ints, Mask, Paths, Shares, offsets_of, shares_of
from attribution.warehouse import KINDS, UNKNOWN

FORMAT = 3
CONVERSIONS = "conversions.parquet"
PATHS = "paths.parquet"
PATH_COUNTS = "path_counts.parquet"
PATTERNS = "patterns.parquet"
CAPABILITIES = "capabilities.parquet"
MANIFEST = "judgement.json"
ROWS = 500_000
MOST_KEPT = 2**18  # paths, or conversions, whose shares are kept in memory for the next question, or made at once


class Judgement:
    """A finished folder of `attribution.engine.judge`; reads only what an answer needs, and keeps what is small.

    Files
    -----
    conversions.parquet : ``customer_id``, ``at`` (UTC), ``value``, ``weight``, what else the input had, ``path_id``
        (null without a touch), ``pattern_id``; sorted by customer, time, value. The number of a row is the conversion's
        key
    paths.parquet : ``path_id``, ``position``, ``channel``, ``kind``
    path_counts.parquet : ``path_id``, ``conversions``, ``weight`` (their sum), ``value`` (sum of value × weight),
        ``ended_in_nothing`` (paths without a conversion)
    patterns.parquet : ``pattern_id``, what ``survey``, ``coupon``, ``link``, ``referral`` and ``import`` say (null:
        nothing), ``conversions``
    evidence.json, evidence.npz : the evidence model, if the run fitted it; see `EvidenceFit`
    time_decay.parquet : ``conversion``, ``channel``, ``credit``, of conversions with a touch
    capabilities.parquet : ``channel``, ``kind``, if given
    judgement.json : ``channels``, ``parameters`` (seconds), ``watermark``, ``counts`` of rows read, used and left out,
        ``without_touch`` (``weight`` and ``value``, as of a path, of the conversions that have none)

    Without a folder (see `judge`) nothing but the summaries of all conversions by the ``models`` can be had.

    Raises
    ------
    FileNotFoundError : the folder holds no finished judgement
    """

    def __init__(
        self, directory: Path | None, manifest: dict[str, Any] | None = None, models: tuple[str, ...] = tuple(MODELS)
    ) -> None:
        self._directory, self._models = directory, models
        if manifest is None:
            manifest = json.loads((self.directory / MANIFEST).read_text(encoding="utf-8"))
        self.manifest: dict[str, Any] = manifest
        self.channels: tuple[str, ...] = tuple(self.manifest["channels"])
        self.counts: dict[str, int] = self.manifest["counts"]
        self._shares: dict[str, Shares] = {}

    @property
    def directory(self) -> Path:
        """The folder with the files.

        Raises
        ------
        ModelError : there is none
        """
        if self._directory is None:
            raise ModelError("only totals were kept: judge into a folder")
        return self._directory

    def conversions(self, columns: list[str] | None = None) -> pa.Table:
        """Return the conversions in the order of their keys."""
        return pq.read_table(self.directory / CONVERSIONS, columns=columns)

    @cached_property
    def paths(self) -> Paths:
        """The distinct paths in the order of their ids, without ages."""
        rows = pq.read_table(self.directory / PATHS, columns=["path_id", "channel", "kind"])
        offsets = offsets_of(rows["path_id"].to_numpy(), self.path_counts.num_rows)
        return Paths(offsets, _codes(rows["channel"], self.channels), _codes(rows["kind"], KINDS))

    @cached_property
    def path_counts(self) -> pa.Table:
        """``conversions``, ``weight``, ``value`` and ``ended_in_nothing`` of the distinct paths."""
        return pq.read_table(self.directory / PATH_COUNTS)

    @cached_property
    def evidence(self) -> EvidenceFit:
        """The evidence model as the run fitted it, or why it could not.

        Raises
        ------
        ModelError : the run was not asked for it
        """
        if not (self.directory / FITTED).exists():
            raise ModelError("this run did not keep evidence")
        table = pq.read_table(self.directory / PATTERNS)
        capabilities = pq.read_table(self.directory / CAPABILITIES) if self.manifest["has_capabilities"] else None
        return EvidenceFit.read(self.directory, Patterns.read(table, self.channels, capabilities))

    @property
    def default_model(self) -> str:
        """The model to show unless another is asked for: evidence where it could be fitted."""
        return "evidence" if (self.directory / FITTED).exists() and not self.evidence.is_fallback else DEFAULT

    @cached_property
    def markov_order(self) -> int:
        """The order that "auto" stands for: the one that best foretells paths that it was not fitted to."""
        weight = self._path_sums("weight")
        return likeliest_order(self.paths, self._ends(weight, weight))

    def used(self, model: str) -> str:
        """Return the model that answers for this one: precedence where the evidence model could not be fitted."""
        return DEFAULT if model_named(model).is_fitted and self.evidence.is_fallback else model

    def path_credits(self, model: str) -> pa.Table:
        """Return ``path_id``, ``channel``, ``credit`` of the distinct paths.

        Raises
        ------
        ModelError : the path alone does not determine the model's credits
        """
        kind = self._model(model)
        if kind.per_customer and not kind.by_path:
            raise ModelError(f"{kind.name} needs more than the path: ask for credits")
        shares = self._group_shares(kind)
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
        kind = self._model(model)
        shares = self._shares_of_rows(kind, self._groups(kind), self._rows(selection))
        return pa.table({"conversion": shares.path, "channel": self._channel(shares.channel), "credit": shares.credit})

    def summary(self, model: str, selection: Mask | None = None, *, order: Order = 1) -> pa.Table:
        """Return ``channel``, ``customers`` (sum of credit × weight), ``value`` (sum of credit × weight × value).

        Sorted by channel; each channel that has a touch in the run is there, and "unknown". For ``selection`` see
        `credits`. A model with totals only (markov, of the ``order`` 1, 2, 3 or "auto") shares the conversions that
        have a touch, and leaves "unknown" 0; a selection it solves anew, against all the paths that ended in nothing,
        since those have no conversion by which to choose.

        Raises
        ------
        ModelError : the run did not keep what the model needs, or the model has no such order or, of order 2 or 3,
            cannot be solved
        """
        kind = self._model(model)
        kind.check_order(order)
        # First by group, of which there are few.
        weight, value = self._group_sums(kind, selection)
        if kind.totals is not None:
            return self._summed(self._totals(kind.totals, self._order(order), self._ends(weight, value)))
        sums = np.zeros((2, len(self.channels)))
        for shares in self._parts_of_shares(kind):
            for total, each in zip(sums, (weight, value), strict=True):
                total += np.bincount(shares.channel, shares.credit * each[shares.path], len(self.channels))
        return self._summed(sums)

    def draws(self, model: str, selection: Mask | None = None, *, order: Order = 1) -> Floats:
        """Return what else the customers of `summary` might have been: (draws, channels), in the order of ``channels``.

        Of the evidence model, draws from its posterior; of all others, a bootstrap of the paths (METRICS §2,
        "Intervals"). Seeded: asked again, the same. For errors see `summary`.
        """
        kind = self._model(model)
        kind.check_order(order)
        rows, groups, size = self._rows(selection), self._groups(kind), self._group_count(kind)
        weight = self.conversions(["weight"])["weight"].to_numpy()[rows]
        conversions: Ints = np.bincount(groups[rows], minlength=size).astype(np.int64)
        weights: Floats = np.bincount(groups[rows], weights=weight, minlength=size).astype(np.float64)
        if kind.is_fitted:
            return self._posterior_draws(conversions, weights.sum() / max(1, len(rows)))
        if kind.totals is not None:
            return self._totals_draws(kind.totals, self._order(order), conversions, weights)
        shares = self._group_shares(kind)
        return intervals.bootstrap(shares, conversions, weights, channels=len(self.channels))

    def intervals(self, model: str, selection: Mask | None = None, *, order: Order = 1) -> pa.Table:
        """Return ``channel``, ``customers``, and ``low`` and ``high``, the ends of its 95 % interval; see `draws`."""
        table = self.summary(model, selection, order=order).select(["channel", "customers"])
        low, high = intervals.ends(self.draws(model, selection, order=order), table["customers"].to_numpy())
        return table.append_column("low", pa.array(low)).append_column("high", pa.array(high))

    def credit_tables(self, model: str, rows: int = ROWS) -> Iterator[pa.Table]:
        """Yield the credits as METRICS §2 has them, some conversions at a time and at least one table.

        Columns ``customer_id``, ``conversion_at`` (UTC, or without zone if the input is), ``channel``, ``credit``,
        ``value`` (credit × the conversion's value, minor units as double); sorted by customer, time, the conversion's
        value, channel.
        """
        kind = self._model(model)
        table, groups = self.conversions(["customer_id", "at", "value"]), self._groups(kind)
        moment = pa.timestamp("us") if self.manifest["is_naive"] else table["at"].type
        for start in range(0, max(1, len(groups)), rows):
            shares = self._shares_of_rows(kind, groups, np.arange(start, min(start + rows, len(groups))))
            sold = table.take(pa.array(shares.path))
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

    def _model(self, name: str) -> Model:
        model = model_named(self.used(name))
        if model.name not in self._models:
            raise ModelError(f"this run did not keep {model.name}")
        return model

    def _order(self, order: Order) -> int:
        return self.markov_order if order == AUTO else int(order)

    def _summed(self, sums: Iterable[Amounts]) -> pa.Table:
        return pa.table({"channel": pa.array(self.channels), **dict(zip(("customers", "value"), sums, strict=True))})

    def _group_sums(self, model: Model, selection: Mask | None) -> tuple[Floats, Floats]:
        """Return the weight, and value × weight, of the conversions of each group; see `_groups`."""
        if selection is None and model.by_path:
            return self._path_sums("weight"), self._path_sums("value")
        table, rows = self.conversions(["weight", "value"]), self._rows(selection)
        weight = table["weight"].to_numpy()[rows]
        value = table["value"].to_numpy()[rows] * weight
        groups, size = self._groups(model)[rows], self._group_count(model)
        sums = [np.bincount(groups, weights=each, minlength=size).astype(np.float64) for each in (weight, value)]
        return sums[0], sums[1]

    def _path_sums(self, name: str) -> Floats:
        """Return the weight or value of all conversions by path, and after the last of those without a touch."""
        return np.append(self.path_counts[name].to_numpy(), self.manifest["without_touch"][name])

    def _ends(self, weight: Floats, value: Floats) -> Ends:
        """Return how paths end whose conversions have this weight and weighted value; the last has no touch."""
        return Ends(weight[:-1], value[:-1], self._nothing)

    @property
    def _nothing(self) -> Ints:
        return self.path_counts["ended_in_nothing"].to_numpy()

    def _totals(self, totals: TotalsOf, order: int, ends: Ends) -> Totals:
        try:
            return totals(self.paths, ends, channels=len(self.channels), order=order)
        except ChainError as error:
            raise ModelError(str(error)) from error

    def _totals_draws(self, totals: TotalsOf, order: int, conversions: Ints, weights: Floats) -> Floats:
        def solve(sold: Floats, nothing: Floats) -> Floats:
            return self._totals(totals, order, Ends(sold, sold, nothing)).weight

        return intervals.bootstrap_totals(solve, conversions, weights, self._nothing, channels=len(self.channels))

    def _posterior_draws(self, conversions: Ints, weight: float) -> Floats:
        codes = self.evidence.cells.codes
        drawn = np.zeros((len(self.evidence.drawn_shares), len(self.channels)))
        drawn[:, codes] = self.evidence.drawn(conversions) * weight
        return drawn

    def _channel(self, codes: Ints) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(self.channels))

    def _padded(self, ids: pa.ChunkedArray) -> Ints:
        """Return path ids in which a conversion without a touch has one more path, which is all unknown."""
        return pc.fill_null(ids, len(self.paths)).to_numpy()

    def _groups(self, model: Model) -> Ints:
        """Return each conversion's group: conversions of one group have the same credits."""
        if model.is_fitted:
            return self.conversions(["pattern_id"])["pattern_id"].to_numpy()
        if model.by_path:
            return self._padded(self.conversions(["path_id"])["path_id"])
        return np.arange(self.counts["conversions"])

    def _group_count(self, model: Model) -> int:
        if model.is_fitted:
            return len(self.evidence.patterns)
        return len(self.paths) + 1 if model.by_path else self.counts["conversions"]

    def _rows(self, selection: Mask | None) -> Ints:
        if selection is None:
            return np.arange(self.counts["conversions"])
        if len(selection) != self.counts["conversions"]:
            raise ValueError(f"{len(selection)} booleans select among {self.counts['conversions']} conversions")
        return np.flatnonzero(selection)

    def _shares_of_rows(self, model: Model, groups: Ints, rows: Ints) -> Shares:
        """Return the shares of the conversions ``rows``, ascending; their ``path`` is the conversion."""
        shares = self._group_shares(model)
        begins = np.searchsorted(shares.path, np.arange(self._group_count(model) + 1))
        return _expanded(shares, begins, groups[rows], rows)

    def _group_shares(self, model: Model) -> Shares:
        """Return the shares of each group; their ``path`` is the group."""
        model.check_credits()
        if model.name not in self._shares:
            if model.is_fitted:
                made = self._fitted_shares()
            else:
                made = (
                    self._path_shares(model, 0, len(self.paths) + 1) if model.by_path else self._kept_shares(model.name)
                )
            self._shares[model.name] = made
        return self._shares[model.name]

    def _parts_of_shares(self, model: Model) -> Iterator[Shares]:
        """Yield the shares of all groups, some at a time where there are many; few are kept for the next question."""
        model.check_credits()
        groups = self._group_count(model)
        if groups <= MOST_KEPT or model.is_fitted:
            yield self._group_shares(model)
        elif model.by_path:
            for first in range(0, groups, MOST_KEPT):
                yield self._path_shares(model, first, min(first + MOST_KEPT, groups))
        else:
            yield from self._read_shares(model.name)
            yield self._silent_shares()

    def _fitted_shares(self) -> Shares:
        pattern, place = np.nonzero(self.evidence.credit)
        return Shares(pattern, self.evidence.cells.codes[place], self.evidence.credit[pattern, place])

    def _path_shares(self, model: Model, first: int, last: int) -> Shares:
        """Return the shares of these paths, of which the one after the last is no path."""
        distinct = self.paths
        padded = Paths(np.append(distinct.offsets, distinct.offsets[-1]), distinct.channel, distinct.kind)
        part = padded.part(first, last)
        assert model.credit is not None
        credit = model.credit(part, self._half_life)
        shares = shares_of(part, credit, channels=len(self.channels), unknown=self.channels.index(UNKNOWN))
        return Shares(shares.path + first, shares.channel, shares.credit)

    def _kept_shares(self, model: str) -> Shares:
        """Return the shares that a run wrote of each conversion, and of those without a touch."""
        parts = [*self._read_shares(model), self._silent_shares()]
        path, channel = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
        credit: Floats = np.concatenate([part.credit for part in parts])
        order = np.argsort(path, kind="stable")
        return Shares(path[order], channel[order], credit[order])

    def _read_shares(self, model: str) -> Iterator[Shares]:
        if model not in self.manifest["models_by_customer"]:
            raise ModelError(f"this run did not keep {model}")
        for batch in pq.ParquetFile(self.directory / f"{model}.parquet").iter_batches(MOST_KEPT):
            rows = pa.Table.from_batches([batch])
            codes = _codes(rows["channel"], self.channels)
            yield Shares(rows["conversion"].to_numpy(), codes, rows["credit"].to_numpy())

    def _silent_shares(self) -> Shares:
        """Return the shares of conversions without a touch."""
        silent = np.flatnonzero(self.conversions(["path_id"])["path_id"].is_null().to_numpy())
        return Shares(silent, np.full(len(silent), self.channels.index(UNKNOWN)), np.ones(len(silent)))


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
