"""Whether data drawn from the model look like the data: Gelman, Meng & Stern 1996."""

from dataclasses import replace

import numpy as np

from attribution.engine.evidence.model import LEAST, Cells, Parameters, Source, likelihood
from attribution.engine.paths import Ints

DRAWS = 100
MOST_CELLS = 20_000
SEED = 1838  # the year in which Wanamaker was born


def predictive_check(cells: Cells, draws: Parameters) -> float:
    """Return how often data drawn from the model fit it worse than the data do; near 0, the model does not hold.

    The misfit is Freeman and Tukey's, Σ(√observed − √expected)², over all that the first three sources could say
    together (two, where channels are many), said or not.
    """
    sources = 3 if np.prod([source.symbols + 1 for source in cells.sources[:3]]) <= MOST_CELLS else 2
    grid, draws = _grid(cells, sources), _first(draws, sources)
    total = int(cells.counts.sum())
    rng = np.random.default_rng(SEED)
    worse = []
    for number in range(0, len(draws.share), max(1, len(draws.share) // DRAWS)):
        one = draws.rows(slice(number, number + 1))
        chance = (likelihood(grid, one)[0] * one.share[0]).sum(axis=1)
        expected, played = np.sqrt(total * chance), rng.multinomial(total, chance / max(LEAST, chance.sum()))
        misfit = [((np.sqrt(counts) - expected) ** 2).sum() for counts in (played, grid.counts)]
        worse.append(misfit[0] >= misfit[1])
    return float(np.mean(worse))


def _grid(cells: Cells, sources: int) -> Cells:
    """Return every pattern of the first sources, with how many conversions have it."""
    kept = cells.sources[:sources]
    shape = tuple(source.symbols + 1 for source in kept)
    place = np.ravel_multi_index(tuple(source.symbol for source in kept), shape)
    counts = np.bincount(place, weights=cells.counts, minlength=int(np.prod(shape))).astype(np.int64)
    symbols = np.unravel_index(np.arange(len(counts)), shape)
    context = _context(kept, symbols)
    return replace(
        cells,
        counts=counts,
        sources=tuple(
            replace(source, symbol=symbol, context=context if source.contexts > 1 else np.zeros_like(symbol))
            for source, symbol in zip(kept, symbols, strict=True)
        ),
    )


def _context(sources: tuple[Source, ...], symbols: tuple[Ints, ...]) -> Ints:
    context = np.zeros(len(symbols[0]), dtype=np.int64)
    for source, symbol in zip(sources, symbols, strict=True):
        if source.contexts == 1:
            context += (symbol < source.symbols) << (0 if source.name == "survey" else 1)
    return context


def _first(draws: Parameters, sources: int) -> Parameters:
    return Parameters(draws.share, draws.response[:sources], draws.recall[:sources])
