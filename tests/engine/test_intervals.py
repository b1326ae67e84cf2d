"""Intervals of the models that are counted rather than fitted."""

from pathlib import Path

import numpy as np
import pytest

from attribution.engine import intervals, judge
from attribution.engine.paths import Shares
from tests.engine.shop import Sale, Touch, sale_table, touch_table


def shares(*rows: tuple[int, int, float]) -> Shares:
    path, channel, credit = zip(*rows, strict=True)
    return Shares(np.array(path), np.array(channel), np.array(credit))


def test_an_interval_holds_its_estimate():
    draws = np.arange(101.0)[:, None] * [1, 1, 1]

    low, high = intervals.ends(draws, np.array([50.0, 0.5, 100.0]))

    assert low.tolist() == [2.5, 0.5, 2.5]
    assert high.tolist() == [97.5, 97.5, 100.0]


HALVES = shares((0, 0, 1.0), (1, 1, 1.0))


def test_a_sample_has_as_many_conversions_as_there_are():
    draws = intervals.bootstrap(HALVES, np.array([50, 50]), np.array([50.0, 50.0]), channels=3)

    assert draws.shape == (200, 3)
    assert draws.sum(axis=1).tolist() == [100.0] * 200
    assert draws[:, 2].tolist() == [0.0] * 200
    # binomial: √(100 × ½ × ½) = 5
    assert draws[:, 0].std() == pytest.approx(5, abs=0.7)
    low, high = intervals.ends(draws)
    assert 38 <= low[0] <= 42
    assert 58 <= high[0] <= 62


def test_weights_scale_what_a_group_brings():
    draws = intervals.bootstrap(HALVES, np.array([50, 50]), np.array([25.0, 50.0]), channels=2)

    # a conversion of the first group weighs a half
    assert (2 * draws[:, 0] + draws[:, 1]).tolist() == [100.0] * 200


def test_without_conversions_there_is_nothing_to_draw():
    assert not intervals.bootstrap(HALVES, np.array([0, 0]), np.zeros(2), channels=2).any()
    nobody = intervals.bootstrap_totals(
        lambda sold, lost: sold, np.zeros(2, int), np.zeros(2), np.ones(1, int), channels=2
    )
    assert not nobody.any()


def test_many_groups_have_the_same_spread_as_few():
    # 6,000 groups of one conversion: half of each is the first channel's, and in turn the second's or the third's
    group = np.arange(6_000)
    both = shares(*[(int(g), 0, 0.5) for g in group], *[(int(g), 1 + int(g) % 2, 0.5) for g in group])
    order = np.argsort(both.path, kind="stable")
    sorted_shares = Shares(both.path[order], both.channel[order], both.credit[order])
    ones = np.ones(6_000, dtype=np.int64)

    draws = intervals.bootstrap(sorted_shares, ones, ones.astype(float), channels=3)

    assert draws.mean(axis=0) == pytest.approx([3000, 1500, 1500], abs=10)
    # the first has always its half; √(6000 × ½ × ½) × ½ = 19.4 for the others, which mirror each other
    assert draws[:, 0].std() < 1e-3
    assert draws[:, 1].std() == pytest.approx(19.4, abs=2)
    assert draws.sum(axis=1) == pytest.approx([6000] * 200, abs=1e-6)


def test_many_channels_are_drawn_apart():
    group = np.arange(6_000)
    each = Shares(group, group % 1_500, np.ones(6_000))
    ones = np.ones(6_000, dtype=np.int64)

    draws = intervals.bootstrap(each, ones, ones.astype(float), channels=1_500)

    assert draws.mean() == pytest.approx(4, abs=0.1)
    assert draws.std() == pytest.approx(2, abs=0.1)  # √(6000 × p × (1 − p)), p = 4 / 6000


def test_totals_are_solved_anew_for_each_sample():
    draws = intervals.bootstrap_totals(
        lambda sold, lost: sold + 0 * lost,
        np.array([50, 50, 0]),
        np.array([50.0, 50.0, 0.0]),
        np.array([3, 4]),
        channels=2,
    )

    assert draws.shape == (200, 2)
    assert draws.sum(axis=1).tolist() == [100.0] * 200
    assert draws[:, 0].std() == pytest.approx(5, abs=0.7)


def test_totals_of_many_paths_are_solved_less_often_and_spread_as_far():
    solved = []

    def solve(sold: np.ndarray, lost: np.ndarray) -> np.ndarray:
        solved.append(sold.sum() + lost.sum())
        return np.array([sold[:3_000].sum(), sold[3_000:].sum()])

    conversions = np.append(np.ones(6_000, dtype=np.int64), 0)
    draws = intervals.bootstrap_totals(solve, conversions, conversions.astype(float), np.zeros(6_000, int), channels=2)

    assert solved == [6_000.0] * 40
    assert draws.shape == (200, 2)
    assert draws[:, 0].std() == pytest.approx(38.7, abs=12)  # √(6000 × ½ × ½)


@pytest.mark.parametrize("model", ["linear", "time_decay", "markov", "shapley"])
def test_every_model_has_intervals_around_what_it_says(model: str, tmp_path: Path):
    touches = [Touch(customer, "ab"[customer % 2], "link", -1) for customer in range(80)]
    sales = [Sale(customer, 0) for customer in range(20, 120)]
    judgement = judge(touch_table(touches), sale_table(sales), tmp_path / "out", models=["time_decay"])

    rows = {row["channel"]: row for row in judgement.intervals(model).to_pylist()}

    assert (rows["a"]["customers"], rows["b"]["customers"]) == (30.0, 30.0)
    for name in ("a", "b"):
        assert rows[name]["low"] < 30 < rows[name]["high"]
        assert 10 < rows[name]["high"] - rows[name]["low"] < 26  # 2 × 1.96 × √(100 × 0.3 × 0.7) = 18
    assert judgement.draws(model).tolist() == judgement.draws(model).tolist()
    nobody = judgement.intervals(model, np.zeros(100, dtype=bool)).to_pylist()
    assert [(row["customers"], row["low"], row["high"]) for row in nobody] == [(0.0, 0.0, 0.0)] * 3
