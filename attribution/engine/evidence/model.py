"""The model's cells, priors and likelihood; every array of parameters has the chain or draw as its first axis.

Given the true channel z, survey and coupon speak independently of each other. What comes after them (link, referral,
import) may speak more or less often where those two have spoken: a tracked link is known only of a device that has
answered or claimed, and who uses coupons follows links too. So q depends on the *context*: which of the first two
have spoken. What is said depends on z alone.

What guests remember wrongly differs from channel to channel. What the other sources say wrongly hardly does: a coupon
that leaks is used by whoever stands at the counter, and a stray link is followed by whoever sees it. So the mistakes of
a source other than the survey have a prior around those that it makes with all channels together.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from attribution.engine.evidence.patterns import NOTHING, SOURCES, Patterns
from attribution.engine.paths import Floats, Ints, Mask

ANCHORS = 2  # survey and coupon
# The Beta prior of being heard through what the channel cannot speak through: one in twenty, by mistake. It is worth
# five customers only: where coupons leak, more would take those who use them for the coupon's own people.
SILENCE_OF_THE_MUTE = (0.25, 4.75)
LEAST = 1e-300


@dataclass(frozen=True)
class Priors:
    """How many customers each prior is worth: METRICS §2.

    Attributes
    ----------
    share : of each channel's share, a symmetric Dirichlet
    recall, truth : of what a source says: so many customers, of whom the part ``truth`` names the true channel
    mistakes : of what a source other than the survey says instead, around its mistakes with all channels
    response : of how often a channel's customers speak through a source, around the source's usual rate
    """

    share: float = 1.0
    recall: float = 10.0
    truth: float = 0.85
    mistakes: float = 20.0
    response: float = 10.0

    def scaled(self, factor: float) -> "Priors":
        """Return priors that are worth more or fewer customers, around the same centres."""
        return replace(
            self, recall=self.recall * factor, mistakes=self.mistakes * factor, response=self.response * factor
        )


class Parameters(NamedTuple):
    """``share`` (d, K); by source ``response`` (d, K, contexts) and ``recall`` (d, K, symbols)."""

    share: Floats
    response: tuple[Floats, ...]
    recall: tuple[Floats, ...]

    def rows(self, rows: slice) -> "Parameters":
        """Return some of the draws."""
        return Parameters(
            self.share[rows], tuple(each[rows] for each in self.response), tuple(each[rows] for each in self.recall)
        )


@dataclass(frozen=True, eq=False)
class Source:
    """One source that speaks: ``symbol`` and ``context`` of each pattern, ``able`` of each channel.

    Symbols are the K channels and, of the survey, one more for naming none; then one for saying nothing. ``usual`` is
    the part of each symbol but silence in all that it says; ``is_pooled``: whether its mistakes are everybody's.
    """

    name: str
    symbol: Ints
    symbols: int
    context: Ints
    contexts: int
    able: Mask
    usual: Floats
    is_pooled: bool

    @cached_property
    def spoke(self) -> Mask:
        return np.asarray(self.symbol < self.symbols)

    @cached_property
    def place(self) -> Ints:
        """Of each pattern, the place of its context and symbol in a table of all, silence the last symbol."""
        return self.context * (self.symbols + 1) + self.symbol

    @cached_property
    def by_symbol(self) -> Floats:
        """One column a symbol, without silence: 1 where the pattern says it."""
        return np.eye(self.symbols + 1)[self.symbol][:, :-1]

    @cached_property
    def by_context(self) -> Floats:
        """One column a context: 1 where the pattern has it."""
        return np.eye(self.contexts)[self.context]


@dataclass(frozen=True, eq=False)
class Cells:
    """The patterns as the model sees them: ``counts`` of each, ``sources``, and ``codes`` of the K true channels."""

    counts: Ints
    codes: Ints
    sources: tuple[Source, ...]

    @property
    def channels(self) -> int:
        return len(self.codes)


def cells_of(patterns: Patterns) -> Cells:
    """Return the cells: true channels are those that some conversion names."""
    named, none = patterns.names, len(patterns.channels)
    codes = np.unique(patterns.said[named])
    place = np.full(none + 1, NOTHING)
    place[codes] = np.arange(len(codes))
    spoke = patterns.said != NOTHING
    after = spoke[:, 0] + 2 * spoke[:, 1]
    sources = []
    for column, name in enumerate(SOURCES):
        if not named[:, column].any():
            continue
        symbols = len(codes) + (column == 0)
        symbol = np.where(named[:, column], place[patterns.said[:, column]], symbols)
        symbol[patterns.said[:, column] == none] = len(codes)
        anchor = column < ANCHORS
        able = patterns.able[column][codes]
        said = np.bincount(symbol, weights=patterns.conversions, minlength=symbols + 1)[:symbols] + 1.0
        context, contexts = (np.zeros(len(patterns), dtype=np.int64), 1) if anchor else (after, 2**ANCHORS)
        sources.append(Source(name, symbol, symbols, context, contexts, able, said / said.sum(), column > 0))
    return Cells(patterns.conversions, codes, tuple(sources))


def truth_prior(source: Source, priors: Priors) -> tuple[Floats, Floats]:
    """Return the Beta weights (K) of naming the true channel and of naming another; a mute one cannot name itself."""
    right = np.where(source.able, priors.recall * priors.truth, 0.0)
    return right, np.full(len(source.able), priors.recall * (1 - priors.truth))


def mistakes_prior(source: Source, said: Floats, priors: Priors) -> Floats:
    """Return the Dirichlet weights (d, K, symbols) of what is said instead of the true channel, 0 for that itself.

    ``said`` (d, K, symbols) are the customers of each true channel by what the source said of them. Mistakes go where
    those of all channels go, or, if they are not pooled, where the source usually goes.
    """
    weights: Floats = np.repeat(source.usual[None, None], said.shape[1], axis=1)
    total = priors.recall * (1 - priors.truth)
    if source.is_pooled:
        total, weights = (
            priors.mistakes,
            without_own(said).sum(axis=1, keepdims=True) + without_own(weights).mean(axis=1, keepdims=True),
        )
        weights = np.repeat(weights, said.shape[1], axis=1)
    weights = without_own(weights)
    return np.asarray(total * weights / np.maximum(weights.sum(axis=2, keepdims=True), LEAST))


def without_own(said: Floats) -> Floats:
    """Return (d, K, symbols) with 0 where a channel's customers name the channel itself."""
    own = np.arange(said.shape[1])
    kept = said.copy()
    kept[:, own, own] = 0.0
    return kept


