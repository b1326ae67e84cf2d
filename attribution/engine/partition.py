"""What is computed of one partition of customers, wherever that happens: no file, no clock, no other partition."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pyarrow as pa

from attribution.engine.distinct import path_words, pattern_words
from attribution.engine.journeys import Journeys, Parameters, build
from attribution.engine.models import MODELS
from attribution.engine.paths import shares_of
from attribution.warehouse import UNKNOWN, Partition

MOMENT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Terms:
    """What a partition's result depends on besides its rows.

    Attributes
    ----------
    watermark : microseconds since 1970 UTC
    channels : by code, "unknown" among them
    models : those that distinct paths do not determine and whose credits are to be kept
    is_whole : whether anything may be asked for later; otherwise no patterns of evidence are gathered
    has_kinds : whether paths that differ in the kinds of their touches alone are different
    """

    parameters: Parameters
    watermark: int
    channels: tuple[str, ...]
    models: tuple[str, ...]
    is_whole: bool = True
    has_kinds: bool = True


@dataclass(frozen=True, eq=False)
class Judged:
    """The result of one partition: tables of Arrow and counts, which another process may have made.

    Attributes
    ----------
    conversions : the rows judged, in their order; for each dictionary of ``words`` a column (``path_id`` for "path")
        with the row of the conversion's word in it, or NOWHERE
    words : by name, a dictionary: the column ``word`` (binary, each once), then amounts that add up over partitions
    credits : by model: ``conversion`` (row in ``conversions``), ``channel`` (code), ``credit``
    counts : rows used and left out, by name; they add up over partitions
    """

    conversions: pa.Table
    words: dict[str, pa.Table]
    credits: dict[str, pa.Table]
    counts: Counter[str]


def judge_partition(partition: Partition, terms: Terms) -> Judged:
    """Judge whole customers, sorted as `attribution.warehouse.Evidence.partitions` gives them."""
    journeys = build(partition, terms.parameters, terms.watermark, channels=len(terms.channels))
    if not terms.has_kinds:
        journeys = replace(journeys, paths=replace(journeys.paths, kind=np.zeros_like(journeys.paths.kind)))
    words, word = {}, {}
    words["path"], word["path"] = path_words(journeys)
    if terms.is_whole:
        words["pattern"], word["pattern"] = pattern_words(journeys, word["path"], channels=len(terms.channels))
    sold = journeys.conversions
    sold = sold.set_column(1, "at", sold["at"].cast(MOMENT))
    for name, places in word.items():
        sold = sold.append_column(f"{name}_id", pa.array(places, pa.int32()))
    credit = {model: _credit(journeys, model, terms) for model in terms.models}
    return Judged(sold, words, credit, journeys.counts)


def in_order(
    judge_one: Callable[[Partition], Judged], partitions: Iterable[Partition], threads: int
) -> Iterator[Judged]:
    """Yield what each partition comes to, in their order; as many as there are threads are judged at once."""
    with ThreadPoolExecutor(threads) as pool:
        begun: deque[Future[Judged]] = deque()
        for partition in partitions:
            begun.append(pool.submit(judge_one, partition))
            if len(begun) > threads:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def _credit(journeys: Journeys, model: str, terms: Terms) -> pa.Table:
    """Return the credits of the conversions that have a touch."""
    paths = journeys.paths.part(0, journeys.conversions.num_rows)
    per_touch = MODELS[model].credit
    assert per_touch is not None
    credit = per_touch(paths, terms.parameters.half_life // timedelta(microseconds=1))
    shares = shares_of(paths, credit, channels=len(terms.channels), unknown=terms.channels.index(UNKNOWN))
    known = paths.lengths[shares.path] > 0
    return pa.table(
        {
            "conversion": shares.path[known],
            "channel": shares.channel[known].astype(np.int32),
            "credit": shares.credit[known],
        }
    )
