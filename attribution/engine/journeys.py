"""From one partition of customers to paths: METRICS §2, "Paths"."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attribution.engine.paths import CHANNEL_CODES, Codes, Ints, Mask, Paths, offsets_of
from attribution.warehouse import KINDS, Partition

COUPON, SURVEY = KINDS.index("coupon"), KINDS.index("survey")
NOWHERE = -1


class ParameterError(ValueError):
    """A parameter makes no sense."""


@dataclass(frozen=True)
class Parameters:
    """What a run may choose.

    Raises
    ------
    ParameterError : a span is negative, or the half-life is not above 0
    """

    lookback: timedelta = timedelta(days=90)
    coupon_grace: timedelta = timedelta(days=1)
    survey_grace: timedelta = timedelta(days=30)
    half_life: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        for name, span in vars(self).items():
            if span < timedelta(0) or (name == "half_life" and not span):
                raise ParameterError(f"{name} is {span}: it must be {'above' if name == 'half_life' else 'at least'} 0")


@dataclass(frozen=True, eq=False)
class Journeys:
    """The paths of one partition.

    Attributes
    ----------
    conversions : the rows judged, without duplicates, sorted by customer, time and value
    paths : one path per conversion, in their order, perhaps empty; then the paths that ended in nothing
    forgot : whether a conversion's only survey answers name no channel; one a conversion
    counts : rows used and left out, by name; they add up over partitions
    """

    conversions: pa.Table
    paths: Paths
    forgot: Mask
    counts: Counter[str]


class _Touches(NamedTuple):
    customer: Ints  # place of the customer in the partition
    at: Ints
    channel: Codes
    kind: Codes

    def rows(self, mask: Mask) -> "_Touches":
        return _Touches(self.customer[mask], self.at[mask], self.channel[mask], self.kind[mask])


class _Conversions(NamedTuple):
    starts: Ints  # conversions of customer i: starts[i]:starts[i + 1]
    at: Ints
    twin: Ints  # the first conversion of the same customer and time


def build(partition: Partition, parameters: Parameters, watermark: int, *, channels: int) -> Journeys:
    """Return the paths of a partition, sorted as `attribution.warehouse.Evidence.partitions` gives it.

    ``watermark`` is in microseconds since 1970 UTC: touches within ``lookback`` of it, of customers without sale, are
    paths that ended in nothing. ``channels`` is how many codes name a channel; the next is an answer that names none.
    """
    sold = _without_duplicates(partition.conversions)
    touch_customer, sold_customer, customers = _places(partition.touches["customer_id"], sold["customer_id"])
    said = _Touches(touch_customer, *(_numpy(partition.touches[name]) for name in ("at", "channel", "kind")))
    sold_at = _numpy(sold["at"])
    conversions = _Conversions(
        starts=offsets_of(sold_customer, customers), at=sold_at, twin=_twins(sold_customer, sold_at)
    )
    touches, nameless = _parted(said, said.channel >= channels)
    path = _assign(touches, conversions, parameters)
    lost, path = _ended_in_nothing(touches, conversions, path, watermark - _micros(parameters.lookback))
    paths, repeated = _arrange(touches, conversions.at, path, len(sold_at) + lost)
    counts = _counts(partition, touches, conversions, path, paths)
    counts["touches_repeating_a_survey"] = repeated
    counts["answers_naming_no_channel"] = len(nameless.at)
    return Journeys(sold, paths, _forgot(_assign(nameless, conversions, parameters), paths, len(sold_at)), counts)


def _parted(touches: _Touches, mask: Mask) -> tuple[_Touches, _Touches]:
    """Return the touches that are not in the mask, and those that are."""
    return (touches.rows(~mask) if mask.any() else touches), touches.rows(mask)


def _forgot(path: Ints, paths: Paths, conversions: int) -> Mask:
    """Return the conversions to which an answer without a channel belongs, unless another answer names one."""
    forgot = np.zeros(conversions, dtype=bool)
    forgot[path[path != NOWHERE]] = True
    forgot[paths.owner[np.flatnonzero(paths.kind[: paths.offsets[conversions]] == SURVEY)]] = False
    return forgot


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _numpy(column: pa.ChunkedArray) -> Ints:
    return column.to_numpy()


def _changes(column: pa.ChunkedArray) -> Mask:
    """Return where a column differs from the row above; the first row differs."""
    mask = np.ones(len(column), dtype=bool)
    if len(column) > 1:
        mask[1:] = pc.not_equal(column[1:], column[:-1]).to_numpy()
    return mask


def _without_duplicates(conversions: pa.Table) -> pa.Table:
    """Keep one of the rows that are equal in customer, time and value."""
    new = np.zeros(conversions.num_rows, dtype=bool)
    for name in ("customer_id", "at", "value"):
        new |= _changes(conversions[name])
    return conversions if new.all() else conversions.take(pa.array(np.flatnonzero(new)))


def _places(touching: pa.ChunkedArray, buying: pa.ChunkedArray) -> tuple[Ints, Ints, int]:
    """Number the customers of both sorted columns in one order; return each row's number and how many there are."""
    starts = [np.flatnonzero(_changes(column)) for column in (touching, buying)]
    names = [
        column.take(pa.array(rows)).combine_chunks() for column, rows in zip((touching, buying), starts, strict=True)
    ]
    ranks = _ranks_of_numbers if pa.types.is_integer(touching.type) else _ranks_of_texts
    *found, customers = ranks(*names)
    places = [
        np.repeat(rank, np.diff(np.append(rows, len(column))))
        for rank, rows, column in zip(found, starts, (touching, buying), strict=True)
    ]
    return places[0], places[1], customers


