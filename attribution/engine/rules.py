"""The rule models: credit per touch, as operations on segments. Formulas: METRICS §2.

Each takes paths and the half-life in microseconds and returns one double per touch, which sum to 1 over a path or, if
no touch of it counts, to 0.
"""

import numpy as np

from attribution.engine.paths import CHANNEL_CODES, Floats, Mask, Paths
from attribution.warehouse import KINDS

STRONGEST_FIRST = ("referral", "coupon", "link", "import", "survey")
# STRENGTH[kind code]: 0 is the strongest
STRENGTH = np.array([STRONGEST_FIRST.index(kind) for kind in KINDS])


def first_touch(paths: Paths, half_life: int) -> Floats:
    """Give all of it to the first touch."""
    credit = np.zeros(len(paths.channel))
    credit[paths.offsets[paths.filled]] = 1.0
    return credit


def last_touch(paths: Paths, half_life: int) -> Floats:
    """Give all of it to the last touch."""
    credit = np.zeros(len(paths.channel))
    credit[paths.offsets[paths.filled + 1] - 1] = 1.0
    return credit


def linear(paths: Paths, half_life: int) -> Floats:
    """Give 1/n to each of n touches."""
    return 1.0 / paths.lengths[paths.owner]


def position_based(paths: Paths, half_life: int) -> Floats:
    """Give 40 % to the first, 40 % to the last, 20 % to all between; half each of two; all to one."""
    lengths = paths.lengths
    middle = np.divide(0.2, lengths - 2, out=np.zeros(len(paths)), where=lengths > 2)
    end = np.where(lengths > 2, 0.4, 1.0 / np.clip(lengths, 1, 2))[paths.filled]
    credit = middle[paths.owner]
    credit[paths.offsets[paths.filled]] = end
    credit[paths.offsets[paths.filled + 1] - 1] = end
    return credit


def time_decay(paths: Paths, half_life: int) -> Floats:
    """Give in proportion to 2^(−age / half-life)."""
    assert paths.age is not None, "time decay needs ages, which distinct paths do not have"
    owner, filled = paths.owner, paths.filled
    if not len(filled):
        return np.zeros(0)
    youngest = np.zeros(len(paths), dtype=np.int64)
    youngest[filled] = np.minimum.reduceat(paths.age, paths.offsets[filled])
    # Counted from the youngest touch, so that no path of old touches vanishes in the underflow.
    weight = np.exp2((youngest[owner] - paths.age) / half_life)
    return weight / np.bincount(owner, weights=weight, minlength=len(paths))[owner]


def survey(paths: Paths, half_life: int) -> Floats:
    """Give linearly to what the customer answered."""
    return _linear_over(paths, paths.kind == KINDS.index("survey"))


def coupon(paths: Paths, half_life: int) -> Floats:
    """Give linearly to coupons."""
    return _linear_over(paths, paths.kind == KINDS.index("coupon"))


def link(paths: Paths, half_life: int) -> Floats:
    """Give linearly to links."""
    return _linear_over(paths, paths.kind == KINDS.index("link"))


def shapley(paths: Paths, half_life: int) -> Floats:
    """Give evenly to the channels of the path, each of them shared by its touches.

    The exact Shapley value of v(S) = conversions of paths whose channels are all in S (Zhao et al. 2018).
    """
    key = paths.owner * CHANNEL_CODES + paths.channel
    pairs, place, touches = np.unique(key, return_inverse=True, return_counts=True)
    channels = np.bincount(pairs // CHANNEL_CODES, minlength=len(paths))
    credit: Floats = 1.0 / (channels[paths.owner] * touches[place])
    return credit


def precedence(paths: Paths, half_life: int) -> Floats:
    """Give linearly to the touches of the strongest kind on the path."""
    filled = paths.filled
    if not len(filled):
        return np.zeros(0)
    strength = STRENGTH[paths.kind]
    strongest = np.zeros(len(paths), dtype=np.int64)
    strongest[filled] = np.minimum.reduceat(strength, paths.offsets[filled])
    return _linear_over(paths, strength == strongest[paths.owner])


def _linear_over(paths: Paths, counts: Mask) -> Floats:
    owner = paths.owner
    n = np.bincount(owner[counts], minlength=len(paths))[owner]
    return np.divide(1.0, n, out=np.zeros(len(owner)), where=counts)
