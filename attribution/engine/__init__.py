"""Judges which channel brought each customer, from files or frames alone; docs: METRICS §2."""

from attribution.engine.journeys import ParameterError, Parameters
from attribution.engine.judgement import Judgement
from attribution.engine.models import MODELS, Model, ModelError
from attribution.engine.run import judge

__all__ = ["MODELS", "Judgement", "Model", "ModelError", "ParameterError", "Parameters", "judge"]
