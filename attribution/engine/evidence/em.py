"""The point estimate: expectation–maximisation over the patterns (Dawid & Skene 1979, with informative silence).

Who brought the silent is told by little, and plain steps would creep towards it for tens of thousands of rounds. So
every third is preceded by a leap: as far as the last two steps point (SQUAREM, Varadhan & Roland 2008, scheme S3).
"""

from typing import NamedTuple

import numpy as np

from attribution.engine.evidence.model import (
    Cells,
    Parameters,
    Priors,
    Source,
    mistakes_prior,
    posterior,
    recall,
    response_prior,
    tally,
    truth_prior,
    usual_response,
    voted,
    without_own,
)
from attribution.engine.paths import Floats, Mask

MOST_ROUNDS = 200  # of two steps, a leap and a step
CLOSE = 3e-7  # no share moves by more in a step
LEAST_USUAL, MOST_USUAL = 1e-3, 0.95
TINY = 1e-300


class Estimate(NamedTuple):
    """Parameters (one draw) and, by source, around what their priors lie.

    ``usual`` is the usual response (1, contexts); ``mistakes`` are the Dirichlet weights (1, K, symbols) of mistakes.
    """

    parameters: Parameters
    usual: tuple[Floats, ...]
    mistakes: tuple[Floats, ...]


def maximise(cells: Cells, priors: Priors) -> Estimate:
    """Return the point estimate.

    The steps take the means of the posteriors, not their modes: so no share falls to 0 for want of a single customer.
    """
    customers = voted(cells) * cells.counts[:, None]
    state = _maximised(cells, priors, customers, tuple(usual_response(source, customers) for source in cells.sources))
    furthest = 4.0
    for _ in range(MOST_ROUNDS):
        once = _step(cells, priors, state)
        twice = _step(cells, priors, once)
        if np.abs(twice.parameters.share - once.parameters.share).max() < CLOSE:
            return twice
        start, middle, end = (_free(each) for each in (state, once, twice))
        first, bend = middle - start, end - 2 * middle + start
        length = min(max(1.0, _norm(first) / max(_norm(bend), TINY)), furthest)
        if length == furthest:
            furthest *= 4
        state = _step(cells, priors, _bound(start + 2 * length * first + length**2 * bend, state))
    return state


def _step(cells: Cells, priors: Priors, state: Estimate) -> Estimate:
    customers = posterior(cells, state.parameters) * cells.counts[:, None]
    return _maximised(cells, priors, customers, state.usual)


def _maximised(cells: Cells, priors: Priors, customers: Floats, usual: tuple[Floats, ...]) -> Estimate:
    won = customers.sum(axis=1) + priors.share
    response, words, mistakes = [], [], []
    for source, rate in zip(cells.sources, usual, strict=True):
        said = tally(source, customers)
        spoken, silent = response_prior(source, rate, priors)
        response.append((said.spoke + spoken) / (said.all + spoken + silent))
        mistakes.append(mistakes_prior(source, said.symbol, priors))
        words.append(_recalled(source, said.symbol, mistakes[-1], priors))
    parameters = Parameters(won / won.sum(axis=1, keepdims=True), tuple(response), tuple(words))
    rates = zip(cells.sources, response, usual, strict=True)
    usual = tuple(_usual(source.able, heard, rate) for source, heard, rate in rates)
    return Estimate(parameters, usual, tuple(mistakes))


def _recalled(source: Source, said: Floats, mistakes: Floats, priors: Priors) -> Floats:
    wrong = without_own(said)
    right_prior, wrong_prior = truth_prior(source, priors)
    own = said.sum(axis=2) - wrong.sum(axis=2) + right_prior
    right = np.where(source.able, own / (said.sum(axis=2) + right_prior + wrong_prior), 0.0)
    instead = wrong + mistakes
    return recall(right, instead / instead.sum(axis=2, keepdims=True))


def _usual(able: Mask, response: Floats, before: Floats) -> Floats:
    """Return the mean over able channels, each counting once: by customers, the largest would draw all after it."""
    return np.clip(response[:, able].mean(axis=1), LEAST_USUAL, MOST_USUAL) if able.any() else before


def _free(state: Estimate) -> Floats:
    """Return the state as one vector whose entries may take any value: logarithms of parts, logits of rates."""
    share, response, words = state.parameters
    logits = [np.log(rate) - np.log1p(-rate) for rate in (*response, *state.usual)]
    logs = [np.log(np.maximum(parts, TINY)) for parts in (share, *words)]
    return np.concatenate([each.ravel() for each in (*logits, *logs)])


def _bound(free: Floats, like: Estimate) -> Estimate:
    """Return the state that `_free` made a vector of."""
    share, response, words = like.parameters
    shapes = [each.shape for each in (*response, *like.usual, share, *words)]
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    pieces = [piece.reshape(shape) for piece, shape in zip(np.split(free, ends[:-1]), shapes, strict=True)]
    rates = [1 / (1 + np.exp(-np.clip(piece, -40, 30))) for piece in pieces[: 2 * len(response)]]
    share, *parts = (np.exp(piece - piece.max(axis=-1, keepdims=True)) for piece in pieces[2 * len(response) :])
    parameters = Parameters(
        share / share.sum(axis=-1, keepdims=True),
        tuple(rates[: len(response)]),
        tuple(part / part.sum(axis=-1, keepdims=True) for part in parts),
    )
    usual = tuple(np.clip(rate, LEAST_USUAL, MOST_USUAL) for rate in rates[len(response) :])
    return Estimate(parameters, usual, like.mistakes)


def _norm(vector: Floats) -> float:
    return float(np.sqrt(vector @ vector))
