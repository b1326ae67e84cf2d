"""Removal effects in a Markov chain of paths (Anderl et al. 2016), exact. Formulas: METRICS §2."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from attribution.engine.paths import Floats, Ints, Mask, Paths, numbered

Amounts = npt.NDArray[Any]
ORDERS = (1, 2, 3)
START = 0
# What may still be under way when the iteration ends, as a part of what converts. Removal effects are good to 1e-9.
REST = 1e-13
MOST_STEPS = 100_000
FOLDS = 5
SEED = 1906  # the year of Markov's chains
SMOOTHING = 0.5
CLOSE = 1e-12


class ChainError(ValueError):
    """Some paths go round in circles for so long that the iteration comes to no end."""


class Ends(NamedTuple):
    """How often paths ended how, one of each a path.

    Attributes
    ----------
    weight : conversions, by weight
    value : sum of weight × value of these conversions
    nothing : paths without a conversion
    """

    weight: Amounts
    value: Amounts
    nothing: Amounts


class Totals(NamedTuple):
    """What channels get, one of each a channel code; they sum to those of the paths that have a touch."""

    weight: Floats
    value: Floats


class _Chain(NamedTuple):
    newest: Ints  # channel code + 1 of a state's last touch; START has none, 0
    source: Ints  # state before a step
    target: Ints  # state after it
    chance: Floats  # of the step, where the source is
    reach: Floats  # how often a path is in a state
    result: Floats  # a column a state: conversions per visit that end there, and their value


def removal_totals(paths: Paths, ends: Ends, *, channels: int, order: int) -> Totals:
    """Share conversions and their value in proportion to what would be lost without each channel.

    A path is in states, which are the last ``order`` touches of its beginnings; touches of equal neighbours are one.
    Where a channel is removed, each path ends in nothing that comes to a state that holds it.

    Parameters
    ----------
    paths : without ages; ``channels`` is how many codes there are
    order : 1, 2 or 3

    Raises
    ------
    ChainError : order 2 or 3, and the paths go round in circles for very long
    """
    totals = Totals(np.zeros(channels), np.zeros(channels))
    chain = _chain(paths, ends, order)
    if chain is None:
        return totals
    present, effects = _by_inverse(chain) if order == 1 else _by_iteration(chain)
    whole = chain.result @ chain.reach * (ends.weight + ends.nothing)[paths.filled].sum()
    for total, effect, amount in zip(totals, effects, whole, strict=True):
        if effect.sum():
            total[present] = effect * (amount / effect.sum())
    return totals


def likeliest_order(paths: Paths, ends: Ends) -> int:
    """Return the order whose chains best foretell paths that they were not fitted to; the lower of equals.

    Cross-validation: the paths are dealt into FOLDS, each is foretold by a chain fitted to the others, and the log
    likelihood of all its steps, ends included, is summed. Unseen steps have SMOOTHING, so that none is impossible.
    """
    mass = np.rint(ends.weight + ends.nothing).astype(np.int64)
    owner = paths.owner
    rows = np.flatnonzero((mass[owner] > 0) & _is_new(paths))
    if not len(rows):
        return ORDERS[0]
    folds = np.random.default_rng(SEED).multinomial(mass, np.full(FOLDS, 1 / FOLDS)).astype(np.float64)
    sold = np.divide(ends.weight, ends.weight + ends.nothing, out=np.zeros(len(mass)), where=mass > 0)
    touch = paths.channel[rows].astype(np.int64) + 1
    found = np.array([_foretold(owner[rows], touch, folds, sold, order) for order in ORDERS])
    return ORDERS[int(np.argmax(found >= found.max() - CLOSE * abs(found.max())))]


def _foretold(owner: Ints, touch: Ints, folds: Floats, sold: Floats, order: int) -> float:
    """Return the log likelihood of each fold's steps under the chain of the others."""
    first = np.diff(owner, prepend=-1) != 0
    last = np.append(first[1:], True)
    newest, state = _states(touch, np.flatnonzero(first), order)
    before = np.where(first, START, np.append(START, state[:-1]))
    symbols = int(touch.max()) + 2  # of what may come next: a channel, a sale (0) or nothing (the last)
    word = [before * symbols + touch, state[last] * symbols, state[last] * symbols + symbols - 1]
    done = owner[last]
    amount = [folds[owner], folds[done] * sold[done, None], folds[done] * (1 - sold[done])[:, None]]
    steps, place = numbered(np.concatenate(word))
    amounts = np.concatenate(amount)
    held = np.stack([np.bincount(place, weights=each, minlength=len(steps)) for each in amounts.T], axis=1)
    source = steps // symbols
    fitted = held.sum(axis=1, keepdims=True) - held
    left = np.stack([np.bincount(source, weights=each, minlength=len(newest)) for each in fitted.T], axis=1)
    chance = (fitted + SMOOTHING) / (left[source] + SMOOTHING * symbols)
    return float((held * np.log(chance)).sum())


