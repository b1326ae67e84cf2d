"""Intervals on what channels are credited with: METRICS §2, "Intervals"."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from attribution.engine.paths import Floats, Ints, Shares

DRAWS = 200
SEED = 1875  # the year in which Wanamaker opened his shop
LEVEL = (0.025, 0.975)
Z95 = 1.959963984540054  # the normal distribution's 97.5th percentile
FEW = 5_000  # groups up to which each is drawn; beyond, sums are drawn from the bootstrap's normal limit
FEWER_DRAWS = 40  # of totals that are solved anew each time, where paths are many
MANY_CHANNELS = 1_000  # beyond, channels are drawn apart: their covariance would not fit


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the lower and upper end of the 95 % interval of a share (Wilson 1927); NaN without trials.

    Parameters
    ----------
    successes, trials : numbers, not necessarily whole: with weights, the effective ones

    Examples
    --------
    >>> low, high = wilson([8], [10])
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.4902, 0.9433)
    """
    n = np.asarray(trials, dtype=np.float64)
    k = np.asarray(successes, dtype=np.float64)
    # More successes than trials (counts of different days) have no interval.
    n = np.where((n > 0) & (k <= n), n, np.nan)
    share = k / n
    middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def difference(
    successes: npt.ArrayLike, trials: npt.ArrayLike, others: npt.ArrayLike, other_trials: npt.ArrayLike
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the ends of the 95 % interval of one share less another (Newcombe 1998, by Wilson's intervals of both).

    Examples
    --------
    Newcombe's own: 56 of 70 less 48 of 80.

    >>> low, high = difference([56], [70], [48], [80])
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.0524, 0.3339)
    """
    low, high = wilson(successes, trials)
    other_low, other_high = wilson(others, other_trials)
    share = np.asarray(successes, dtype=np.float64) / np.where(np.isnan(low), np.nan, trials)
    other = np.asarray(others, dtype=np.float64) / np.where(np.isnan(other_low), np.nan, other_trials)
    apart = share - other
    return apart - np.hypot(share - low, other_high - other), apart + np.hypot(high - share, other - other_low)


def ends(draws: Floats, estimate: Floats | None = None) -> tuple[Floats, Floats]:
    """Return the low and the high end of the 95 % interval of each column, wide enough to hold the estimate.

    The estimate of the evidence model is not the draws' mean: where little is known it can lie beyond their quantiles.
    """
    low, high = np.quantile(draws, LEVEL, axis=0)
    return (low, high) if estimate is None else (np.minimum(low, estimate), np.maximum(high, estimate))


def bootstrap(shares: Shares, conversions: Ints, weights: Floats, *, channels: int) -> Floats:
    """Return the channels' customers in samples of as many conversions, drawn with replacement: (DRAWS, channels).

    Parameters
    ----------
    shares : of each group, in the order of groups; conversions of a group have the same credits
    conversions, weights : how many each group has, and their weights' sum
    """
    total = int(conversions.sum())
    if not total:
        return np.zeros((DRAWS, channels))
    some = np.flatnonzero(conversions)
    place = np.full(len(conversions), -1)
    place[some] = np.arange(len(some))
    kept = place[shares.path] >= 0
    group, channel = place[shares.path[kept]], shares.channel[kept]
    credit = shares.credit[kept] * (weights / np.maximum(conversions, 1))[shares.path[kept]]
    rng = np.random.default_rng(SEED)
    if len(some) > FEW:
        return _normal_limit(rng, group, channel, credit, conversions[some], channels)
    dense = np.zeros((len(some), channels))
    np.add.at(dense, (group, channel), credit)
    return rng.multinomial(total, conversions[some] / total, size=DRAWS) @ dense


def _normal_limit(
    rng: np.random.Generator, group: Ints, channel: Ints, credit: Floats, conversions: Ints, channels: int
) -> Floats:
    """Return draws from the normal distribution whose mean and covariance the bootstrap has."""
    total, many = conversions.sum(), conversions[group]
    mean = np.bincount(channel, weights=credit * many, minlength=channels)
    if channels > MANY_CHANNELS:
        spread = np.bincount(channel, weights=credit**2 * many, minlength=channels) - mean**2 / total
        return np.asarray(mean + rng.standard_normal((DRAWS, channels)) * np.sqrt(np.maximum(spread, 0)))
    second = np.zeros((channels, channels))
    # Groups have few channels each: the pairs of a group's rows, at distance 0, 1, 2 …, are its outer product.
    distance, rows = 0, np.arange(len(group))
    while len(rows):
        other = rows + distance
        product = credit[rows] * credit[other] * many[rows]
        np.add.at(second, (channel[rows], channel[other]), product)
        if distance:
            np.add.at(second, (channel[other], channel[rows]), product)
        distance += 1
        rows = rows[rows + distance < len(group)]
        rows = rows[group[rows + distance] == group[rows]]
    covariance = second - np.outer(mean, mean) / total
    values, axes = np.linalg.eigh(covariance)
    root = axes * np.sqrt(np.maximum(values, 0))
    return np.asarray(np.maximum(mean + rng.standard_normal((DRAWS, channels)) @ root.T, 0))


def bootstrap_totals(
    solve: Callable[[Floats, Floats], Floats], conversions: Ints, weights: Floats, nothing: Ints, *, channels: int
) -> Floats:
    """Return what ``solve`` (weights sold and lost, one a path → totals by channel) gives for samples of the paths.

    ``conversions`` and ``weights`` have one entry more than ``nothing``: those without a touch. Where paths are many,
    FEWER_DRAWS are solved, and DRAWS drawn from the normal distribution that has their mean and spread.
    """
    rng = np.random.default_rng(SEED)
    sold, lost = int(conversions.sum()), int(nothing.sum())
    if not sold:
        return np.zeros((DRAWS, channels))
    size = DRAWS if np.count_nonzero(conversions) + np.count_nonzero(nothing) <= FEW else FEWER_DRAWS
    each = weights / np.maximum(conversions, 1)
    draws = np.empty((size, channels))
    for number in range(size):
        drawn = rng.multinomial(sold, conversions / sold) * each
        gone = rng.multinomial(lost, nothing / lost) if lost else nothing
        draws[number] = solve(drawn[:-1], gone.astype(np.float64))
    if size == DRAWS:
        return draws
    return np.asarray(np.maximum(draws.mean(axis=0) + rng.standard_normal((DRAWS, channels)) * draws.std(axis=0), 0))
