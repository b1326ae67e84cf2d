"""Spend and new customers: METRICS §1 and §3, worked by hand."""

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics.acquisition import (
    acquisition_cost,
    blended_cost,
    choose_new,
    count_new,
    estimate_all_new,
    estimate_interval,
    known_ends,
    new_customers,
    prorate,
    spend_by_channel,
    without_touch,
)
from analytics.metrics.frames import frame
from tests.analytics.shop import march, rows, shop

NEW_YEAR = dt.date(2026, 1, 1)


def pairs(table: pd.DataFrame) -> list[list]:
    return [[None if pd.isna(value) else value for value in row] for row in table.itertuples(index=False)]


def test_an_entry_is_spread_evenly_and_its_odd_units_go_to_its_first_days():
    # 100 over 3 days: 33 each and 1 left over.
    parts = [
        int(prorate([100], ["2026-01-01"], ["2026-01-03"], dt.date(2026, 1, n), dt.date(2026, 1, n + 1))[0])
        for n in range(1, 5)
    ]

    assert parts == [34, 33, 33, 0]


@given(
    amount=st.integers(0, 10**12),
    first=st.integers(0, 800),
    length=st.integers(1, 400),
    cuts=st.lists(st.integers(0, 1300), min_size=1, max_size=8),
)
def test_however_time_is_cut_the_parts_sum_to_the_entry(amount, first, length, cuts):
    days = [NEW_YEAR + dt.timedelta(days=n) for n in sorted({0, 1300, *cuts})]
    start, end = NEW_YEAR + dt.timedelta(days=first), NEW_YEAR + dt.timedelta(days=first + length - 1)

    parts = [int(prorate([amount], [start], [end], *cut)[0]) for cut in itertools.pairwise(days)]

    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)


@given(amount=st.integers(0, 10**9), length=st.integers(1, 60))
def test_no_day_of_an_entry_gets_more_than_one_unit_more_than_another(amount, length):
    end = NEW_YEAR + dt.timedelta(days=length - 1)
    days = [NEW_YEAR + dt.timedelta(days=n) for n in range(length + 1)]

    parts = [int(prorate([amount], [NEW_YEAR], [end], *cut)[0]) for cut in itertools.pairwise(days)]

    assert max(parts) - min(parts) <= 1


SPEND = rows(
    "channel store_id first_day last_day amount_minor",
    ("metro", None, "2026-02-27", "2026-03-02", 10),  # 4 days: 3, 3, 2, 2; two of them in March
    ("metro", None, "2026-03-31", "2026-03-31", 100),
    ("metro", None, "2026-04-01", "2026-04-30", 9_999),
    ("lifts", 1, "2026-03-01", "2026-03-31", 310),
    ("lifts", 2, "2026-03-01", "2026-03-31", 620),
)


def test_spend_counts_the_days_of_the_period_only():
    assert pairs(spend_by_channel(shop(spend=SPEND), march())) == [["lifts", 930], ["metro", 104]]


def test_under_a_store_spend_that_names_no_store_is_not_known():
    assert pairs(spend_by_channel(shop(spend=SPEND), march(store_id=1))) == [["lifts", 310], ["metro", None]]


def test_without_entries_there_is_no_spend():
    assert spend_by_channel(shop(), march()).empty


JUDGED = rows(
    "customer customer_id first_at next_at store_id",
    (0, 10, "2026-02-28 23:59:59", None, 1),  # the last second of February in Shanghai
    (1, 11, "2026-03-01 00:00:00", None, 1),
    (2, 12, "2026-03-31 23:59:59", None, 2),
    (3, 13, "2026-04-01 00:00:00", None, 2),
)
CREDITS = rows(
    "group_id channel credit",
    (0, "metro", 1.0),
    (1, "metro", 0.25),
    (1, "lifts", 0.75),
    (2, "unknown", 1.0),
    (3, "metro", 1.0),
)


def test_a_customer_is_new_on_the_day_of_the_first_sale_in_the_business_s_zone():
    con = shop(judged=JUDGED, credits=CREDITS)

    assert pairs(new_customers(con, march())) == [["lifts", 0.75], ["metro", 0.25], ["unknown", 1.0]]
    assert count_new(con, march()) == (2, 0)