def _ranks_of_numbers(some: pa.Array, more: pa.Array) -> tuple[Ints, Ints, int]:
    """Return the places of both ascending arrays in their union, and its size."""
    numbers = some.to_numpy(), more.to_numpy()
    # Two ascending runs: a stable sort only merges them.
    merged = np.sort(np.concatenate(numbers), kind="stable")
    everyone = merged[np.diff(merged, prepend=merged[:1] - 1) != 0]
    return np.searchsorted(everyone, numbers[0]), np.searchsorted(everyone, numbers[1]), len(everyone)


def _ranks_of_texts(some: pa.Array, more: pa.Array) -> tuple[Ints, Ints, int]:
    """Return what `_ranks_of_numbers` does, for texts in the order of their bytes."""
    everyone = pc.unique(pa.concat_arrays([some, more]))
    order = pc.array_sort_indices(everyone).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[pc.index_in(some, everyone).to_numpy()], rank[pc.index_in(more, everyone).to_numpy()], len(everyone)


def _twins(customer: Ints, at: Ints) -> Ints:
    place = np.arange(len(at))
    fresh = np.ones(len(at), dtype=bool)
    fresh[1:] = (np.diff(customer) != 0) | (np.diff(at) != 0)
    return np.maximum.accumulate(np.where(fresh, place, 0)) if len(at) else place


def _next_conversion(touches: _Touches, conversions: _Conversions) -> Ints:
    """Return each touch's first conversion at or after it, or the end of the customer's: a binary search."""
    low, high = conversions.starts[touches.customer], conversions.starts[touches.customer + 1]
    searching = np.flatnonzero(low < high)
    while len(searching):
        middle = (low[searching] + high[searching]) // 2
        later = conversions.at[middle] < touches.at[searching]
        low[searching[later]] = middle[later] + 1
        high[searching[~later]] = middle[~later]
        searching = searching[low[searching] < high[searching]]
    return low


