"""Posterior draws: a seeded Gibbs sampler over the patterns, several chains side by side.

Each step deals the customers of each pattern out to true channels, then draws the parameters given those. Between the
steps silent customers are moved from one channel to another (a Metropolis step on the likelihood itself): who brought
those that say nothing is what the data tell least, and dealing alone would take very long to explore it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import lgamma
from typing import NamedTuple

import numpy as np

from attribution.engine.evidence.em import Estimate
from attribution.engine.evidence.model import (
    ANCHORS,
    LEAST,
    Cells,
    Parameters,
    Priors,
    Source,
    chances,
    likelihood,
    recall,
    response_prior,
    tally,
    truth_prior,
    without_own,
)
from attribution.engine.evidence.patterns import SOURCES
from attribution.engine.paths import Floats, Ints

SEED = 1922  # the year in which Wanamaker died
CHAINS = 4
BURN_IN = 200
STEPS = 400  # kept of each chain, every THINNED-th
THINNED = 4
DISPERSED = 0.3  # chains begin with so much of each pattern spread evenly
ACCEPTED = 0.35  # the part of moves that a good size of step has accepted
EDGE = 1e-9

USUAL = np.linspace(0.005, 0.995, 199)


class Draws(NamedTuple):
    """Kept draws; ``mixing`` is R-hat of the share of each channel (Gelman & Rubin 1992)."""

    parameters: Parameters
    mixing: Floats


def sample(cells: Cells, priors: Priors, start: Floats, estimate: Estimate, *, seed: int = SEED) -> Draws:
    """Return draws of the parameters, begun from ``start`` (P(z | pattern), (1, M, K)) and the usual responses.

    Mistakes keep the prior of the estimate.
    """
    rng = np.random.default_rng(seed)
    chances = np.repeat(start * (1 - DISPERSED) + DISPERSED / cells.channels, CHAINS, axis=0)
    rates = [np.repeat(rate, CHAINS, axis=0) for rate in estimate.usual]
    size = np.full(cells.channels, 0.3)
    kept: list[Parameters] = []
    for step in range(BURN_IN + STEPS):
        customers = rng.multinomial(cells.counts, chances).astype(np.float64)
        share, response, recall = _given(rng, cells, priors, customers, rates, estimate.mistakes)
        rates = [
            _usual(rng, source, q, priors, rate) for source, q, rate in zip(cells.sources, response, rates, strict=True)
        ]
        drawn = Parameters(share, tuple(response), tuple(recall))
        moves, accepted = _moved(rng, cells, priors, drawn, rates, size)
        if step < BURN_IN:
            size = np.clip(size * np.exp(np.nan_to_num(accepted - ACCEPTED) * 0.2), 0.01, 2.0)
        elif step % THINNED == 0:
            moved = tuple(np.moveaxis(each, 0, 1) for each in moves.response)
            kept.append(Parameters(moves.share.T, moved, tuple(recall)))
        joint = np.moveaxis(moves.chance * moves.share[..., None], 0, 2)
        chances = joint / np.maximum(joint.sum(axis=2, keepdims=True), LEAST)
    return Draws(_joined(kept), _mixing(np.stack([each.share for each in kept])))


def _given(
    rng: np.random.Generator,
    cells: Cells,
    priors: Priors,
    customers: Floats,
    rates: list[Floats],
    mistakes: tuple[Floats, ...],
) -> tuple[Floats, list[Floats], list[Floats]]:
    """Draw share, response and recall, given whom each channel has brought."""
    share = _dirichlet(rng, customers.sum(axis=1) + priors.share)
    response, words = [], []
    for source, rate, usual_mistakes in zip(cells.sources, rates, mistakes, strict=True):
        said = tally(source, customers)
        spoken, silent = response_prior(source, rate, priors)
        drawn = rng.beta(said.spoke + spoken, said.all - said.spoke + silent)
        response.append(np.clip(drawn, EDGE, 1 - EDGE))
        words.append(_recalled(rng, source, said.symbol, usual_mistakes, priors))
    return share, response, words


def _recalled(rng: np.random.Generator, source: Source, said: Floats, mistakes: Floats, priors: Priors) -> Floats:
    wrong = without_own(said)
    right_prior, wrong_prior = truth_prior(source, priors)
    own, other = said.sum(axis=2) - wrong.sum(axis=2), wrong.sum(axis=2)
    right = rng.beta(own + np.where(source.able, right_prior, 1.0), other + wrong_prior)
    return recall(np.where(source.able, right, 0.0), _dirichlet(rng, wrong + mistakes))


def _dirichlet(rng: np.random.Generator, weights: Floats) -> Floats:
    drawn = rng.standard_gamma(weights) + LEAST
    return np.asarray(drawn / drawn.sum(axis=-1, keepdims=True))


_LOG_BETA: dict[float, Floats] = {}


def _log_beta(weight: float) -> Floats:
    """Return log B(weight · u, weight · (1 − u)) on the grid of usual responses."""
    if weight not in _LOG_BETA:
        pairs = [lgamma(weight * u) + lgamma(weight * (1 - u)) - lgamma(weight) for u in USUAL]
        _LOG_BETA[weight] = np.array(pairs)
    return _LOG_BETA[weight]


def _usual(rng: np.random.Generator, source: Source, response: Floats, priors: Priors, before: Floats) -> Floats:
    """Draw the source's usual response in each context, (d, contexts), given that of its able channels."""
    able = response[:, source.able]
    if not able.shape[1]:
        return before
    heard, silent = np.log(able).sum(axis=1), np.log1p(-able).sum(axis=1)
    weight = priors.response
    log = weight * (USUAL * heard[..., None] + (1 - USUAL) * silent[..., None]) - able.shape[1] * _log_beta(weight)
    rising = np.exp(log - log.max(axis=-1, keepdims=True)).cumsum(axis=-1)
    place = (rng.random(heard.shape)[..., None] * rising[..., -1:] > rising).sum(axis=-1)
    return np.asarray(USUAL[np.minimum(place, len(USUAL) - 1)])


