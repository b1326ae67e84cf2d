"""Whatever the touches and sales, the engine says what the text of METRICS §2 says."""

from collections import Counter
from itertools import permutations
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
from tests.engine.reference import Walk
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
        for model in (model for model in MODELS if MODELS[model].credit is not None):
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


@settings(max_examples=60, deadline=None)
@given(TOUCHES, SALES, st.sampled_from([1, 2, 3]))
def test_removal_effects_are_those_of_a_graph_built_again_without_the_channel(
    touches: list[Touch], sales: list[Sale], order: int
):
    parameters = Parameters()
    expected = reference.reference(touches, sales, parameters, watermark_of(touches, sales))
    bought = [
        Walk(tuple(step.channel for step in path), 1, sale.value) for sale, path in expected.paths.items() if path
    ]
    lost = [Walk(tuple(channel for channel, _ in journey), 0, 0) for journey in expected.lost]

    with TemporaryDirectory() as folder:
        summary = judged(touches, sales, Path(folder), parameters=parameters).summary("markov", order=order)

    totals = dict.fromkeys(summary["channel"].to_pylist(), (0.0, 0.0)) | reference.markov(bought + lost, order)
    assert {row["channel"]: (row["customers"], row["value"]) for row in summary.to_pylist()} == {
        channel: pytest.approx(total, abs=1e-9) for channel, total in totals.items()
    }


SETS = st.lists(st.tuples(st.sets(st.sampled_from("abcde"), min_size=1), st.integers(1, 900)), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None)
@given(SETS)
def test_shapley_is_the_mean_of_what_each_channel_adds_in_every_order(sold: list[tuple[set[str], int]]):
    touches = [
        Touch(customer, channel, "link", -1) for customer, (channels, _) in enumerate(sold) for channel in channels
    ]
    sales = [Sale(customer, 0, value) for customer, (_, value) in enumerate(sold)]
    channels = sorted(set().union(*(channels for channels, _ in sold)))
    expected: dict[str, tuple[float, ...]] = dict.fromkeys(channels, (0.0, 0.0))
    orders = [*permutations(channels)]
    for order in orders:
        for place, channel in enumerate(order):
            with_it, without = won(sold, order[: place + 1]), won(sold, order[:place])
            expected[channel] = tuple(
                old + (more - less) / len(orders)
                for old, more, less in zip(expected[channel], with_it, without, strict=True)
            )

    with TemporaryDirectory() as folder:
        summary = judged(touches, sales, Path(folder)).summary("shapley").to_pylist()

    assert {row["channel"]: (row["customers"], row["value"]) for row in summary} == {
        channel: pytest.approx(total, abs=1e-9) for channel, total in (expected | {"unknown": (0.0, 0.0)}).items()
    }


def won(sold: list[tuple[set[str], int]], coalition: tuple[str, ...]) -> tuple[int, int]:
    """Return how many are won by the channels of the coalition alone, and what they are worth."""
    values = [value for channels, value in sold if channels <= {*coalition}]
    return len(values), sum(values)


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
