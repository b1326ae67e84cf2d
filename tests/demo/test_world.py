"""The simulated shop: the same for the same seed, whole in itself, with errors that the product must see through."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.demo.truth import CHANNELS, DONT_REMEMBER, LEAKS, STORES
from analytics.demo.world import SLUGS, World, simulate

LAST_DAY = date(2026, 10, 31)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(customers=20_000, seed=7, until=LAST_DAY)


def test_the_same_seed_gives_the_same_shop_and_another_seed_another() -> None:
    one, same, other = (simulate(customers=300, seed=seed, until=LAST_DAY) for seed in (1, 1, 2))
    for name, frame in vars(one).items():
        pd.testing.assert_frame_equal(frame, getattr(same, name))
    assert not one.orders["amount"].equals(other.orders["amount"])


def test_everybody_buys_first_at_their_first_visit(world: World) -> None:
    sales = world.orders[(world.orders["customer"] >= 0) & (world.orders["refund_of"] < 0)]
    first = sales.groupby("customer")["at"].min()
    assert (first == world.customers["first_at"].loc[first.index]).all()
    assert len(first) == 20_000


def test_nothing_happens_after_the_last_day(world: World) -> None:
    assert (world.orders["at"] < pd.Timestamp("2026-11-01")).all()
    assert (world.visits["at"] < pd.Timestamp("2026-11-01")).all()


def test_the_lines_of_an_order_sum_to_what_was_paid(world: World) -> None:
    paid = world.lines.groupby("order")["amount"].sum()
    assert (paid == world.orders["amount"]).all()


def test_the_shares_of_the_channels_are_those_of_the_truth(world: World) -> None:
    share = world.customers["channel"].value_counts(normalize=True).sort_index().to_numpy()
    truth = np.array([channel.share for channel in CHANNELS])
    assert abs(share - truth / truth.sum()).max() < 0.012  # four standard errors at 20,000


def test_who_answers_depends_on_the_channel(world: World) -> None:
    answered = world.customers.index.isin(world.answers["customer"])
    rate = pd.Series(answered).groupby(world.customers["channel"]).mean()
    assert rate[SLUGS.index("friends")] > 2.5 * rate[SLUGS.index("meituan")]


def test_some_remember_wrongly_and_some_not_at_all(world: World) -> None:
    known = world.answers[world.answers["customer"] >= 0]
    truth = np.array(SLUGS)[world.customers["channel"].to_numpy()[known["customer"]]]
    metro = known[truth == "metro"]
    assert (
        0.50 < (metro["said"] == "metro").mean() < 0.60
    )  # 22 % walked by, 10 % lift, 12 % don't remember, 1.5 % other
    assert (known["said"] == DONT_REMEMBER).any()


def test_coupons_leak_to_people_whom_their_channel_did_not_bring(world: World) -> None:
    used = world.coupons[world.coupons["order"] >= 0]
    truth = world.customers["channel"].to_numpy()[used["customer"]]
    leaked = pd.Series(np.array(SLUGS)[used["channel"]])[(truth != used["channel"].to_numpy())]
    assert set(leaked) == set(LEAKS)


def test_a_coupon_is_used_on_an_order_of_its_holder_and_after_its_claim(world: World) -> None:
    used = world.coupons[world.coupons["order"] >= 0]
    orders = world.orders.loc[used["order"]]
    assert (orders["customer"].to_numpy() == used["customer"].to_numpy()).all()
    claimed = used["claimed_at"].notna().to_numpy()
    assert (used["claimed_at"].to_numpy()[claimed] < orders["at"].to_numpy()[claimed]).all()
    thanks = world.answers[world.answers["thank_you_order"] >= 0]
    assert (world.orders.loc[thanks["thank_you_order"], "at"].to_numpy() > thanks["at"].to_numpy()).all()


def test_the_discount_is_taken_off_and_never_more_than_the_bill(world: World) -> None:
    assert (world.orders["amount"] >= 0).all()
    assert (world.orders["discount"] >= 0).all()
    assert (world.orders.loc[world.orders["customer"] < 0, "discount"] == 0).all()


def test_refunds_name_the_order_they_give_back(world: World) -> None:
    refunds = world.orders[world.orders["refund_of"] >= 0]
    originals = world.orders.loc[refunds["refund_of"]]
    assert len(refunds) > 0
    assert (originals["refund_of"] < 0).all()
    assert (refunds["amount"].to_numpy() == originals["amount"].to_numpy()).all()


def test_more_is_shown_than_started_and_more_started_than_finished(world: World) -> None:
    assert (world.shown["impressions"] >= world.shown["starts"]).all()
    assert (world.shown["starts"] >= world.shown["finishes"]).all()
    assert world.shown["finishes"].sum() == len(world.answers)


def test_only_posters_are_billed_by_store(world: World) -> None:
    by_store = world.spend[world.spend["store"] >= 0]
    assert set(by_store["channel"]) == {SLUGS.index("metro")}
    assert len(by_store) % len(STORES) == 0
    free = {SLUGS.index("friends"), SLUGS.index("walkby")}
    assert not free & set(world.spend["channel"])


def test_one_customer_is_a_shop_too() -> None:
    world = simulate(customers=1, seed=3, until=LAST_DAY)
    assert len(world.customers) == 1
    assert (world.orders["customer"] == 0).any()


def test_some_who_scanned_and_claimed_never_came(world: World) -> None:
    leads = world.visits[world.visits["lead"] >= 0]
    coupons = world.coupons.loc[leads["lead"]]
    assert set(np.array(SLUGS)[leads["channel"]]) == {"xiaohongshu", "wechat", "metro", "lift"}
    assert (coupons["order"] == -1).all()
    assert (leads["at"].to_numpy() < coupons["claimed_at"].to_numpy()).all()


def test_some_answers_are_whatever_stood_first(world: World) -> None:
    hasty = world.answers[world.answers["hasty"]]
    assert abs(len(hasty) / len(world.answers) - 0.03) < 0.008
    assert set(hasty["said"]) == set(SLUGS)