def _assign(touches: _Touches, conversions: _Conversions, parameters: Parameters) -> Ints:
    """Return each touch's conversion, or NOWHERE."""
    begin, end = conversions.starts[touches.customer], conversions.starts[touches.customer + 1]
    after = _next_conversion(touches, conversions)
    path = np.full(len(after), NOWHERE, dtype=np.int64)
    some = np.flatnonzero(after < end)
    near = some[conversions.at[after[some]] - touches.at[some] <= _micros(parameters.lookback)]
    path[near] = after[near]
    # No later conversion within reach, but an earlier one: a coupon goes to the nearest, an answer to the first.
    left = np.flatnonzero((path == NOWHERE) & (after > begin))
    for kind, target, grace in (
        (COUPON, after - 1, parameters.coupon_grace),
        (SURVEY, begin, parameters.survey_grace),
    ):
        rows = left[touches.kind[left] == kind]
        rows = rows[touches.at[rows] - conversions.at[target[rows]] <= _micros(grace)]
        path[rows] = conversions.twin[target[rows]]
    return path


def _ended_in_nothing(touches: _Touches, conversions: _Conversions, path: Ints, since: int) -> tuple[int, Ints]:
    """Put touches of customers without conversion on paths of their own, after all others; return how many, and all."""
    buys = np.diff(conversions.starts) > 0
    rows = np.flatnonzero(~buys[touches.customer] & (touches.at >= since))
    new = np.diff(touches.customer[rows], prepend=NOWHERE) != 0  # customers come in their order
    path[rows] = len(conversions.at) + np.cumsum(new) - 1
    return int(new.sum()), path


def _arrange(touches: _Touches, sold_at: Ints, path: Ints, paths: int) -> tuple[Paths, int]:
    """Put touches in the order of their paths; return the paths and how many repeated survey answers were left out."""
    used = np.flatnonzero(path != NOWHERE)
    path, at, kind, channel = path[used], touches.at[used], touches.kind[used], touches.channel[used].astype(np.int64)
    converts = path < len(sold_at)
    end = at.copy()
    end[converts] = sold_at[path[converts]]
    at_the_end = converts & (kind == COUPON) & (at >= end)
    # Touches come by time, kind and channel. Out of place are only survey answers, which stand first, and coupons from
    # after the conversion, which stand at its time: there they are last, by channel.
    stage = np.where(kind == SURVEY, 0, np.where(at_the_end, 2, 1))
    key = (path * 3 + stage) * CHANNEL_CODES + np.where(at_the_end, channel, 0)
    # Each of both is nearly in order, which a stable sort makes use of; the paths of the second come after all others.
    order = np.concatenate(
        [rows[np.argsort(key[rows], kind="stable")] for rows in map(np.flatnonzero, (converts, ~converts))]
    )
    is_survey = stage[order] == 0
    is_repeated = np.zeros(len(order), dtype=bool)
    is_repeated[1:] = is_survey[1:] & is_survey[:-1] & (np.diff(path[order]) == 0)
    order, is_survey = order[~is_repeated], is_survey[~is_repeated]
    offsets = offsets_of(path[order], paths)
    age = np.maximum(end[order] - at[order], 0)
    # A survey answer is as old as the oldest other touch, which stands next to it.
    answers = np.flatnonzero(is_survey)
    has_next = np.append(path[order], NOWHERE)[answers + 1] == path[order][answers]
    age[answers] = np.where(has_next, np.append(age, 0)[answers + 1], 0)
    return Paths(offsets, channel[order], kind[order], age), int(is_repeated.sum())


def _counts(
    partition: Partition, touches: _Touches, conversions: _Conversions, path: Ints, paths: Paths
) -> Counter[str]:
    judged = len(conversions.at)
    on_paths = int(paths.offsets[judged])
    bought = np.diff(conversions.starts) > 0
    touched = np.bincount(touches.customer, minlength=len(bought)) > 0
    return Counter(
        conversions=judged,
        conversions_duplicated=partition.conversions.num_rows - judged,
        conversions_without_touch=int((paths.lengths[:judged] == 0).sum()),
        paths_ended_in_nothing=len(paths) - judged,
        touches_on_paths=on_paths,
        touches_ended_in_nothing=len(paths.channel) - on_paths,
        touches_on_no_path=int((path == NOWHERE).sum()),
        customers=len(bought),
        customers_without_conversion=int((~bought).sum()),
        customers_without_touch=int((~touched).sum()),
    )
