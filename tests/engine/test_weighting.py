"""Weights of answers: worked by hand, and what holds whatever is given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.engine.weighting import LEAST, MOST, Joined, Weighting, effective, rake, trimmed

MORNING, LUNCH, AFTERNOON, EVENING, NIGHT = range(5)
NEW, RETURNING = 0, 1


def weigh(*cells: tuple[int, int, int, int, int]) -> Weighting:
    """Rake cells of (store, part, status, answers, orders)."""
    store, part, status, answers, orders = zip(*cells, strict=True)
    return rake(answers, orders, store=store, part=part, status=status)


def test_an_answer_weighs_its_cell_s_share_of_orders_over_its_share_of_answers():
    found = weigh((1, MORNING, NEW, 50, 200), (1, EVENING, NEW, 30, 200), (2, MORNING, NEW, 20, 100))

    # 0.4 ÷ 0.5, 0.4 ÷ 0.3, 0.2 ÷ 0.2
    assert found.weight == pytest.approx([0.8, 4 / 3, 1.0])
    assert found.joined == ()


def test_answers_spread_as_orders_weigh_one():
    found = weigh((1, MORNING, NEW, 10, 100), (1, EVENING, NEW, 30, 300))

    assert found.weight == pytest.approx([1, 1])


def test_an_empty_part_of_the_day_joins_the_nearest_of_its_store_and_status():
    found = weigh(
        (1, MORNING, NEW, 10, 100), (1, LUNCH, NEW, 10, 100), (1, NIGHT, NEW, 0, 200), (1, EVENING, RETURNING, 20, 400)
    )  # fmt: skip

    # The night is followed by the morning; together they have 300 of 800 orders and 10 of 40 answers.
    assert found.joined == (Joined(2, 0),)
    assert found.weight == pytest.approx([1.5, 0.5, 1.5, 1.0])


def test_of_two_parts_equally_near_it_joins_the_earlier():
    found = weigh((1, AFTERNOON, NEW, 0, 50), (1, LUNCH, NEW, 1, 50), (1, EVENING, NEW, 1, 100), (1, NIGHT, NEW, 0, 0))

    assert found.joined == (Joined(0, 1),)


def test_answers_without_orders_join_too():
    found = weigh((1, MORNING, NEW, 10, 0), (1, LUNCH, NEW, 10, 100), (1, EVENING, NEW, 20, 100))

    assert found.joined == (Joined(0, 1),)
    assert found.weight == pytest.approx([1, 1, 1])


def test_a_day_whose_parts_have_never_both_is_one_cell():
    found = weigh((1, MORNING, NEW, 0, 100), (1, LUNCH, NEW, 20, 0), (1, NIGHT, NEW, 10, 0), (2, NIGHT, NEW, 10, 300))

    # 100 orders of 400 and 30 answers of 40, against 300 and 10
    assert found.joined == (Joined(0, 1), Joined(2, 1))
    assert found.weight == pytest.approx([1 / 3, 1 / 3, 1 / 3, 3.0])


def test_for_a_store_without_answers_the_others_stand_in():
    found = weigh(
        (1, MORNING, NEW, 10, 100), (2, MORNING, NEW, 30, 100), (3, MORNING, NEW, 0, 200),
        (1, MORNING, RETURNING, 40, 400),
    )  # fmt: skip

    # The 200 new guests of store 3 are added to stores 1 and 2 as theirs stand: 200 each.
    assert found.joined == (Joined(2, None),)
    assert found.weight[[0, 1, 3]] == pytest.approx([2.0, 2 / 3, 1.0])


def test_answers_of_a_store_without_orders_weigh_what_others_do():
    found = weigh((1, MORNING, NEW, 10, 300), (2, MORNING, NEW, 10, 0), (1, MORNING, RETURNING, 20, 100))

    # 300 orders over 20 answers of new guests: each 15, against 5 of those who return; on average 10.
    assert found.joined == (Joined(1, None),)
    assert found.weight == pytest.approx([1.5, 1.5, 0.5])


def test_a_status_that_only_answers_or_only_buys_is_named():
    found = weigh((1, MORNING, NEW, 10, 0), (1, MORNING, RETURNING, 30, 100), (1, LUNCH, 2, 0, 900))

    assert found.unmatched.tolist() == [0, 2]
    # Answers that stand for no orders weigh the least; the others share the rest: (40 − 3) ÷ 30.
    assert found.weight[:2] == pytest.approx([LEAST, 37 / 30])


def test_weights_are_trimmed_and_what_is_cut_is_spread_until_it_is_stable():
    # 1 : 10 : 0.05. The 10 is cut to 3 and the 0.05 lifted to 0.3; the rest is for the 1.
    found = trimmed([1.0, 10.0, 0.05], [80, 10, 10])

    assert found == pytest.approx([(100 - 30 - 3) / 80, 3.0, 0.3])


def test_lifting_the_others_may_cut_one_more():
    # After the first cut, 2.5 grows past 3 and is cut as well: (100 − 60 − 30) ÷ … is left for 0.5.
    found = trimmed([20.0, 2.5, 0.01], [10, 10, 80])

    assert found == pytest.approx([3.0, 3.0, 0.5])


def test_the_effective_number_is_that_of_equal_answers():
    assert effective([1.0, 1.0], [30, 20]) == pytest.approx(50)
    # (3 × 10 + 0.5 × 40)² ÷ (9 × 10 + 0.25 × 40)
    assert effective([3.0, 0.5], [10, 40]) == pytest.approx(25)
    assert effective([], []) == 0


def test_without_cells_there_are_no_weights():
    assert rake([], [], [], [], []).weight.tolist() == []


def test_without_orders_all_answers_weigh_alike():
    assert weigh((1, MORNING, NEW, 10, 0), (2, MORNING, NEW, 30, 0)).weight == pytest.approx([1, 1])


COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5000)), min_size=1, max_size=30)


@given(COUNTS)
def test_weights_average_one_and_stay_within_their_bounds(counts):
    answers, orders = (np.array(each) for each in zip(*counts, strict=True))
    cells = np.arange(len(counts))
    found = rake(answers, orders, store=cells // 15, part=cells % 5, status=cells // 5 % 3)

    assert ((found.weight >= LEAST) & (found.weight <= MOST)).all()
    if answers.sum():
        assert found.weight @ answers == pytest.approx(answers.sum(), rel=1e-9)


@given(COUNTS)
def test_where_nothing_is_cut_weighted_answers_are_spread_as_orders(counts):
    full = [(said + 1, sold + 1) for said, sold in counts]
    answers, orders = (np.array(each, dtype=float) for each in zip(*full, strict=True))
    found = rake(answers, orders, store=np.arange(len(full)), part=np.zeros(len(full)), status=np.zeros(len(full)))

    if found.weight.min() > LEAST and found.weight.max() < MOST:
        assert found.weight * answers / answers.sum() == pytest.approx(orders / orders.sum())
