"""The rule models, worked by hand: METRICS §2."""

import pytest

from attribution.engine import judge
from tests.engine.shop import Sale, Touch, credit_of, days, sale_table, touch_table

A, B, C, D = (Touch(1, channel, "link", day) for channel, day in (("a", -21), ("b", -14), ("c", -7), ("d", 0)))
ALL_RULES = ("first_touch", "last_touch", "linear", "position_based", "time_decay", "precedence", "shapley")


def test_first_touch_gives_all_to_the_first():
    assert credit_of("first_touch", A, B, C) == {"a": 1.0}


def test_last_touch_gives_all_to_the_last():
    assert credit_of("last_touch", A, B, C) == {"c": 1.0}


def test_a_survey_answer_is_the_first_touch_and_not_the_last():
    answer = Touch(1, "friends", "survey", 2)

    assert credit_of("first_touch", A, answer) == {"friends": 1.0}
    assert credit_of("last_touch", A, answer) == {"a": 1.0}


def test_linear_gives_each_touch_the_same_and_adds_up_a_channel():
    assert credit_of("linear", A, B, A._replace(day=-1), D) == {"a": 0.5, "b": 0.25, "d": 0.25}


def test_shapley_gives_each_channel_the_same_however_often_it_speaks():
    assert credit_of("shapley", A, B, A._replace(day=-1), D) == pytest.approx({"a": 1 / 3, "b": 1 / 3, "d": 1 / 3})


@pytest.mark.parametrize(
    ("touches", "credit"),
    [
        ([A], {"a": 1.0}),
        ([A, B], {"a": 0.5, "b": 0.5}),
        ([A, B, C], {"a": 0.4, "b": 0.2, "c": 0.4}),
        ([A, B, C, D], {"a": 0.4, "b": 0.1, "c": 0.1, "d": 0.4}),
        ([A, B, C, A._replace(day=0)], {"a": 0.8, "b": 0.1, "c": 0.1}),
    ],
)
def test_position_based_gives_forty_to_each_end_and_twenty_to_the_middle(
    touches: list[Touch], credit: dict[str, float]
):
    assert credit_of("position_based", *touches) == pytest.approx(credit)


def test_time_decay_halves_with_each_half_life():
    # Ages of 21, 14, 7 and 0 days at a half-life of 7: weights 1/8, 1/4, 1/2, 1; their sum is 15/8.
    assert credit_of("time_decay", A, B, C, D) == pytest.approx({"a": 1 / 15, "b": 2 / 15, "c": 4 / 15, "d": 8 / 15})


def test_time_decay_takes_another_half_life():
    # Ages of 14 and 0 days at a half-life of 14: weights 1/2 and 1.
    assert credit_of("time_decay", B, D, parameters=days(half_life=14)) == pytest.approx({"b": 1 / 3, "d": 2 / 3})


def test_in_time_decay_a_survey_answer_is_as_old_as_the_oldest_other_touch():
    # The answer, given after the sale, has the 14 days of b: weights 1/4, 1/4, 1/2.
    answer = Touch(1, "friends", "survey", 3)

    assert credit_of("time_decay", B, C, answer) == pytest.approx({"friends": 0.25, "b": 0.25, "c": 0.5})


def test_in_time_decay_a_survey_answer_given_long_before_is_no_older_than_the_oldest_other_touch():
    answer = Touch(1, "friends", "survey", -80)

    assert credit_of("time_decay", B, C, answer) == pytest.approx({"friends": 0.25, "b": 0.25, "c": 0.5})


def test_in_time_decay_a_survey_answer_alone_has_the_age_nought():
    assert credit_of("time_decay", Touch(1, "friends", "survey", -80)) == {"friends": 1.0}


def test_in_time_decay_a_coupon_after_the_conversion_has_the_age_nought():
    # Ages 7 and 0: weights 1/2 and 1.
    coupon = Touch(1, "meituan", "coupon", 1)

    assert credit_of("time_decay", C, coupon) == pytest.approx({"c": 1 / 3, "meituan": 2 / 3})


def test_time_decay_does_not_lose_a_path_whose_touches_are_all_very_old():
    # 90 days are 7,776,000 half-lives of a second; 2 to minus that is 0 in a double. To each other they are 1 : 1.
    old = [Touch(1, "a", "link", -90), Touch(1, "b", "link", -90)]

    assert credit_of("time_decay", *old, parameters=days(half_life=1 / 86_400)) == {"a": 0.5, "b": 0.5}


@pytest.mark.parametrize("kind", ["survey", "coupon", "link"])
def test_the_model_of_a_kind_gives_linearly_to_that_kind_only(kind: str):
    touches = [Touch(1, f"the-{each}", each, -1) for each in ("referral", "import", "survey", "coupon", "link")]

    assert credit_of(kind, *touches) == {f"the-{kind}": 1.0}


def test_the_coupon_model_shares_between_coupons():
    coupons = [Touch(1, "a", "coupon", -3), Touch(1, "a", "coupon", -2), Touch(1, "b", "coupon", 0.5)]

    assert credit_of("coupon", *coupons, B) == pytest.approx({"a": 2 / 3, "b": 1 / 3})


@pytest.mark.parametrize("kind", ["survey", "coupon", "link"])
def test_without_a_touch_of_its_kind_a_conversion_is_unknown(kind: str):
    assert credit_of(kind, Touch(1, "a", "referral", -1)) == {"unknown": 1.0}


def test_precedence_takes_the_strongest_kind_present():
    strongest_first = ("referral", "coupon", "link", "import", "survey")
    touches = [Touch(1, f"the-{kind}", kind, -1) for kind in strongest_first]

    for place, kind in enumerate(strongest_first):
        assert credit_of("precedence", *touches[place:]) == {f"the-{kind}": 1.0}


def test_precedence_is_linear_within_the_strongest_kind():
    touches = [B, C, A._replace(channel="b"), Touch(1, "friends", "survey", 0)]

    assert credit_of("precedence", *touches) == pytest.approx({"b": 2 / 3, "c": 1 / 3})


@pytest.mark.parametrize("model", ALL_RULES)
def test_a_conversion_without_touch_is_unknown(model: str):
    assert credit_of(model) == {"unknown": 1.0}


@pytest.mark.parametrize("model", ALL_RULES)
def test_each_conversion_of_a_customer_has_one_credit(model: str, tmp_path):
    touches = touch_table([Touch(1, "a", "link", -1), Touch(1, "b", "link", 1)])
    sales = sale_table([Sale(1, 0, 200), Sale(1, 2, 100), Sale(1, 3, 50)])

    judgement = judge(touches, sales, tmp_path)

    assert judgement.summary(model).to_pylist() == [
        {"channel": "a", "customers": 1.0, "value": 200.0},
        {"channel": "b", "customers": 1.0, "value": 100.0},
        {"channel": "unknown", "customers": 1.0, "value": 50.0},
    ]
