"""Whatever the touches and sales, the engine says what the text of METRICS §2 says."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.engine import MODELS, Judgement, Parameters
from attribution.warehouse import KINDS
from tests.engine import reference
from tests.engine.shop import START, Sale, Touch, days, judged, moment

# Quarters of days in a narrow range, so that equal times and times at the very edge of a span are common.
QUARTERS = st.integers(0, 60).map(lambda quarters: quarters / 4)
CUSTOMERS = st.integers(1, 5)
TOUCHES = st.lists(st.builds(Touch, CUSTOMERS, st.sampled_from("abc"), st.sampled_from(KINDS), QUARTERS), max_size=60)
SALES = st.lists(st.builds(Sale, CUSTOMERS, QUARTERS, st.integers(1, 3)), max_size=12)
SPANS = st.builds(
    lambda lookback, coupon, survey, half: days(
        lookback=lookback, coupon_grace=coupon, survey_grace=survey, half_life=half
    ),
    st.sampled_from([0, 0.5, 3, 20]),
    st.sampled_from([0, 0.25, 2]),
    st.sampled_from([0, 1, 4]),
    st.sampled_from([0.5, 7]),
)


@settings(max_examples=60, deadline=None)
@given(TOUCHES, SALES, SPANS, st.sampled_from([1, 2, 40]))
def test_every_model_gives_the_credits_of_the_text(
    touches: list[Touch], sales: list[Sale], parameters: Parameters, partitions: int
):
    with TemporaryDirectory() as folder:
        judgement = judged(touches, sales, Path(folder), parameters=parameters, partitions=partitions)
        expected = reference.reference(touches, sales, parameters, watermark_of(touches, sales))
        keys = [
            Sale(row["customer_id"], day_of(row["at"]), row["value"]) for row in judgement.conversions().to_pylist()
        ]
        assert keys == sorted(expected.paths)
        for model in MODELS:
            assert credits_of(judgement, model) == pytest.approx(
                {
                    (number, channel): amount
                    for number, sale in enumerate(keys)
                    for channel, amount in reference.credit(
                        model, expected.paths[sale], reference.in_days(parameters, "half_life")
                    ).items()
                },
                abs=1e-9,
            )
        assert counts_of(judgement) == counts_in(expected)


def watermark_of(touches: list[Touch], sales: list[Sale]) -> float:
    return max([touch.day for touch in touches] + [sale.day for sale in sales], default=0.0)


def day_of(at: Any) -> float:
    return (at.replace(tzinfo=None) - START) / (moment(1) - START)


def credits_of(judgement: Judgement, model: str) -> dict[tuple[int, str], float]:
    return {(row["conversion"], row["channel"]): row["credit"] for row in judgement.credits(model).to_pylist()}


def counts_of(judgement: Judgement) -> tuple[Counter[reference.Journey], Counter[reference.Journey]]:
    """Return how often each distinct path led to a sale, and how often to nothing."""
    steps: dict[int, list[tuple[str, str]]] = {}
    for row in pq.read_table(judgement.directory / "paths.parquet").to_pylist():
        steps.setdefault(row["path_id"], []).append((row["channel"], row["kind"]))
    sold: Counter[reference.Journey] = Counter()
    lost: Counter[reference.Journey] = Counter()
    for row in pq.read_table(judgement.directory / "path_counts.parquet").to_pylist():
        sold[tuple(steps[row["path_id"]])] = row["conversions"]
        lost[tuple(steps[row["path_id"]])] = row["ended_in_nothing"]
    return +sold, +lost


def counts_in(expected: reference.Judged) -> tuple[Counter[reference.Journey], Counter[reference.Journey]]:
    journeys = [tuple((step.channel, step.kind) for step in path) for path in expected.paths.values()]
    return Counter(filter(None, journeys)), Counter(expected.lost)
