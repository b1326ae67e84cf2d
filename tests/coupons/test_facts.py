"""What leaves the database, and a batch's channel put right."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from attribution import facts
from attribution.coupons import actions
from attribution.coupons.models import Coupon, CouponBatch, Redemption
from attribution.customers.actions import resolve_customer
from attribution.evidence import mappings
from attribution.evidence.models import Campaign, Touchpoint
from tests.coupons.conftest import NOON

Redeem = Callable[..., Redemption]


def rows(name: str) -> list[tuple[Any, ...]]:
    fact = facts.REGISTRY[name]
    found = list(fact.rows())
    assert all(len(row) == len(fact.columns) for row in found)
    return found


def test_the_facts_have_the_columns_they_promise() -> None:
    wanted = {
        "batches": ["id", "issuer", "channel"],
        "coupons": ["id", "batch_id", "channel", "issued_at", "claimed_at", "customer_id"],
        "redemptions": [
            "id", "batch_id", "coupon_id", "channel", "store_id", "customer_id", "order_id", "redeemed_at",
            "discount_minor",
        ],
        "coupon_capabilities": ["channel"],
    }  # fmt: skip
    assert {name: list(facts.REGISTRY[name].columns) for name in wanted} == wanted


def test_a_coupon_and_its_standing_redemption_leave(redeem: Redeem, coupon: Coupon, clerk: Any, store: Any) -> None:
    gone = redeem()
    actions.void_redemption(redemption=gone, reason="mistake", staff=clerk.staff, request_id=uuid4())
    stands = redeem(order_number="A1")
    batch, order = coupon.batch_id, stands.order_id

    assert rows("batches") == [(batch, "own", "douyin")]
    assert rows("coupons") == [(coupon.pk, batch, "douyin", NOON, None, None)]
    assert rows("redemptions") == [(stands.pk, batch, coupon.pk, "douyin", store.pk, None, order, NOON, 1500)]
    assert rows("coupon_capabilities") == [("douyin",)]


def test_a_batch_without_channel_can_speak_for_none(batch: CouponBatch) -> None:
    CouponBatch.objects.update(channel=None)

    assert rows("coupon_capabilities") == []
    assert rows("batches") == [(batch.pk, "own", None)]


# ── Put right ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_corrected_channel_moves_the_touches(redeem: Redeem, batch: CouponBatch, channels: dict[str, Any]) -> None:
    redeem(phone="13800138000")
    campaign = Campaign.objects.create(channel=channels["metro"])

    moved = actions.correct_batch_channel(batch=batch, channel=channels["metro"], campaign=campaign)

    touch = Touchpoint.objects.standing().get()
    assert (moved, touch.channel, touch.campaign, batch.channel) == (1, channels["metro"], campaign, channels["metro"])


def test_a_batch_that_never_spoke_speaks_for_all_that_stands(
    redeem: Redeem, batch: CouponBatch, channels: dict[str, Any], clerk: Any
) -> None:
    CouponBatch.objects.update(channel=None)
    batch.refresh_from_db()
    known = resolve_customer(identities=[("device", "d" * 24)], at=NOON)
    codes = [actions.issue_coupon(batch=batch, customer=customer, at=NOON).code for customer in (known, known, None)]
    stands, gone, _unknown = (redeem(code=code) for code in codes)
    actions.void_redemption(redemption=gone, reason="mistake", staff=clerk.staff, request_id=uuid4())

    assert actions.correct_batch_channel(batch=batch, channel=channels["metro"]) == 1

    assert Touchpoint.objects.get().source_key == f"redemption:{stands.pk}"


def test_a_batch_can_be_silenced(redeem: Redeem, batch: CouponBatch) -> None:
    redeem(phone="13800138000")

    assert actions.correct_batch_channel(batch=batch, channel=None) == 1
    assert Touchpoint.objects.standing().count() == 0


def test_batches_are_corrected_on_the_page_of_mappings(batch: CouponBatch, channels: dict[str, Any]) -> None:
    found = mappings.find(batch.mapping_key)
    assert found is not None
    source, mapping = found
    assert (mapping.label, mapping.channel, mapping.may_mean_none) == ("First visit", channels["douyin"], True)

    source.correct(mapping.key, channels["friends"])

    assert CouponBatch.objects.get().channel == channels["friends"]