def recall(right: Floats, wrong: Floats) -> Floats:
    """Return what is said given that anything is, (d, K, symbols).

    From the part that is right, (d, K), and what is said instead, (d, K, symbols), which sums to 1.
    """
    own = np.arange(right.shape[1])
    found: Floats = wrong * (1 - right)[..., None]
    found[:, own, own] = right
    return found


def response_prior(source: Source, usual: Floats, priors: Priors) -> tuple[Floats, Floats]:
    """Return the Beta weights (d, K, contexts) of speaking and silence, around ``usual`` (d, contexts)."""
    able = source.able[None, :, None]
    speaks, silent = SILENCE_OF_THE_MUTE
    spoken = np.where(able, priors.response * usual[:, None, :], speaks)
    return spoken, np.where(able, priors.response * (1 - usual)[:, None, :], silent)


def chances(source: Source, response: Floats, recall: Floats) -> Floats:
    """Return P(what the pattern says through the source), (…, M).

    ``response`` is (…, contexts) and ``recall`` (…, symbols).
    """
    table = np.empty((*response.shape, source.symbols + 1))
    np.multiply(response[..., None], recall[..., None, :], out=table[..., :-1])
    np.subtract(1, response, out=table[..., -1])
    return np.asarray(np.take(table.reshape(*response.shape[:-1], -1), source.place, axis=-1))


def likelihood(cells: Cells, parameters: Parameters) -> Floats:
    """Return P(pattern | z): (d, M, K)."""
    chance = np.ones((*parameters.share.shape, len(cells.counts)))
    for source, response, recall in zip(cells.sources, parameters.response, parameters.recall, strict=True):
        chance *= chances(source, response, recall)
    return chance.transpose(0, 2, 1)


def posterior(cells: Cells, parameters: Parameters) -> Floats:
    """Return P(z | pattern): (d, M, K)."""
    joint = likelihood(cells, parameters) * parameters.share[:, None, :]
    return joint / np.maximum(joint.sum(axis=2, keepdims=True), LEAST)


class Tally(NamedTuple):
    """Customers by true channel: ``symbol`` (d, K, symbols), and ``spoke`` and ``all`` (d, K, contexts)."""

    symbol: Floats
    spoke: Floats
    all: Floats


def tally(source: Source, customers: Floats) -> Tally:
    """Return what the customers (d, M, K) of each true channel said."""
    by_channel = customers.transpose(0, 2, 1)
    return Tally(
        by_channel @ source.by_symbol,
        by_channel @ (source.by_context * source.spoke[:, None]),
        by_channel @ source.by_context,
    )


def voted(cells: Cells) -> Floats:
    """Return a first guess at P(z | pattern), (1, M, K): each source's word is a vote."""
    votes = np.full((len(cells.counts), cells.channels), 0.02)
    for source in cells.sources:
        votes += source.by_symbol[:, : cells.channels]
    return (votes / votes.sum(axis=1, keepdims=True))[None]


def usual_response(source: Source, customers: Floats) -> Floats:
    """Return how often the able channels' customers speak, (d, contexts)."""
    count = tally(source, customers)
    spoke, everyone = (each[:, source.able].sum(axis=1) for each in (count.spoke, count.all))
    return np.asarray(np.clip((spoke + 0.5) / (everyone + 1.0), 0.01, 0.9))