@dataclass(eq=False)
class _Moves:
    """Chains whose silent customers are moved in place; the channel is the first axis, since pairs are picked by it."""

    cells: Cells
    priors: Priors
    share: Floats  # (K, d)
    response: list[Floats]  # (K, d, contexts) a source
    weights: list[tuple[Floats, Floats]]  # Beta, likewise
    recall: list[Floats]  # (K, d, symbols) a source
    chance: Floats  # (K, d, M): P(pattern | z)
    whole: Floats  # (d, M): P(pattern)

    def try_pair(self, rng: np.random.Generator, pair: Ints, size: float) -> float:
        """Move customers within a pair of channels in the chains that accept it; return how large a part does.

        The logit of the first one's part of both moves. Each one's responses move against its share, so that as many
        of its customers are heard in each context as before: what changes is who brought the silent.
        """
        old, log_old = self.share[pair], np.log(self.share[pair])
        both = old.sum(axis=0)
        move = rng.normal(0.0, size, len(both))
        first = both / (1 + old[1] / old[0] * np.exp(-move))
        new = np.stack([first, both - first])
        if not (new > LEAST).all():
            return 0.0
        growth = np.log(new) - log_old
        # d r'/d r of the first one's part r, whose logit has moved; then that of each response, which is multiplied.
        gain = growth.sum(axis=0) * self.priors.share
        possible = np.ones(len(both), dtype=bool)
        chance, responses = np.ones((2, *self.whole.shape)), []
        for number, factor in enumerate(self._factors(pair, np.exp(growth))):
            source, before = self.cells.sources[number], self.response[number][pair]
            q = before * factor
            possible &= ((q < 1 - EDGE) & (q > EDGE / 1e3)).all(axis=(0, 2))
            q = np.clip(q, EDGE / 1e3, 1 - EDGE)
            spoken, silent = (each[pair] for each in self.weights[number])
            log_factor = np.log(q / before)
            terms = spoken * log_factor + (silent - 1) * np.log((1 - q) / (1 - before))
            gain += terms.sum(axis=(0, 2))
            chance *= chances(source, q, self.recall[number][pair])
            responses.append(q)
        change = chance * new[..., None] - self.chance[pair] * old[..., None]
        whole = np.maximum(self.whole + change.sum(axis=0), LEAST)
        gain += np.log(whole / self.whole) @ self.cells.counts
        yes = possible & (np.log(rng.random(len(both))) < gain)
        self.share[pair] = np.where(yes, new, old)
        for response, q in zip(self.response, responses, strict=True):
            response[pair] = np.where(yes[:, None], q, response[pair])
        self.chance[pair] = np.where(yes[:, None], chance, self.chance[pair])
        self.whole = np.where(yes[:, None], whole, self.whole)
        return float(yes.mean())

    def _factors(self, pair: Ints, growth: Floats) -> Iterator[Floats]:
        """Yield by what each source's response (2, d, contexts) is multiplied; shares are multiplied by ``growth``."""
        # By how much the part of the channel's customers grows that is silent in survey or coupon.
        silent = {}
        for source, response in zip(self.cells.sources, self.response, strict=True):
            if source.contexts == 1:
                q = response[pair, :, 0]
                silent[source.name] = np.maximum(1 - q / growth, EDGE) / (1 - q)
        for source in self.cells.sources:
            if source.contexts == 1:
                yield 1 / growth[..., None]
                continue
            contexts = []
            for context in range(source.contexts):
                grown = growth
                for bit, name in enumerate(SOURCES[:ANCHORS]):
                    if name in silent:
                        grown = grown * (1 / growth if context >> bit & 1 else silent[name])
                contexts.append(1 / grown)
            yield np.stack(contexts, axis=2)


