"""Judges which channel brought each customer, from files or frames alone; docs: METRICS §2."""

from attribution.engine.journeys import Parameters
from attribution.engine.judgement import Judgement
from attribution.engine.models import MODELS, Model
from attribution.engine.run import judge

__all__ = ["MODELS", "Judgement", "Model", "Parameters", "judge"]