def _chain(paths: Paths, ends: Ends, order: int) -> _Chain | None:
    """Return the chain of the paths that ended in anything, or nothing if there are none."""
    mass = ends.weight + ends.nothing
    owner = paths.owner
    rows = np.flatnonzero((mass[owner] > 0) & _is_new(paths))
    if not len(rows):
        return None
    owner, touch = owner[rows], paths.channel[rows].astype(np.int64) + 1
    first = np.diff(owner, prepend=-1) != 0
    newest, state = _states(touch, np.flatnonzero(first), order)
    before = np.where(first, START, np.append(START, state[:-1]))
    last = np.append(first[1:], True)
    visits = np.bincount(state, weights=mass[owner], minlength=len(newest))
    visits[START] = mass[owner[first]].sum()
    step, place = numbered(before * len(newest) + state)
    source, target = np.divmod(step, len(newest))
    chance = np.bincount(place, weights=mass[owner]) / visits[source]
    result = [
        np.bincount(state[last], weights=each[owner[last]], minlength=len(newest)) / visits
        for each in (ends.weight, ends.value)
    ]
    return _Chain(newest, source, target, chance, visits / visits[START], np.array(result))


def _is_new(paths: Paths) -> Mask:
    """Return which touches differ in their channel from the touch before them on their path."""
    new = np.diff(paths.channel.astype(np.int64), prepend=-1) != 0
    new[paths.offsets[paths.filled]] = True
    return new


def _states(touch: Ints, firsts: Ints, order: int) -> tuple[Ints, Ints]:
    """Return the newest touch of each state, and the state of each touch; paths begin at ``firsts``."""
    position = np.arange(len(touch)) - np.repeat(firsts, np.diff(np.append(firsts, len(touch))))
    base = int(touch.max()) + 1
    word = touch
    for back in range(1, order):
        earlier = np.where(position >= back, np.roll(touch, back), 0)
        word = word + earlier * base**back
    # START is the smallest word, and first.
    words, state = numbered(np.append(word, 0))
    return words % base, state[:-1]


def _by_inverse(chain: _Chain) -> tuple[Ints, Floats]:
    """Return the channels and their removal effects, a column each: N[s,c] / N[c,c] · b_c / b_s, N = (I − Q)⁻¹."""
    left = np.eye(len(chain.newest))
    left[chain.source, chain.target] -= chain.chance
    visits = np.linalg.inv(left)
    reached = visits @ chain.result.T
    effect = (visits[START] / visits.diagonal() * reached.T)[:, 1:]
    return chain.newest[1:] - 1, _divided(effect, reached[START])


def _by_iteration(chain: _Chain) -> tuple[Ints, Floats]:
    """Return what `_by_inverse` does, from the visits to each state while a channel is gone."""
    present = np.unique(chain.newest[1:])
    whole = chain.result @ chain.reach
    # The most that a path still under way may bring, as a part of all.
    most = max(1.0, _divided(np.abs(chain.result).max(axis=1)[:, None], np.abs(whole)).max())
    # What holds a channel is only come to by way of what has it newest.
    kept = [chain.result @ _visits(chain, chain.newest == touch, REST / most) for touch in present]
    return present - 1, _divided(whole[:, None] - np.array(kept).T, whole)


def _visits(chain: _Chain, gone: Mask, rest: float) -> Floats:
    """Return how often a path is in each state where those that are ``gone`` end in nothing: x ← xQ."""
    steps = np.flatnonzero(~gone[chain.target])
    source, target, chance = chain.source[steps], chain.target[steps], chain.chance[steps]
    now: Amounts = np.zeros(len(gone))
    now[START] = 1.0
    total = np.zeros(len(gone))
    for _ in range(MOST_STEPS):
        total += now
        now = np.bincount(target, weights=now[source] * chance, minlength=len(gone))
        if now.sum() <= rest:
            return total
    raise ChainError("the paths go round in circles for too long: choose order 1")


def _divided(amounts: Floats, by: Floats) -> Floats:
    """Divide each row; by 0 it is 0, as where nothing is brought there is nothing to lose."""
    return np.divide(amounts, by[:, None], out=np.zeros_like(amounts), where=by[:, None] != 0)
