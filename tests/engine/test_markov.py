"""The removal effects, worked by hand on chains of a few states."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from attribution.engine import Judgement, ModelError, judge, markov
from attribution.engine.paths import numbered
from tests.engine.shop import Sale, Touch, judged, sale_table, touch_table

ORDERS = pytest.mark.parametrize("order", [1, 2, 3])


def walked(out: Path, *walks: tuple[str, int | None]) -> Judgement:
    """Judge customers who saw channels of one letter in turn, and bought for a value or, None, left."""
    seen = [
        Touch(customer, channel, "link", place - len(channels))
        for customer, (channels, _) in enumerate(walks)
        for place, channel in enumerate(channels)
    ]
    sales = [Sale(customer, 0, value) for customer, (_, value) in enumerate(walks) if value is not None]
    return judged(seen, sales, out)


def totals(judgement: Judgement, column: str = "customers", order: int = 1) -> dict[str, float]:
    summary = judgement.summary("markov", order=order)
    return {
        name: amount
        for name, amount in zip(summary["channel"].to_pylist(), summary[column].to_pylist(), strict=True)
        if name != "unknown"
    }


def test_a_channel_gets_in_proportion_to_what_is_lost_without_it(tmp_path: Path):
    judgement = walked(tmp_path, ("a", 100), ("ab", 30), ("b", None))

    # start: 2/3 a, 1/3 b. a: 1/2 bought, 1/2 b. b: 1/2 bought, 1/2 nothing. In all 2/3 · 3/4 + 1/3 · 1/2 = 2/3 buy.
    # Without a 1/3 · 1/2 = 1/6 do: 3/4 are lost. Without b 2/3 · 1/2 = 1/3: 1/2 is lost. 2 customers as 3 : 2.
    assert totals(judgement) == pytest.approx({"a": 1.2, "b": 0.8})


def test_value_weighs_where_conversions_end(tmp_path: Path):
    judgement = walked(tmp_path, ("a", 100), ("ab", 30), ("b", None))

    # As above, with 100/2 a visit of a and 30/2 a visit of b: 2/3 · 50 + 2/3 · 15 = 130/3 a path.
    # Without a 1/3 · 15 = 15/3: 115/130 are lost. Without b 2/3 · 50 = 100/3: 30/130. 130 as 115 : 30.
    assert totals(judgement, "value") == pytest.approx({"a": 130 * 115 / 145, "b": 130 * 30 / 145})


def test_order_2_remembers_what_came_before(tmp_path: Path):
    judgement = walked(tmp_path, ("ab", 100), ("cb", None))

    # Order 1: who is at b buys with 1/2, wherever from. Without a or c half of the sales are lost, without b all.
    assert totals(judgement, order=1) == pytest.approx({"a": 0.25, "b": 0.5, "c": 0.25})
    # Order 2: from a to b all buy, from c to b none.
    assert totals(judgement, order=2) == pytest.approx({"a": 0.5, "b": 0.5, "c": 0.0})


def test_the_example_of_the_users_page(tmp_path: Path):
    judgement = walked(tmp_path, ("mf", 100), ("mf", None), ("df", None))

    assert totals(judgement, order=1) == pytest.approx({"m": 1 / 3, "d": 1 / 6, "f": 1 / 2})
    assert totals(judgement, order=2) == pytest.approx({"m": 1 / 2, "d": 0.0, "f": 1 / 2})


def test_order_3_remembers_what_came_before_that(tmp_path: Path):
    judgement = walked(tmp_path, ("abd", 100), ("cbd", None))

    # Order 2: who came to d from b buys with 1/2. Lost: a 1/2, b 1, c 1/2, d 1.
    assert totals(judgement, order=2) == pytest.approx({"a": 1 / 6, "b": 1 / 3, "c": 1 / 6, "d": 1 / 3})
    # Order 3: only after a. Lost: a 1, b 1, c 0, d 1.
    assert totals(judgement, order=3) == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 0.0, "d": 1 / 3})


@ORDERS
def test_a_way_that_goes_round_in_circles_is_followed_to_its_end(order: int, tmp_path: Path):
    judgement = walked(tmp_path, ("ab" * 20, 10), ("c", 10))

    # start: 1/2 a, 1/2 c. a: b. b: 19/20 a, 1/20 bought. All buy. Half is lost without a, b or c.
    shares = {"a": 2 / 3, "b": 2 / 3, "c": 2 / 3}
    assert totals(judgement, order=order) == pytest.approx(shares, abs=1e-9)


@ORDERS
def test_equal_neighbours_are_one_touch(order: int, tmp_path: Path):
    plain = walked(tmp_path / "plain", ("aba", 10), ("b", 10), ("ba", None))

    doubled = walked(tmp_path / "doubled", ("aabbbaa", 10), ("bb", 10), ("baaa", None))

    assert totals(doubled, order=order) == totals(plain, order=order)


@ORDERS
def test_where_nobody_buys_there_is_nothing_to_share(order: int, tmp_path: Path):
    judgement = walked(tmp_path, ("ab", None), ("b", None))

    assert totals(judgement, order=order) == {"a": 0.0, "b": 0.0}


@ORDERS
def test_what_is_given_away_has_customers_and_no_value(order: int, tmp_path: Path):
    judgement = walked(tmp_path, ("ab", 0), ("c", None))

    assert totals(judgement, order=order) == pytest.approx({"a": 0.5, "b": 0.5, "c": 0.0})
    assert totals(judgement, "value", order) == {"a": 0.0, "b": 0.0, "c": 0.0}


def test_a_selection_is_solved_against_all_that_ended_in_nothing(tmp_path: Path):
    judgement = walked(tmp_path, ("ab", 10), ("b", 10), ("a", None))

    # Chosen: who went from a to b. start: a. a: 1/2 b, 1/2 nothing. All is lost without a, and without b.
    chosen = judgement.summary("markov", np.array([True, False]))

    assert chosen.to_pylist() == [
        {"channel": "a", "customers": pytest.approx(0.5), "value": pytest.approx(5.0)},
        {"channel": "b", "customers": pytest.approx(0.5), "value": pytest.approx(5.0)},
        {"channel": "unknown", "customers": 0.0, "value": 0.0},
    ]


def test_a_selection_of_nobody_without_lost_paths_is_nothing(tmp_path: Path):
    judgement = walked(tmp_path, ("ab", 10))

    assert judgement.summary("markov", np.array([False]))["customers"].to_pylist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("order", [0, 4])
def test_an_order_that_there_is_not_is_refused(order: int, tmp_path: Path):
    with pytest.raises(ModelError, match=f"markov has no order {order}; choose 1, 2, 3"):
        walked(tmp_path, ("ab", 10)).summary("markov", order=order)


def test_circles_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    judgement = walked(tmp_path, ("ab" * 5, 10), ("c", 10))
    monkeypatch.setattr(markov, "MOST_STEPS", 5)

    with pytest.raises(ModelError, match="choose order 1"):
        judgement.summary("markov", order=2)
    assert totals(judgement) == pytest.approx({"a": 2 / 3, "b": 2 / 3, "c": 2 / 3})


def _walks(word: Callable[[np.random.Generator], str], customers: int) -> tuple[list[Touch], list[Sale]]:
    """Return customers whose touches are the letters of a word, a day each; those whose word ends in "!" buy."""
    rng = np.random.default_rng(11)
    touches, sales = [], []
    for customer in range(customers):
        letters = word(rng)
        named = letters.rstrip("!")
        touches += [Touch(customer, letter, "link", day - len(named)) for day, letter in enumerate(named)]
        if letters.endswith("!"):
            sales.append(Sale(customer, 0))
    return touches, sales


def test_the_order_is_one_where_the_last_touch_decides(tmp_path: Path):
    def word(rng: np.random.Generator) -> str:
        letters = ["abc"[rng.integers(3)]]
        while rng.random() < 0.7:
            letters.append(rng.choice([letter for letter in "abc" if letter != letters[-1]]))
        return "".join(letters) + ("!" if rng.random() < (0.8 if letters[-1] == "a" else 0.2) else "")

    touches, sales = _walks(word, 3_000)

    judgement = judge(touch_table(touches), sale_table(sales), tmp_path / "out", models=["markov"])

    assert judgement.markov_order == 1
    assert judgement.summary("markov", order="auto") == judgement.summary("markov", order=1)


def test_the_order_is_two_where_the_touch_before_the_last_decides(tmp_path: Path):
    def word(rng: np.random.Generator) -> str:
        letters = rng.choice(["ab", "cb"])
        return letters + ("!" if rng.random() < (0.9 if letters == "ab" else 0.1) else "")

    touches, sales = _walks(word, 2_000)

    judgement = judge(touch_table(touches), sale_table(sales), tmp_path / "out", models=["markov"])

    assert judgement.markov_order == 2
    assert judgement.summary("markov", order="auto") == judgement.summary("markov", order=2)


def test_without_paths_the_order_is_one(tmp_path: Path):
    judgement = judge(touch_table([]), sale_table([Sale(1, 0)]), tmp_path / "out", models=["markov"])

    assert judgement.markov_order == 1


@pytest.mark.parametrize("largest", [7, 2**40])
def test_states_are_numbered_alike_by_table_and_by_sorting(largest: int):
    found, place = numbered(np.array([largest, 2, 5, 2, largest]))

    assert found.tolist() == [2, 5, largest]
    assert place.tolist() == [2, 0, 1, 0, 2]
    assert [part.tolist() for part in numbered(np.array([], dtype=np.int64))] == [[], []]
