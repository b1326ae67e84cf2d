"""Many paths in a few arrays: what every model reads, and what it answers."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
CHANNEL_CODES = 2**16
TABLE = 2**22  # up to here a table of all numbers is faster than sorting them


@dataclass(frozen=True, eq=False)
class Paths:
    """Touches of n paths, one path after the other, each in the order of its touches.

    Attributes
    ----------
    offsets : n + 1 places; path i has the touches ``offsets[i]:offsets[i + 1]``, perhaps none
    channel, kind : codes, one a touch
    age : microseconds from the touch to the conversion, one a touch; ``None`` where paths of equal touches are one
    """

    offsets: Ints
    channel: Codes
    kind: Codes
    age: Ints | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        """Number of touches, one a path."""
        return np.diff(self.offsets)

    @property
    def owner(self) -> Ints:
        """The path of each touch."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def filled(self) -> Ints:
        """The paths that have a touch."""
        return np.flatnonzero(self.lengths)

    def part(self, first: int, last: int) -> "Paths":
        """Return the paths from ``first`` to before ``last``."""
        begin, end = self.offsets[[first, last]]
        age = None if self.age is None else self.age[begin:end]
        return Paths(self.offsets[first : last + 1] - begin, self.channel[begin:end], self.kind[begin:end], age)


def offsets_of(owner: Ints, owners: int) -> Ints:
    """Return where the rows of each owner begin, and their end; ``owner`` is ascending, from 0 to ``owners`` - 1."""
    return np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=owners))])


def numbered(numbers: Ints) -> tuple[Ints, Ints]:
    """Return the distinct numbers, of which none is below 0, ascending, and the place of each number among them."""
    if numbers.max(initial=0) > TABLE:
        return np.unique(numbers, return_inverse=True)
    found = np.flatnonzero(np.bincount(numbers))
    place = np.zeros(found[-1] + 1 if len(found) else 0, dtype=np.int64)
    place[found] = np.arange(len(found))
    return found, place[numbers]


class Shares(NamedTuple):
    """What channels get of each path: sorted by path and channel code; the credits of a path sum to 1."""

    path: Ints
    channel: Ints
    credit: Floats


def shares_of(paths: Paths, credit: Floats, *, channels: int, unknown: int) -> Shares:
    """Add up the credit of touches per path and channel; a path whose touches got none is all ``unknown``.

    ``credit`` is one a touch; ``channels`` is how many codes there are, ``unknown`` is one of them.
    """
    kept = np.flatnonzero(credit)
    owner = paths.owner[kept]
    silent = np.flatnonzero(np.bincount(owner, minlength=len(paths)) == 0)
    key = np.concatenate([owner * channels + paths.channel[kept], silent * channels + unknown])
    order = np.argsort(key, kind="stable")
    key, amount = key[order], np.concatenate([credit[kept], np.ones(len(silent))])[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    path, channel = np.divmod(key[starts], channels)
    # reduceat refuses an empty list of places
    return Shares(path, channel, np.add.reduceat(amount, starts) if len(starts) else amount)
