"""The latent channel behind what survey, coupons and links say: METRICS §2, "The evidence model"."""

from attribution.engine.evidence.fit import EvidenceFit, fit_evidence
from attribution.engine.evidence.patterns import Patterns

__all__ = ["EvidenceFit", "Patterns", "fit_evidence"]
