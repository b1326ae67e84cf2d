"""Batches: changed, paused, extended, ended, and deleted only where nobody ever held a coupon of them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from attribution.coupons import actions
from attribution.coupons.models import Coupon, CouponBatch
from attribution.coupons.overview import counts_of, state_of
from tests.coupons.conftest import NOON

TODAY = timezone.localdate()


def test_what_was_promised_stays_and_the_rest_is_saved(batch: CouponBatch, coupon: Coupon, store: Any) -> None:
    batch.face_value_minor, batch.uses_per_day, batch.issued_count = 9900, 5, 77

    actions.save_batch(batch=batch, stores=[store])

    saved = CouponBatch.objects.get()
    assert (saved.face_value_minor, saved.uses_per_day, saved.issued_count) == (1500, 5, 1)
    assert list(saved.stores.all()) == [store]


def test_nothing_is_promised_before_the_first_code(batch: CouponBatch) -> None:
    batch.face_value_minor = 9900

    actions.save_batch(batch=batch, stores=[])

    assert CouponBatch.objects.get().face_value_minor == 9900


@pytest.mark.parametrize(
    ("limit", "field", "used"), [({"stock": 0}, "stock", "1"), ({"budget_minor": 1499}, "budget", "¥15.00")]
)
def test_a_limit_cannot_lie_below_what_is_used(
    batch: CouponBatch, redeem: Callable[..., Any], limit: dict[str, int], field: str, used: str
) -> None:
    redeem()
    for name, value in limit.items():
        setattr(batch, name, value)

    with pytest.raises(actions.TooLow, match=used) as refused:
        actions.save_batch(batch=batch, stores=[])
    assert refused.value.field == field


def test_a_paused_batch_goes_on(batch: CouponBatch) -> None:
    actions.pause_batch(batch=batch, is_paused=True)
    assert CouponBatch.objects.get().is_paused
    actions.pause_batch(batch=batch, is_paused=False)
    assert not CouponBatch.objects.get().is_paused


def test_an_ended_batch_is_refused_as_expired_and_gives_out_nothing(
    batch: CouponBatch, coupon: Coupon, redeem: Callable[..., Any]
) -> None:
    actions.end_batch(batch=batch)

    with pytest.raises(actions.Expired):
        redeem(at=timezone.now())
    with pytest.raises(actions.BatchOver):
        actions.issue_coupon(batch=CouponBatch.objects.get(), at=timezone.now())
    assert Coupon.objects.get().last_day == TODAY


def test_extending_an_ended_batch_takes_that_back(
    batch: CouponBatch, coupon: Coupon, redeem: Callable[..., Any]
) -> None:
    actions.end_batch(batch=batch)

    actions.extend_batch(batch=batch, last_day=TODAY)

    assert redeem(at=timezone.now()).is_standing


def test_extending_reaches_coupons_given_out_and_shortens_none(batch: CouponBatch) -> None:
    CouponBatch.objects.update(days_valid=7, valid_until=TODAY)
    batch.refresh_from_db()
    soon = actions.issue_coupon(batch=batch, at=timezone.now())
    CouponBatch.objects.update(days_valid=90)
    batch.refresh_from_db()
    late = actions.issue_coupon(batch=batch, at=timezone.now())

    actions.extend_batch(batch=batch, last_day=TODAY + timedelta(days=30))

    soon.refresh_from_db()
    end = late.expires_at
    late.refresh_from_db()
    assert CouponBatch.objects.get().valid_until == TODAY + timedelta(days=30)
    assert soon.expires_at.astimezone(timezone.get_current_timezone()).date() == TODAY + timedelta(days=31)
    assert late.expires_at == end


def test_a_batch_without_a_last_day_gets_none_by_extending(batch: CouponBatch) -> None:
    actions.extend_batch(batch=batch, last_day=TODAY + timedelta(days=3))

    assert CouponBatch.objects.get().valid_until is None


@pytest.mark.parametrize("last", [TODAY - timedelta(days=1), TODAY + timedelta(days=5)])
def test_extending_goes_forwards(batch: CouponBatch, last: date) -> None:
    CouponBatch.objects.update(valid_until=TODAY + timedelta(days=5))

    with pytest.raises(actions.NotLater, match=str(TODAY + timedelta(days=5))):
        actions.extend_batch(batch=batch, last_day=last)


# ── Deleted ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_codes_that_nobody_held_go_with_their_batch(batch: CouponBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    from attribution.coupons.actions import batches

    monkeypatch.setattr(batches, "AT_ONCE", 2)
    actions.print_coupons(batch=batch, count=5, at=NOON)

    actions.delete_batch(batch=batch)

    assert (CouponBatch.objects.count(), Coupon.objects.count()) == (0, 0)


def test_a_used_batch_is_never_deleted_even_if_the_use_was_voided(
    batch: CouponBatch, redeem: Callable[..., Any]
) -> None:
    redemption = redeem()
    actions.void_redemption(
        redemption=redemption, reason="mistake", staff=redemption.staff, request_id=redemption.request_id
    )

    with pytest.raises(actions.BatchUsed, match="End it instead"):
        actions.delete_batch(batch=batch)
    assert Coupon.objects.count() == 1


def test_a_batch_that_guests_claimed_of_is_kept(batch: CouponBatch) -> None:
    actions.claim_coupon(batch=batch, device="d" * 24, at=NOON)

    with pytest.raises(actions.BatchUsed):
        actions.delete_batch(batch=batch)


def test_a_batch_that_something_gives_out_is_kept(batch: CouponBatch) -> None:
    from surveys.models import Survey

    Survey.objects.create(name_en="First visit", reward_batch=batch)

    with pytest.raises(actions.BatchNeeded):
        actions.delete_batch(batch=batch)


def test_a_batch_whose_codes_are_being_made_is_kept(batch: CouponBatch) -> None:
    actions.request_codes(batch=batch, count=5, staff=None, language="en")

    with pytest.raises(actions.StillWorking):
        actions.delete_batch(batch=batch)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["coupons_coupon", "coupons_couponbatch"])
def test_the_database_itself_keeps_what_was_used(batch: CouponBatch, redeem: Callable[..., Any], table: str) -> None:
    """Past all code of ours: whoever deletes by hand is refused too."""
    redeem()

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


# ── As they stand ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, "running"),
        ({"is_paused": True}, "paused"),
        ({"valid_from": TODAY + timedelta(days=1)}, "not_yet"),
        ({"valid_until": TODAY - timedelta(days=1), "is_paused": True}, "ended"),
        ({"ended_at": NOON}, "ended"),
        ({"budget_minor": 0}, "spent"),
    ],
)
def test_a_batch_is_in_one_state(values: dict[str, Any], state: str) -> None:
    assert state_of(CouponBatch(face_value_minor=1, **values), timezone.now()).name == state


def test_a_batch_counts_what_became_of_its_coupons(batch: CouponBatch, redeem: Callable[..., Any]) -> None:
    redemption = redeem()
    actions.claim_coupon(batch=batch, device="d" * 24, at=NOON)
    actions.issue_coupon(batch=batch, at=NOON)
    gone = redeem(code=Coupon.objects.last().code)
    actions.void_redemption(redemption=gone, reason="mistake", staff=gone.staff, request_id=gone.request_id)
    actions.end_batch(batch=batch)

    batch.refresh_from_db()
    counts = counts_of(batch, timezone.now())

    assert redemption.is_standing
    assert (counts.issued, counts.claimed, counts.redeemed, counts.voided, counts.expired) == (3, 1, 1, 1, 2)
    assert counts.rate == pytest.approx(1 / 3)
