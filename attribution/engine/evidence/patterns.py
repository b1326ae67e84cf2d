"""What each source says of a conversion, and how often: the only input of the evidence model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attribution.engine.paths import Ints, Mask, Paths
from attribution.warehouse import DONT_REMEMBER, KINDS, UNKNOWN

# The two that are taken to speak independently of each other come first.
SOURCES = ("survey", "coupon", "link", "referral", "import")
NOTHING = -1
CODE = np.dtype(">u2")
SILENT_CODE = np.iinfo(CODE).max


def said_on(paths: Paths, forgot: Mask, chosen: Ints, *, channels: int) -> Ints:
    """Return what each source says on the chosen paths: a row a path, a column for each of SOURCES.

    The first channel that the source names on the path, NOTHING, or, of a survey that names none, ``channels``.
    ``forgot`` has one boolean a path.
    """
    said = np.full((len(chosen), len(SOURCES)), NOTHING, dtype=np.int64)
    row = np.full(len(paths), NOTHING, dtype=np.int64)
    row[chosen] = np.arange(len(chosen))
    touched = row[paths.owner]
    for column, source in enumerate(SOURCES):
        touches = np.flatnonzero((paths.kind == KINDS.index(source)) & (touched != NOTHING))
        # Backwards, so that the first touch is the last to be written.
        said[touched[touches[::-1]], column] = paths.channel[touches[::-1]]
    silent = forgot[chosen] & (said[:, 0] == NOTHING)
    said[silent, 0] = channels
    return said


def words_of(said: Ints) -> pa.BinaryArray:
    """Return each row as a word of two bytes a source."""
    codes = np.where(said == NOTHING, SILENT_CODE, said).astype(CODE)
    bounds = np.arange(len(codes) + 1, dtype=np.int32) * len(SOURCES) * CODE.itemsize
    return pa.Array.from_buffers(pa.binary(), len(codes), [None, pa.py_buffer(bounds), pa.py_buffer(codes.tobytes())])


def said_of(words: pa.BinaryArray) -> Ints:
    """Return the rows that `words_of` made these words of."""
    codes = np.frombuffer(b"".join(words.to_pylist()), dtype=CODE).astype(np.int64).reshape(-1, len(SOURCES))
    return np.where(codes == SILENT_CODE, NOTHING, codes)


@dataclass(frozen=True, eq=False)
class Patterns:
    """Distinct patterns of evidence.

    Attributes
    ----------
    said : a row a pattern, a column for each of SOURCES: a channel's code, NOTHING, or ``len(channels)``: the survey
        was answered and names none
    conversions : how many have the pattern
    channels : by code, "unknown" among them
    able : a row for each of SOURCES, a column a channel: whether the channel can speak through it
    """

    said: Ints
    conversions: Ints
    channels: tuple[str, ...]
    able: Mask

    def __len__(self) -> int:
        return len(self.said)

    @property
    def names(self) -> Mask:
        """Whether the source names a channel: a row a pattern, a column for each of SOURCES."""
        named: Mask = (self.said != NOTHING) & (self.said < len(self.channels))
        return named

    @classmethod
    def read(cls, table: pa.Table, channels: tuple[str, ...], capabilities: pa.Table | None) -> "Patterns":
        """Return what `table` gave, with what the channels can speak through."""
        texts = pa.array([*channels, DONT_REMEMBER])
        columns = [pc.fill_null(pc.index_in(table[source], texts), NOTHING).to_numpy() for source in SOURCES]
        said = np.stack(columns, axis=1).astype(np.int64)
        return cls(said, table["conversions"].to_numpy(), channels, able_channels(said, channels, capabilities))

    def table(self) -> pa.Table:
        """Return ``pattern_id``, what each source says (null: nothing), ``conversions``."""
        texts = pa.array([*self.channels, DONT_REMEMBER])
        columns = {
            source: texts.take(pa.array(self.said[:, place], mask=self.said[:, place] == NOTHING))
            for place, source in enumerate(SOURCES)
        }
        return pa.table({"pattern_id": np.arange(len(self)), **columns, "conversions": self.conversions})


def able_channels(said: Ints, channels: Sequence[str], capabilities: pa.Table | None) -> Mask:
    """Return through which sources each channel can speak, as `Patterns` has it: METRICS §2, "capabilities".

    Every channel can be named in a survey. Without a table a channel can speak where it does so at least once.
    """
    able = np.zeros((len(SOURCES), len(channels)), dtype=bool)
    if capabilities is None:
        for source in range(len(SOURCES)):
            named = said[:, source]
            able[source, named[(named != NOTHING) & (named < len(channels))]] = True
    else:
        code = {name: place for place, name in enumerate(channels)}
        for pair in capabilities.to_pylist():
            if pair["channel"] in code:
                able[SOURCES.index(pair["kind"]), code[pair["channel"]]] = True
    able[0] = True
    able[:, channels.index(UNKNOWN)] = False
    return able
