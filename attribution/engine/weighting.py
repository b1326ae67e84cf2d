"""Weights for the answers of a questionnaire that not everybody answers: METRICS §2, non-response.

Answers and orders are counted in the same cells: store × part of the day × status of the guest (new, returning, not
identified). An answer of a cell weighs what the cell has of all orders, over what it has of all answers. Since whole
cells are known, and not only their margins, raking is done in one step.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST, MOST = 0.3, 3.0
# A cell without orders asks for no weight at all, and gets the least; but 0 could not be scaled.
_NEXT_TO_NOTHING = 1e-12


class Joined(NamedTuple):
    """A cell that is empty on one side, and whose answers and orders count with those of another cell.

    ``cell``, ``into`` : places of cells; ``into`` None: all stores of the cell's status together
    """

    cell: int
    into: int | None


@dataclass(frozen=True, eq=False)
class Weighting:
    """What an answer weighs.

    Attributes
    ----------
    weight : one a cell; over all answers they average 1, and each is from `LEAST` to `MOST`
    joined : cells that were empty on one side and have been joined with others
    unmatched : cells of a status that has only answers, or only orders, in all stores: their answers weigh the least,
        and nobody speaks for their orders
    """

    weight: Floats
    joined: tuple[Joined, ...]
    unmatched: Ints


def rake(
    answers: npt.ArrayLike, orders: npt.ArrayLike, store: npt.ArrayLike, part: npt.ArrayLike, status: npt.ArrayLike
) -> Weighting:
    """Return the weight of an answer in each cell, such that weighted answers are spread over the cells as orders are.

    A cell with answers but no orders, or the other way round, joins the nearest part of the day of its store and
    status that has both (of two, the earlier); where there is none, all stores of the status.

    Parameters
    ----------
    answers, orders : counts, one a cell, each cell once
    store, part, status : whole numbers that name the cell; parts of the day are counted from 0, the last one is
        followed by the first

    Examples
    --------
    80 answers in the morning and 20 in the evening, of as many orders: 0.5 ÷ 0.8 and 0.5 ÷ 0.2.

    >>> rake([80, 20], [500, 500], store=[1, 1], part=[0, 1], status=[0, 0]).weight
    array([0.625, 2.5  ])
    """
    said, sold = (np.asarray(each, dtype=np.float64) for each in (answers, orders))
    keys = [np.asarray(each, dtype=np.int64) for each in (store, part, status)]
    group, joined, unmatched = _groups(said, sold, *keys)
    return Weighting(trimmed(_wanted(said, sold, group, keys[2]), said), joined, unmatched)


def effective(weight: npt.ArrayLike, answers: npt.ArrayLike) -> float:
    """Return the effective number of answers (Σw)² ÷ Σw²: so many equal ones would say as much.

    Examples
    --------
    >>> effective([0.625, 2.5], [80, 20])
    64.0
    """
    weights, counts = np.asarray(weight, dtype=np.float64), np.asarray(answers, dtype=np.float64)
    squares = float(counts @ weights**2)
    return float(counts @ weights) ** 2 / squares if squares else 0.0


def trimmed(wanted: npt.ArrayLike, answers: npt.ArrayLike) -> Floats:
    """Return the weights in proportion to ``wanted``, cut to `LEAST` and `MOST`, that average 1 over the answers.

    What is cut is spread over the others, and what that lifts over a bound is cut again, until it is stable. That is
    one common factor, and it is found exactly: the sum grows with the factor along straight pieces.

    Examples
    --------
    95 and 5 answers that should count alike: the 5 weigh 3 at most, and leave 85 for the 95.

    >>> trimmed([0.5, 10.0], [95, 5]).round(4)
    array([0.8947, 3.    ])
    """
    weights = np.maximum(np.asarray(wanted, dtype=np.float64), _NEXT_TO_NOTHING)
    counts = np.asarray(answers, dtype=np.float64)
    bends = np.unique(np.concatenate([LEAST / weights, MOST / weights]))
    factor = np.interp(counts.sum(), _sums(weights, counts, bends), bends) if len(bends) else 1.0
    return np.clip(weights * factor, LEAST, MOST)


def _sums(weights: Floats, counts: Floats, factors: Floats) -> Floats:
    """Return, for each factor, the sum over all answers of the weights times the factor, trimmed."""
    order = np.argsort(weights)
    sorted_weights = weights[order]
    number, weighed = (np.concatenate([[0.0], np.cumsum(each[order])]) for each in (counts, counts * weights))
    low, high = (np.searchsorted(sorted_weights, bound / factors) for bound in (LEAST, MOST))
    between = factors * (weighed[high] - weighed[low])
    summed: Floats = LEAST * number[low] + between + MOST * (number[-1] - number[high])
    return summed


def _wanted(said: Floats, sold: Floats, group: Ints, status: Ints) -> Floats:
    """Return each cell's weight before any is trimmed; a group below 0 stands for all of its status that has none."""
    wanted = np.zeros(len(said))
    for one in np.unique(status):
        mine = status == one
        own = mine & (group >= 0) & ((said > 0) | (sold > 0))
        alone = mine & (group < 0)
        if said[mine].sum() == 0 or sold[mine].sum() == 0:
            continue
        average = sold[mine].sum() / said[mine].sum()
        wanted[alone] = average
        # Orders without answers are spread over the other stores; answers without orders take an average share.
        left = sold[mine].sum() - average * said[alone].sum()
        n, orders = (np.bincount(group[own], weights=each[own], minlength=len(said)) for each in (said, sold))
        factor = left / sold[own].sum() if own.any() else 0.0
        wanted[own] = (orders[group[own]] / n[group[own]]) * factor
    return wanted


def _groups(said: Floats, sold: Floats, store: Ints, part: Ints, status: Ints) -> tuple[Ints, tuple[Joined, ...], Ints]:
    """Return the cell with which each cell is counted (-1: with all of its status), what was joined, what cannot be."""
    group = np.arange(len(said))
    joined: list[Joined] = []
    unmatched: list[int] = []
    parts = int(part.max(initial=0)) + 1
    both = {one for one in np.unique(status) if said[status == one].any() and sold[status == one].any()}
    hosts = _hosts(said, sold, store, status)
    for cell in np.flatnonzero((said > 0) != (sold > 0)):
        if status[cell] not in both:
            group[cell] = -1
            unmatched.append(int(cell))
            continue
        near = hosts[int(store[cell]), int(status[cell])]
        into = (
            min(near, key=lambda other: (_apart(int(part[cell]), int(part[other]), parts), int(part[other])))
            if near
            else None
        )
        if into != cell:
            group[cell] = -1 if into is None else into
            joined.append(Joined(int(cell), into))
    return group, tuple(joined), np.array(unmatched, dtype=np.int64)


def _hosts(said: Floats, sold: Floats, store: Ints, status: Ints) -> dict[tuple[int, int], list[int]]:
    """Return, by store and status, the cells that others may join: those with answers and orders.

    Where no part of the day has both, but the day has, that is the first with answers.
    """
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for cell in range(len(said)):
        cells[int(store[cell]), int(status[cell])].append(cell)
    hosts = {}
    for key, mine in cells.items():
        full = [cell for cell in mine if said[cell] and sold[cell]]
        whole = said[mine].any() and sold[mine].any()
        hosts[key] = full or [next(cell for cell in mine if said[cell])] if whole else []
    return hosts


def _apart(one: int, other: int, parts: int) -> int:
    steps = abs(one - other)
    return min(steps, parts - steps)
