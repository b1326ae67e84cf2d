"""Distinct paths and their counts: small, and they add up over partitions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from attribution.engine.journeys import Journeys
from attribution.engine.paths import Ints, Paths
from attribution.warehouse import KINDS

# A touch is two bytes, high byte first: so the order of bytes is the order of channel, then kind, touch by touch.
TOKEN = np.dtype(">u2")
NO_PATH = -1


@dataclass(frozen=True, eq=False)
class DistinctPaths:
    """Each path once, in the order of its touches' channels and kinds; its place is its id.

    Attributes
    ----------
    paths : without ages
    counts : one a path: ``conversions``, ``weight`` (summed), ``value`` (sum of value × weight), ``ended_in_nothing``
    identity : the id of each slot that a `PathBook` gave
    """

    paths: Paths
    counts: dict[str, npt.NDArray[Any]]
    identity: Ints


class PathBook:
    """Gathers the paths of partitions. A path has a slot in each partition, and one id when all are known."""

    def __init__(self) -> None:
        self._words: list[pa.BinaryArray] = [pa.array([], pa.binary())]
        self._counts: dict[str, list[npt.NDArray[Any]]] = {
            "conversions": [np.zeros(0, dtype=np.int64)],
            "weight": [np.zeros(0)],
            "value": [np.zeros(0)],
            "ended_in_nothing": [np.zeros(0, dtype=np.int64)],
        }
        self._size = 0

    def add(self, journeys: Journeys) -> Ints:
        """Count the paths of a partition; return the slot of each of its conversions, or NO_PATH."""
        paths, judged = journeys.paths, journeys.conversions.num_rows
        filled = paths.filled
        words = _words(paths).take(pa.array(filled)).dictionary_encode()
        local, size = words.indices.to_numpy(), len(words.dictionary)
        sold = filled < judged
        bought, path = filled[sold], local[sold]
        weight = journeys.conversions["weight"].to_numpy()[bought]
        value = journeys.conversions["value"].to_numpy()[bought] * weight
        self._words.append(words.dictionary)
        self._counts["conversions"].append(np.bincount(path, minlength=size))
        self._counts["weight"].append(np.bincount(path, weights=weight, minlength=size))
        self._counts["value"].append(np.bincount(path, weights=value, minlength=size))
        self._counts["ended_in_nothing"].append(np.bincount(local[~sold], minlength=size))
        slot = np.full(judged, NO_PATH, dtype=np.int64)
        slot[bought] = path + self._size
        self._size += size
        return slot

    def close(self) -> DistinctPaths:
        """Return each path once, with all its counts."""
        merged = pa.concat_arrays(self._words).dictionary_encode()
        order = pc.array_sort_indices(merged.dictionary)
        place = np.empty(len(order), dtype=np.int64)
        place[order.to_numpy()] = np.arange(len(order))
        identity = place[merged.indices.to_numpy()]
        counts = {}
        for name, parts in self._counts.items():
            amounts = np.concatenate(parts)
            added = np.bincount(identity, weights=amounts, minlength=len(order))
            counts[name] = added.astype(amounts.dtype)  # doubles count exactly to 2^53
        return DistinctPaths(_paths(merged.dictionary.take(order)), counts, identity)


def _words(paths: Paths) -> pa.BinaryArray:
    """Return each path as a word of tokens, without copying."""
    tokens = (paths.channel * len(KINDS) + paths.kind).astype(TOKEN)
    bounds = (paths.offsets * TOKEN.itemsize).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(), len(paths), [None, pa.py_buffer(bounds), pa.py_buffer(tokens)])


def _paths(words: pa.BinaryArray) -> Paths:
    lengths = pc.binary_length(words).to_numpy() // TOKEN.itemsize
    # Through bytes, since the buffer of an array may begin before it.
    tokens = np.frombuffer(b"".join(words.to_pylist()), dtype=TOKEN).astype(np.int64)
    channel, kind = np.divmod(tokens, len(KINDS))
    return Paths(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), channel, kind)