def _moved(
    rng: np.random.Generator,
    cells: Cells,
    priors: Priors,
    parameters: Parameters,
    rates: list[Floats],
    size: Floats,
) -> tuple[_Moves, Floats]:
    """Move customers within random pairs of channels; return the chains and, a channel, the part accepted or NaN."""
    chance = likelihood(cells, parameters)
    weights = [response_prior(source, rate, priors) for source, rate in zip(cells.sources, rates, strict=True)]
    moves = _Moves(
        cells,
        priors,
        np.ascontiguousarray(parameters.share.T),
        [_by_channel(each, 1) for each in parameters.response],
        [(_by_channel(spoken, 1), _by_channel(silent, 1)) for spoken, silent in weights],
        [_by_channel(each, 1) for each in parameters.recall],
        _by_channel(chance, 2),
        np.maximum((chance * parameters.share[:, None, :]).sum(axis=2), LEAST),
    )
    accepted = np.full(cells.channels, np.nan)
    order = rng.permutation(cells.channels)
    for pair in order[: len(order) // 2 * 2].reshape(-1, 2):
        accepted[pair] = moves.try_pair(rng, pair, float(size[pair].mean()))
    return moves, accepted


def _by_channel(values: Floats, axis: int) -> Floats:
    return np.ascontiguousarray(np.moveaxis(values, axis, 0))


def _joined(kept: list[Parameters]) -> Parameters:
    return Parameters(
        np.concatenate([each.share for each in kept]),
        tuple(np.concatenate(parts) for parts in zip(*(each.response for each in kept), strict=True)),
        tuple(np.concatenate(parts) for parts in zip(*(each.recall for each in kept), strict=True)),
    )


def _mixing(shares: Floats) -> Floats:
    """Return R-hat from draws (steps, chains, K)."""
    within = shares.var(axis=0, ddof=1).mean(axis=0)
    between = shares.mean(axis=0).var(axis=0, ddof=1)
    return np.asarray(np.sqrt(1 + between / np.maximum(within, LEAST)))