def test_a_customer_belongs_to_the_store_of_the_first_sale():
    con = shop(judged=JUDGED, credits=CREDITS)

    assert pairs(new_customers(con, march(store_id=2))) == [["unknown", 1.0]]
    assert count_new(con, march(store_id=2)) == (1, 0)


def test_first_sales_in_the_first_90_days_of_the_records_are_not_known_to_be_of_new_customers():
    con = shop(judged=JUDGED, credits=CREDITS)

    # Records from 2 December: 90 days later is 2 March, so the first buyer of 1 March may be an old acquaintance.
    question = march(history_starts=dt.date(2025, 12, 2))

    assert pairs(new_customers(con, question)) == [["unknown", 1.0]]
    assert count_new(con, question) == (1, 1)


def test_a_channel_that_won_nobody_has_no_cost_and_a_free_one_costs_nothing():
    cost = acquisition_cost(
        frame("channel amount", ["friends", 0], ["metro", 300], ["lifts", 900]),
        frame("channel credit", ["friends", 1.0], ["lifts", 1.0], ["lifts", 0.5]),
    )

    assert pairs(cost) == [["friends", 0, 1.0, 0.0], ["lifts", 900, 1.5, 600.0], ["metro", 300, 0.0, None]]


def test_customers_of_a_channel_whose_spend_is_not_known_have_no_cost():
    cost = acquisition_cost(frame("channel amount", ["metro", 300]), frame("channel credit", ["unknown", 2.0]))

    assert pairs(cost) == [["metro", 300, 0.0, None], ["unknown", None, 2.0, None]]


def test_the_blended_cost_is_all_spend_over_all_new_customers():
    assert blended_cost(900, 4) == 225.0
    assert blended_cost(900, 0) is None
    assert blended_cost(None, 4) is None


def test_unidentified_orders_are_taken_to_be_first_orders_as_often_as_identified_ones():
    # Half of the 40 identified orders are first orders, so 5 of the 10 unidentified ones may be.
    assert estimate_all_new(new=20, identified_orders=40, unidentified_orders=10) == 25.0
    assert estimate_all_new(new=0, identified_orders=0, unidentified_orders=10) is None


def test_customers_of_one_group_have_one_group_s_credits():
    judged = JUDGED.assign(group_id=[5, 5, 5, 6])
    shared = rows("group_id channel credit", (5, "metro", 0.25), (5, "lifts", 0.75), (6, "metro", 1.0))

    assert pairs(new_customers(shop(judged=judged, credits=shared), march())) == [["lifts", 1.5], ["metro", 0.5]]


def test_who_is_new_is_told_one_by_one_as_well():
    con = shop(judged=JUDGED, credits=CREDITS)

    assert choose_new(con, march(), customers=5).tolist() == [False, True, True, False, False]
    assert choose_new(con, march(store_id=2), customers=4).tolist() == [False, False, True, False]


def test_an_interval_that_begins_at_nobody_says_so_and_one_of_nobody_is_none():
    ends = known_ends(frame("channel low high", ["lifts", 0.049, 0.05], ["radio", 0.0, 0.01], ["wechat", 0.05, 2.0]))

    assert pairs(ends) == [["lifts", 0.0, 0.05], ["radio", None, None], ["wechat", 0.05, 2.0]]


def test_customers_without_a_touch_are_a_share_of_all():
    path = pa.chunked_array([[None, 1], [None, 2, 3]])

    # 2 of 5; Wilson: 11.8 % to 76.9 % (Wilson 1927)
    assert without_touch(path, np.full(5, True)) == pytest.approx(
        {"customers": 2, "low": 0.588, "high": 3.846}, abs=1e-3
    )
    assert np.isnan(without_touch(path, np.full(5, False))["low"])


def test_the_estimate_of_all_new_customers_has_wilson_s_interval():
    # 20 of 40 identified orders are first ones: 35.2 % to 64.8 %; of 10 unidentified ones 3.5 to 6.5.
    assert estimate_interval(20, 40, 10) == pytest.approx((23.520, 26.480), abs=1e-3)
    assert estimate_interval(0, 0, 10) is None
    # More first orders than orders is no share.
    assert estimate_interval(3, 2, 10) is None
