"""The two judgements of a snapshot, step by step: what a run makes, and makes again when it is recomputed."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from attribution import engine
from attribution.runs import inputs

# What won a customer is told by what was said around the first sale; of later ones no model of evidence can speak.
ORDER_MODELS = tuple(model for model in engine.MODELS if model not in {"evidence", "markov"})
JUDGEMENTS = {"engine": "acquisition", "orders": "orders"}  # folder → step


class Steps:
    """Hears what is being done, tells how far it is, and measures how long each step takes."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._seconds: dict[str, float] = {}
        self._now, self._since = "", time.monotonic()

    def tell(self, step: str, done: int) -> None:
        """Say which step is being done now, and how far everything is (of 100)."""
        self._end()
        self._now = step
        self._tell(done)

    def seconds(self) -> dict[str, float]:
        """Return how long each step has taken, up to now."""
        self._end()
        return {step: round(seconds, 3) for step, seconds in self._seconds.items() if step}

    def _end(self) -> None:
        now = time.monotonic()
        self._seconds[self._now] = self._seconds.get(self._now, 0.0) + now - self._since
        self._since = now


def judge_facts(
    facts: Path, out: Path, parameters: engine.Parameters, watermark: datetime, zone: ZoneInfo, steps: Steps
) -> None:
    """Judge what won each customer, into ``out / "engine"``, and what brought each sale, into ``out / "orders"``."""
    touches, capabilities = inputs.touches(facts), inputs.capabilities(facts)
    given: dict[str, Any] = {
        "capabilities": capabilities,
        "parameters": parameters,
        "watermark": watermark,
        "warehouse": settings.WAREHOUSE,
    }
    steps.tell("acquisition", 50)
    first = inputs.first_sales(facts, zone)
    engine.judge(touches, first, out / "engine", models=engine.MODELS, tell=lambda step: steps.tell(step, 70), **given)
    steps.tell("orders", 80)
    engine.judge(touches, inputs.sales(facts), out / "orders", models=ORDER_MODELS, **given)
    steps.tell("record", 95)
