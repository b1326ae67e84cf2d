"""Whether the model can be fitted at all, the fit itself, and how a run keeps it: METRICS §2, "Identification"."""

import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from attribution.engine.evidence import gibbs, tables
from attribution.engine.evidence.check import predictive_check
from attribution.engine.evidence.em import maximise
from attribution.engine.evidence.model import Cells, Parameters, Priors, cells_of, posterior
from attribution.engine.evidence.patterns import SOURCES, Patterns
from attribution.engine.paths import Floats, Ints

FITTED = "evidence.json"
DRAWS = "evidence.npz"
FEWEST_OVERLAPS = 30
MOST_CELLS = 4_000_000  # patterns × channels: beyond, a run would take minutes
FALLBACK, PRIOR_DEPENDENT, IDENTIFIED = "fallback", "prior_dependent", "identified"


@dataclass(frozen=True, eq=False)
class EvidenceFit:
    """The fitted model of a run, or why there is none.

    Attributes
    ----------
    patterns : the run's
    status : ``identified``, ``prior_dependent`` (two sources: the priors decide a part) or ``fallback`` (not fitted)
    reason : ``""``, ``two_sources``, ``one_source``, ``one_channel``, ``few_overlaps``, ``too_many_channels`` or
        ``no_conversions`` (on which a source names a channel)
    p_value : of the posterior predictive check on the patterns' counts; ``None`` under fallback
    point : the parameters of the point estimate, one draw; ``None`` under fallback, as are the next two
    draws : from the posterior
    scaled : shares of all customers, two rows: with priors worth half and double
    mixing : R-hat of each channel's share: above about 1.1 the chains have not met
    """

    patterns: Patterns
    status: str
    reason: str
    p_value: float | None = None
    point: Parameters | None = None
    draws: Parameters | None = None
    scaled: Floats | None = None
    mixing: Floats | None = None

    @property
    def is_fallback(self) -> bool:
        return self.status == FALLBACK

    @property
    def conversions(self) -> int:
        return int(self.patterns.conversions.sum())

    @property
    def overlaps(self) -> int:
        """Conversions on which at least two sources name a channel."""
        return _overlaps(self.patterns)

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that name a channel on some conversion."""
        return tuple(SOURCES[place] for place in np.flatnonzero(self.patterns.names.any(axis=0)))

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that may be the true one, sorted."""
        return tuple(self.patterns.channels[code] for code in self.cells.codes)

    @cached_property
    def cells(self) -> Cells:
        return cells_of(self.patterns)

    @cached_property
    def credit(self) -> Floats:
        """P(true channel | pattern) at the point estimate: a row a pattern, a column for each of ``channels``."""
        if self.point is None:
            return np.zeros((len(self.patterns), 0))
        return np.asarray(posterior(self.cells, self.point)[0])

    @property
    def drawn_shares(self) -> Floats:
        """Each channel's share of customers in each draw, one row a draw."""
        assert self.draws is not None, "a fallback has no draws"
        return self.draws.share

    def posterior(self) -> pa.Table:
        """Return ``pattern_id``, ``channel``, ``credit`` above 0, sorted; the credits of a pattern sum to 1."""
        pattern, place = np.nonzero(self.credit)
        names = pa.array(self.channels, pa.string()).take(pa.array(place))
        return pa.table({"pattern_id": pattern, "channel": names, "credit": self.credit[pattern, place]})

    def shares(self) -> pa.Table:
        """Return ``channel``, ``share``, ``low``, ``high``, ``half_prior``, ``double_prior``, ``only_survey``."""
        return tables.shares(self)

    def recall(self, source: str = "survey") -> pa.Table:
        """Return ``channel`` (the true one), ``said``, ``share``, ``low``, ``high``."""
        return tables.recall(self, source)

    def response(self) -> pa.Table:
        """Return ``channel``, ``source``, ``rate``, ``low``, ``high``, ``can_speak``."""
        return tables.response(self)

    def agreement(self) -> pa.Table:
        """Return ``source``, ``other``, ``both``, ``agree``, ``share``, ``expected``."""
        return tables.agreement(self)

    def check(self) -> pa.Table:
        """Return a column for each of SOURCES, ``observed``, ``expected``, ``z``."""
        return tables.check(self)

    def drawn(self, conversions: Ints, *, seed: int = gibbs.SEED) -> Floats:
        """Return how many of these conversions (one number a pattern) each channel brought: (draws, channels).

        Each draw deals them out to true channels by its own posterior: the error of the estimate and the chance of who
        these very customers were.
        """
        assert self.draws is not None, "a fallback has no draws"
        rng = np.random.default_rng(seed)
        some = np.flatnonzero(conversions)
        cells = replace(self.cells, counts=conversions[some], sources=_chosen(self.cells, some))
        dealt = [
            rng.multinomial(cells.counts, posterior(cells, part)).sum(axis=1)
            for part in _parts(self.draws, max(1, MOST_CELLS // max(1, len(some) * self.cells.channels)))
        ]
        return np.concatenate(dealt).astype(np.float64)

    def keep(self, folder: Path) -> None:
        """Write the fit to a run's folder; the patterns are written apart."""
        told = {"status": self.status, "reason": self.reason, "p_value": self.p_value}
        settings = {"priors": asdict(Priors()), "seed": gibbs.SEED, "chains": gibbs.CHAINS}
        settings |= {"burn_in": gibbs.BURN_IN, "steps": gibbs.STEPS}
        (folder / FITTED).write_text(json.dumps(told | settings, indent=1), encoding="utf-8")
        if self.point is not None and self.draws is not None:
            arrays = _named("point", self.point) | _named("draws", self.draws)
            np.savez(folder / DRAWS, scaled=self.scaled, mixing=self.mixing, **arrays)  # type: ignore[arg-type]

    @classmethod
    def read(cls, folder: Path, patterns: Patterns) -> "EvidenceFit":
        """Return what `keep` wrote.

        Raises
        ------
        FileNotFoundError : the run did not fit the model
        """
        told: dict[str, Any] = json.loads((folder / FITTED).read_text(encoding="utf-8"))
        fit = cls(patterns, told["status"], told["reason"], told["p_value"])
        if fit.is_fallback:
            return fit
        with np.load(folder / DRAWS) as arrays:
            kept = dict(arrays)
        point, draws = (_unnamed(name, kept) for name in ("point", "draws"))
        return replace(fit, point=point, draws=draws, scaled=kept["scaled"], mixing=kept["mixing"])


def fit_evidence(patterns: Patterns) -> EvidenceFit:
    """Fit the model to a run's patterns, if what they say can identify it."""
    status, reason = _identified(patterns)
    if status == FALLBACK:
        return EvidenceFit(patterns, status, reason)
    priors = Priors()
    cells = cells_of(patterns)
    estimate = maximise(cells, priors)
    point = estimate.parameters
    draws = gibbs.sample(cells, priors, posterior(cells, point), estimate)
    scaled = np.stack([_shares(patterns, priors.scaled(factor)) for factor in (0.5, 2.0)])
    p_value = predictive_check(cells, draws.parameters)
    return EvidenceFit(patterns, status, reason, p_value, point, draws.parameters, scaled, draws.mixing)


def _identified(patterns: Patterns) -> tuple[str, str]:
    heard = int(patterns.names.any(axis=0).sum())
    channels = len(np.unique(patterns.said[patterns.names]))
    if not heard:
        return FALLBACK, "no_conversions"
    if heard == 1:
        return FALLBACK, "one_source"
    if channels == 1:
        return FALLBACK, "one_channel"
    if _overlaps(patterns) < FEWEST_OVERLAPS:
        return FALLBACK, "few_overlaps"
    if len(patterns) * channels > MOST_CELLS:
        return FALLBACK, "too_many_channels"
    return (PRIOR_DEPENDENT, "two_sources") if heard == 2 else (IDENTIFIED, "")


def _overlaps(patterns: Patterns) -> int:
    return int(patterns.conversions[patterns.names.sum(axis=1) >= 2].sum())


def _shares(patterns: Patterns, priors: Priors) -> Floats:
    cells = cells_of(patterns)
    brought = cells.counts @ posterior(cells, maximise(cells, priors).parameters)[0]
    return np.asarray(brought / brought.sum())


def _chosen(cells: Cells, some: Ints) -> tuple[Any, ...]:
    return tuple(replace(source, symbol=source.symbol[some], context=source.context[some]) for source in cells.sources)


def _parts(draws: Parameters, size: int) -> list[Parameters]:
    return [draws.rows(slice(start, start + size)) for start in range(0, len(draws.share), size)]


def _named(name: str, parameters: Parameters) -> dict[str, Floats]:
    arrays = {f"{name}_share": parameters.share}
    for number, (response, recall) in enumerate(zip(parameters.response, parameters.recall, strict=True)):
        arrays |= {f"{name}_response_{number}": response, f"{name}_recall_{number}": recall}
    return arrays


def _unnamed(name: str, arrays: dict[str, Floats]) -> Parameters:
    numbers = range(sum(key.startswith(f"{name}_recall_") for key in arrays))
    response, recall = (
        tuple(arrays[f"{name}_{what}_{number}"] for number in numbers) for what in ("response", "recall")
    )
    return Parameters(arrays[f"{name}_share"], response, recall)
