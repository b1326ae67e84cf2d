"""Leads, coupons and questionnaires: METRICS §1 and §3, worked by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics.conversion import by_channel, coupon_conversion, lead_conversion, response_rate
from attribution.engine.intervals import wilson
from tests.analytics.shop import march, rows, shop

COUNTS = ["leads", "still_open", "old_enough", "converted"]


def leads(con, question):
    found = lead_conversion(con, question).set_index("channel")[COUNTS]
    return {channel: tuple(row) for channel, row in zip(found.index, found.itertuples(index=False), strict=True)}


def heard(*touches, sold=(), coupons=()):
    judged = [(n, customer, at, None, 1) for n, (customer, at) in enumerate(sold)]
    return shop(
        touches=rows("customer_id channel kind at", *touches),
        judged=rows("customer customer_id first_at next_at store_id", *judged),
        coupons=rows("id batch_id channel issued_at claimed_at customer_id", *coupons),
    )


def test_wilson_s_interval_is_that_of_the_textbook():
    # 8 of 10: (0.8 + z²/20 ± z √(0.16/10 + z²/400)) ÷ (1 + z²/10), z = 1.96
    low, high = wilson([8, 0, 10], [10, 10, 10])

    assert low.tolist() == pytest.approx([0.490162, 0.0, 0.722467], abs=1e-6)
    assert high.tolist() == pytest.approx([0.943318, 0.277533, 1.0], abs=1e-6)


def test_no_trials_or_more_successes_than_trials_have_no_interval():
    low, high = wilson([0, 3], [0, 2])

    assert np.isnan(low).all()
    assert np.isnan(high).all()


@given(n=st.integers(1, 10_000), data=st.data())
def test_wilson_s_interval_holds_the_share_and_stays_between_0_and_1(n, data):
    k = data.draw(st.integers(0, n))

    low, high = wilson(k, n)

    assert 0 <= low <= k / n + 1e-12
    assert k / n - 1e-12 <= high <= 1


def test_a_lead_is_counted_in_the_period_of_its_first_touch_on_the_channel():
    con = heard(
        (1, "metro", "link", "2026-03-05 12:00"),
        (1, "metro", "link", "2026-04-05 12:00"),
        (1, "lifts", "referral", "2026-03-06 12:00"),  # the same person may be a lead of two channels
        (2, "metro", "link", "2026-02-20 12:00"),  # heard of it in February already
        (2, "metro", "import", "2026-03-20 12:00"),
    )

    assert leads(con, march()) == {"lifts": (1, 0, 1, 0), "metro": (1, 0, 1, 0)}


def test_answers_and_redemptions_make_no_lead():
    con = heard((1, "metro", "survey", "2026-03-05 12:00"), (2, "metro", "coupon", "2026-03-05 12:00"))

    assert leads(con, march()) == {}


def test_a_claimed_coupon_makes_a_lead():
    claim = (1, 7, "lifts", "2026-01-01 10:00", "2026-03-05 12:00", 5)
    nobody, no_channel = (2, 7, "lifts", "2026-03-01 10:00", None, None), (3, 8, None, claim[3], claim[4], 6)

    assert leads(heard(coupons=[claim, nobody, no_channel]), march()) == {"lifts": (1, 0, 1, 0)}


def test_whoever_has_bought_before_is_no_lead():
    con = heard(
        (1, "metro", "link", "2026-03-05 12:00"),
        (2, "metro", "link", "2026-03-05 12:00"),
        sold=[(1, "2026-03-05 11:59"), (2, "2026-03-05 12:00")],
    )

    assert leads(con, march()) == {"metro": (1, 0, 1, 1)}


def test_a_lead_converts_if_it_buys_within_30_days_to_the_second():
    con = heard(
        (1, "metro", "link", "2026-03-05 12:00:00"),
        (2, "metro", "link", "2026-03-05 12:00:00"),
        (3, "metro", "link", "2026-03-05 12:00:00"),
        sold=[(1, "2026-04-04 12:00:00"), (2, "2026-04-04 12:00:01")],
    )
    found = lead_conversion(con, march()).iloc[0]

    assert leads(con, march()) == {"metro": (3, 0, 3, 1)}
    assert found["rate"] == 1 / 3
    assert found["low"] == pytest.approx(0.061492, abs=1e-6)
    assert found["high"] == pytest.approx(0.792340, abs=1e-6)


def test_a_lead_younger_than_the_window_is_still_open_even_if_it_has_bought():
    con = heard(
        (1, "metro", "link", "2026-03-01 12:00:00"),
        (2, "metro", "link", "2026-03-01 12:00:01"),
        sold=[(2, "2026-03-02 12:00")],
    )
    # 30 days after noon of 1 March in Shanghai
    question = march(watermark=dt.datetime(2026, 3, 31, 4, tzinfo=dt.UTC))

    assert leads(con, question) == {"metro": (2, 1, 1, 0)}


def test_a_channel_whose_leads_are_all_open_has_no_rate():
    con = heard((1, "metro", "link", "2026-03-30 12:00"))
    found = lead_conversion(con, march(watermark=dt.datetime(2026, 4, 2, tzinfo=dt.UTC)))

    assert found.loc[0, ["rate", "low", "high"]].isna().all()


def test_what_was_heard_after_the_watermark_does_not_count():
    con = heard((1, "metro", "link", "2026-03-30 12:00"))

    assert leads(con, march(watermark=dt.datetime(2026, 3, 29, tzinfo=dt.UTC))) == {}


def test_a_store_has_no_leads_since_a_lead_that_has_not_bought_belongs_to_none():
    assert leads(heard((1, "metro", "link", "2026-03-05 12:00")), march(store_id=1)) == {}


BATCHES = rows("id channel", (7, "lifts"), (8, None), (9, "douyin"), (10, "metro"))
ISSUED = rows(
    "id batch_id channel issued_at claimed_at customer_id",
    (1, 7, "lifts", "2026-03-01 00:00", None, None),
    (2, 7, "lifts", "2026-03-02 00:00", None, None),
    (3, 7, "lifts", "2026-03-31 23:59", None, None),
    (4, 7, "lifts", "2026-02-28 23:59", None, None),  # issued in February, used in March
    (5, 8, None, "2026-03-05 00:00", None, None),
)
USED = rows(
    "batch_id coupon_id store_id redeemed_at",
    (7, 1, 1, "2026-03-10 12:00"),
    (7, 1, 1, "2026-03-11 12:00"),  # a code of two uses is one coupon redeemed
    (7, 2, 2, "2026-05-10 12:00"),  # issued in March, used in May
    (7, 4, 1, "2026-03-10 12:00"),
    (9, None, 1, "2026-03-10 12:00"),  # a platform's own code: nobody knows how many it issued
)


def coupons(question):
    found = coupon_conversion(shop(batches=BATCHES, coupons=ISSUED, redemptions=USED), question)
    return [tuple(row) for row in found[["batch_id", "issued", "redeemed", "uses"]].itertuples(index=False)], found


def test_of_the_coupons_issued_in_the_period_those_are_counted_that_were_ever_redeemed():
    counts, found = coupons(march())

    assert counts == [(7, 3, 2, 3), (8, 1, 0, 0), (9, 0, 0, 1)]
    assert found["rate"].tolist()[:2] == [2 / 3, 0.0]
    assert pd.isna(found.loc[2, "rate"])


def test_under_a_store_the_redemptions_there_count():
    counts, _ = coupons(march(store_id=2))

    assert counts == [(7, 3, 1, 0), (8, 1, 0, 0)]


def test_coupons_of_a_channel_are_those_of_its_batches():
    _, batches = coupons(march())
    found = by_channel(batches)[["channel", "issued", "redeemed"]]

    assert [tuple(row) for row in found.itertuples(index=False)] == [("douyin", 0, 0), ("lifts", 3, 2)]


def test_the_response_rate_is_finished_over_shown_per_placement():
    con = shop(
        placement_days=rows(
            "placement_id store_id day impressions starts finishes",
            (1, 1, "2026-02-28", 50, 50, 50),
            (1, 1, "2026-03-01", 6, 4, 2),
            (1, 1, "2026-03-31", 4, 4, 3),
            (2, 2, "2026-03-10", 5, 0, 0),
        )
    )
    found = response_rate(con, march())

    assert found[["shown", "started", "finished"]].to_numpy().tolist() == [[10, 8, 5], [5, 0, 0]]
    assert found["rate"].tolist() == [0.5, 0.0]
    assert response_rate(con, march(store_id=2))["placement_id"].tolist() == [2]
