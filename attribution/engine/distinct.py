"""Dictionaries of distinct words and their amounts: small, and they add up over partitions. A path is such a word."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from attribution.engine.evidence.patterns import said_on, words_of
from attribution.engine.journeys import NOWHERE, Journeys
from attribution.engine.paths import Ints, Paths
from attribution.warehouse import KINDS

# A touch is two bytes, high byte first: so the order of bytes is the order of channel, then kind, touch by touch.
TOKEN = np.dtype(">u2")


@dataclass(frozen=True, eq=False)
class Distinct:
    """Each word once, in the order of its bytes; its place is its id.

    Attributes
    ----------
    words : binary
    counts : one of each a word
    identity : the id of each word of each partition, in the order in which a `WordBook` took them
    """

    words: pa.BinaryArray
    counts: dict[str, npt.NDArray[Any]]
    identity: Ints


class WordBook:
    """Gathers the words of partitions. A word has a place in each partition, and one id when all are known."""

    def __init__(self) -> None:
        self._tables: list[pa.Table] = []
        self._size = 0

    def add(self, words: pa.Table) -> int:
        """Take a partition's dictionary (``word`` and amounts); return the place of its first word among all taken."""
        first = self._size
        self._tables.append(words)
        self._size += words.num_rows
        return first

    def close(self) -> Distinct:
        """Return each word once, with all its amounts; at least one partition has been added."""
        everything = pa.concat_tables(self._tables)
        merged = everything["word"].combine_chunks().dictionary_encode()
        order = pc.array_sort_indices(merged.dictionary)
        place: Ints = np.empty(len(order), dtype=np.int64)
        place[order.to_numpy()] = np.arange(len(order))
        identity = place[merged.indices.to_numpy()]
        counts = {}
        for name in everything.column_names[1:]:
            amounts = everything[name].to_numpy()
            added = np.bincount(identity, weights=amounts, minlength=len(order))
            counts[name] = added.astype(amounts.dtype)  # doubles count exactly to 2^53
        return Distinct(merged.dictionary.take(order), counts, identity)


def path_words(journeys: Journeys) -> tuple[pa.Table, Ints]:
    """Return the distinct paths of a partition, and the row of each conversion's path among them, or NOWHERE.

    Columns ``word``, ``conversions``, ``ended_in_nothing``.
    """
    paths, judged = journeys.paths, journeys.conversions.num_rows
    filled = paths.filled
    words = _words(paths).take(pa.array(filled)).dictionary_encode()
    local, size = words.indices.to_numpy(), len(words.dictionary)
    sold = filled < judged
    bought, path = filled[sold], local[sold]
    counts = {
        "conversions": np.bincount(path, minlength=size),
        "ended_in_nothing": np.bincount(local[~sold], minlength=size),
    }
    word = np.full(judged, NOWHERE, dtype=np.int64)
    word[bought] = path
    return pa.table({"word": words.dictionary, **counts}), word


def pattern_words(journeys: Journeys, word: Ints, *, channels: int) -> tuple[pa.Table, Ints]:
    """Return the distinct patterns of evidence of a partition, and the row of each conversion's pattern among them.

    Columns ``word``, ``conversions``. ``word`` is each conversion's path as `path_words` numbers it: the path and
    whether the customer forgot decide the pattern, so one conversion of each is enough.
    """
    kinds, example, which = np.unique(word * 2 + journeys.forgot, return_index=True, return_inverse=True)
    paths = journeys.paths.part(0, journeys.conversions.num_rows)
    words = words_of(said_on(paths, journeys.forgot, example, channels=channels)).dictionary_encode()
    pattern = words.indices.to_numpy().astype(np.int64)[which] if len(kinds) else which
    size = len(words.dictionary)
    return pa.table({"word": words.dictionary, "conversions": np.bincount(pattern, minlength=size)}), pattern


def _words(paths: Paths) -> pa.BinaryArray:
    """Return each path as a word of tokens, without copying."""
    tokens = (paths.channel * len(KINDS) + paths.kind).astype(TOKEN)
    bounds = (paths.offsets * TOKEN.itemsize).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(), len(paths), [None, pa.py_buffer(bounds), pa.py_buffer(tokens)])


def paths_of(words: pa.BinaryArray) -> Paths:
    """Return the paths, without ages, that `path_words` made these words of."""
    _, ends, letters = words.buffers()
    # The buffers of an array may begin before it, and end after it.
    bounds = np.frombuffer(ends, dtype=np.int32)[words.offset : words.offset + len(words) + 1] // TOKEN.itemsize
    tokens = np.frombuffer(letters or b"", dtype=TOKEN)[bounds[0] : bounds[-1]].astype(np.int64)
    channel, kind = np.divmod(tokens, len(KINDS))
    return Paths((bounds - bounds[0]).astype(np.int64), channel, kind)
