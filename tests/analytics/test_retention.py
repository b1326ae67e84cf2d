"""Repeat purchases: Kaplan–Meier weighted by credit, METRICS §3, worked by hand."""

import datetime as dt
from math import exp, log, sqrt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics.retention import EVERYONE, kaplan_meier, repeat_rate
from tests.analytics.shop import march, rows, shop


def equal(days, back):
    return kaplan_meier(days, back, [1.0] * len(days), [1.0] * len(days))


def test_those_lost_from_sight_count_as_long_as_they_were_seen():
    # 4 at risk on day 10, 1 back: 3/4. One lost on day 20. 2 at risk on day 40, 1 back: × 1/2.
    left = equal([10, 20, 40, 90], [True, False, True, False])

    assert left.share == pytest.approx(3 / 4 * 1 / 2, abs=1e-15)
    # Greenwood: 1/(4·3) + 1/(2·1) = 7/12; log–log: 0.375 ^ exp(±1.96 √(7/12) ÷ |ln 0.375|)
    spread = 1.959963984540054 * sqrt(7 / 12) / -log(0.375)
    assert left.low == pytest.approx(0.375 ** exp(spread), abs=1e-12)
    assert left.high == pytest.approx(0.375 ** exp(-spread), abs=1e-12)


def test_whoever_is_lost_on_the_day_another_comes_back_was_at_risk_on_it():
    assert equal([30, 30], [True, False]).share == 0.5


def test_coming_back_on_day_90_counts_and_on_day_91_does_not():
    assert equal([90, 200], [True, False]).share == 0.5
    assert equal([91, 200], [True, False]).share == 1.0


def test_a_customer_shared_among_channels_counts_with_its_share():
    # Weights 0.5 (back on day 10) and 1.5 (never): S = 1 − 0.5/2.
    left = kaplan_meier([10, 100], [True, False], [0.5, 1.5], [0.25, 2.25])

    assert left.share == 0.75
    # The effective number at risk is 2² ÷ (0.25 + 2.25) = 1.6; Greenwood: 0.25 ÷ (1.6 × 0.75)
    spread = 1.959963984540054 * sqrt(0.25 / (1.6 * 0.75)) / -log(0.75)
    assert left.high == pytest.approx(0.75 ** exp(-spread), abs=1e-12)


def test_where_nobody_or_everybody_came_back_wilson_s_interval_stands_in():
    assert equal([100] * 10, [False] * 10) == pytest.approx((1.0, 0.722467, 1.0), abs=1e-6)
    assert equal([5] * 10, [True] * 10) == pytest.approx((0.0, 0.0, 0.277533), abs=1e-6)


def test_thirds_that_do_not_quite_sum_still_leave_nobody():
    third = 1 / 3
    left = kaplan_meier([3, 7, 9], [True] * 3, [third, third * 0.7, third * 1.1], [third**2] * 3)

    assert left.share == 0.0


def test_of_customers_seen_for_less_than_a_day_nothing_is_known():
    left = equal([0, 0], [False, False])

    assert left.share == 1.0
    assert left.low != left.low  # NaN


@given(st.lists(st.tuples(st.integers(1, 120), st.booleans()), min_size=1, max_size=40))
def test_without_losses_it_is_the_plain_share_and_always_inside_its_interval(customers):
    followed = [(day if back else 120, back) for day, back in customers]
    days, back = zip(*followed, strict=True)

    left = equal(days, back)

    plain = 1 - sum(b and d <= 90 for d, b in followed) / len(followed)
    assert left.share == pytest.approx(plain, abs=1e-9)
    assert left.low - 1e-9 <= left.share <= left.high + 1e-9


def repeats(question, *customers, credit=()):
    """Customers by first sale and next sale; credit rows as (customer, channel, credit)."""
    judged = [(n, 100 + n, first, back, 1) for n, (first, back) in enumerate(customers)]
    con = shop(
        judged=rows("customer customer_id first_at next_at store_id", *judged),
        credits=rows("group_id channel credit", *(credit or [(n, "metro", 1.0) for n in range(len(customers))])),
    )
    found = repeat_rate(con, question).set_index("channel")["rate"]
    return {channel: None if pd.isna(rate) else rate for channel, rate in found.items()}


def test_days_run_from_business_day_to_business_day():
    # From 23:30 on 1 March to 00:10 on 30 May are 90 business days, though a little less than 90 × 24 hours.
    at = [("2026-03-01 23:30", "2026-05-30 00:10"), ("2026-03-01 00:10", "2026-05-31 23:30")]

    assert repeats(march(), *at) == {"metro": 0.5, EVERYONE: 0.5}


def test_credit_weighs_each_customer_and_everyone_counts_each_once():
    back, never = ("2026-03-01 12:00", "2026-03-05 12:00"), ("2026-03-02 12:00", None)
    credit = [(0, "metro", 0.25), (0, "lifts", 0.75), (1, "metro", 0.75), (1, "lifts", 0.0), (1, "unknown", 0.25)]

    found = repeats(march(), back, never, credit=credit)

    assert found == {"metro": 0.25, "lifts": 1.0, "unknown": 0.0, EVERYONE: 0.5}


def test_customers_who_are_not_new_in_the_period_do_not_count():
    others = [("2026-02-28 12:00", "2026-03-05 12:00"), ("2026-04-01 00:00", "2026-04-02 12:00")]

    assert repeats(march(), ("2026-03-01 12:00", None), *others) == {"metro": 0.0, EVERYONE: 0.0}


def test_the_rate_is_not_known_until_somebody_has_been_followed_for_90_days():
    customers = [("2026-03-01 12:00", "2026-03-05 12:00"), ("2026-03-20 12:00", None)]
    # 90 days after 1 March is 30 May.
    assert repeats(march(watermark=dt.datetime(2026, 5, 29, 15, 59, tzinfo=dt.UTC)), *customers)["metro"] is None
    assert repeats(march(watermark=dt.datetime(2026, 5, 29, 16, 1, tzinfo=dt.UTC)), *customers)["metro"] == 0.5


def test_without_customers_there_is_no_rate():
    assert repeats(march()) == {}
