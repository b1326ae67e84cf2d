"""Distinct paths and their counts: small, and they add up over partitions."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attribution.engine.journeys import Journeys
from attribution.engine.paths import Floats, Ints, Mask, Paths
from attribution.warehouse import KINDS

# A touch is two bytes, high byte first: so the order of bytes is the order of channel, then kind, touch by touch.
TOKEN = np.dtype(">u2")
NO_PATH = -1


@dataclass(eq=False)
class PathBook:
    """Gathers distinct paths: a path's slot is the order of its first appearance, its id the place in the sorted book.

    Attributes
    ----------
    conversions, weight, value : one a slot: how many conversions, the sum of their weights, that of value × weight
    ended_in_nothing : one a slot: how many paths had no conversion
    """

    words: pa.BinaryArray = field(default_factory=lambda: pa.array([], pa.binary()))
    conversions: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    weight: Floats = field(default_factory=lambda: np.zeros(0))
    value: Floats = field(default_factory=lambda: np.zeros(0))
    ended_in_nothing: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def add(self, journeys: Journeys) -> Ints:
        """Count the paths of a partition; return the slot of each of its conversions, or NO_PATH."""
        judged = journeys.conversions.num_rows
        slot = self._slots(journeys.paths)
        filled = slot != NO_PATH
        converts = filled & (np.arange(len(slot)) < judged)
        weight = journeys.conversions["weight"].to_numpy()
        value = journeys.conversions["value"].to_numpy() * weight
        slots, sold = slot[converts], converts[:judged]
        size = len(self.words)
        self.conversions = _grown(self.conversions, size) + np.bincount(slots, minlength=size)
        self.weight = _grown(self.weight, size) + np.bincount(slots, weights=weight[sold], minlength=size)
        self.value = _grown(self.value, size) + np.bincount(slots, weights=value[sold], minlength=size)
        lost = np.bincount(slot[filled & ~converts], minlength=size)
        self.ended_in_nothing = _grown(self.ended_in_nothing, size) + lost
        return slot[:judged]

    def _slots(self, paths: Paths) -> Ints:
        tokens = (paths.channel.astype(np.int64) * len(KINDS) + paths.kind).astype(TOKEN)
        bounds = (paths.offsets * TOKEN.itemsize).astype(np.int32)
        words = pa.Array.from_buffers(pa.binary(), len(paths), [None, pa.py_buffer(bounds), pa.py_buffer(tokens)])
        filled: Mask = paths.lengths > 0
        known = len(self.words)
        local = words.filter(pa.array(filled)).dictionary_encode()
        # What the book knows comes first and so keeps its slots.
        merged = pa.concat_arrays([self.words, local.dictionary]).dictionary_encode()
        self.words = merged.dictionary
        slot = np.full(len(paths), NO_PATH, dtype=np.int64)
        slot[filled] = merged.indices.to_numpy()[known:][local.indices.to_numpy()]
        return slot

    def order(self) -> Ints:
        """Return the slots in the order of their ids."""
        return pc.array_sort_indices(self.words).to_numpy().astype(np.int64)

    def paths(self) -> Paths:
        """Return the distinct paths in the order of their ids, without ages."""
        words = self.words.take(pa.array(self.order()))
        lengths = pc.binary_length(words).to_numpy() // TOKEN.itemsize
        # Through bytes, since the buffer of an array may begin before it.
        tokens = np.frombuffer(b"".join(words.to_pylist()), dtype=TOKEN).astype(np.int64)
        channel, kind = np.divmod(tokens, len(KINDS))
        return Paths(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), channel, kind)


def _grown(amounts: np.ndarray, size: int) -> np.ndarray:
    return np.concatenate([amounts, np.zeros(size - len(amounts), dtype=amounts.dtype)])
