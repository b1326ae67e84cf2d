"""Coupons given out: counted, one a device, many for the printer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from attribution.coupons import actions
from attribution.coupons.actions import issuing
from attribution.coupons.models import Coupon, CouponBatch
from attribution.customers.actions import resolve_customer
from attribution.customers.models import Customer
from attribution.evidence.actions import record_visit
from attribution.evidence.models import Touchpoint, TrackedLink
from tests.coupons.conftest import NOON

DEVICE = "a-device-of-the-guests-own"


def test_an_issued_coupon_is_counted_and_its_code_checks(batch: CouponBatch) -> None:
    coupon = actions.issue_coupon(batch=batch, at=NOON)

    batch.refresh_from_db()
    assert batch.issued_count == 1
    assert (coupon.issued_at, coupon.claimed_at, coupon.issued_to) == (NOON, None, None)


def test_a_coupon_given_to_somebody_is_claimed_at_once(batch: CouponBatch) -> None:
    customer = resolve_customer(identities=[("device", DEVICE)], at=NOON)

    coupon = actions.issue_coupon(batch=batch, customer=customer, at=NOON)

    assert (coupon.issued_to, coupon.claimed_at) == (customer, NOON)


def test_it_holds_for_whole_days_of_the_business(batch: CouponBatch) -> None:
    batch.days_valid = 7
    batch.valid_until = date(2026, 3, 31)

    coupon = actions.issue_coupon(batch=batch, at=NOON)

    # Issued on the 10th in Shanghai: the 17th is the last day, and it ends at 16:00 UTC.
    assert coupon.expires_at == datetime(2026, 3, 17, 16, 0, tzinfo=UTC)
    assert coupon.last_day == date(2026, 3, 17)
    assert Coupon(batch=batch).last_day == date(2026, 3, 31)


def test_an_end_is_unknown_where_there_is_none(coupon: Coupon) -> None:
    assert coupon.last_day is None


def test_the_last_one_is_given_once(batch: CouponBatch) -> None:
    CouponBatch.objects.filter(pk=batch.pk).update(stock=1)
    actions.issue_coupon(batch=batch, at=NOON)

    with pytest.raises(actions.OutOfStock):
        actions.issue_coupon(batch=batch, at=NOON)

    assert Coupon.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"is_paused": True}, actions.BatchPaused),
        ({"issuer": "meituan"}, actions.NotOurs),
        ({"valid_until": date(2026, 3, 9)}, actions.BatchOver),
        ({"stock": 0}, actions.OutOfStock),
    ],
)
def test_a_batch_that_is_closed_gives_nothing(
    batch: CouponBatch, change: dict[str, Any], refusal: type[Exception]
) -> None:
    for name, value in change.items():
        setattr(batch, name, value)
    batch.save()

    with pytest.raises(refusal):
        actions.issue_coupon(batch=batch, at=NOON)
    with pytest.raises(refusal):
        actions.claim_coupon(batch=batch, device=DEVICE, at=NOON)

    assert (Coupon.objects.count(), Customer.objects.count()) == (0, 0)


def test_a_pause_since_the_batch_was_read_is_heeded(batch: CouponBatch) -> None:
    CouponBatch.objects.update(is_paused=True)

    with pytest.raises(actions.BatchPaused):
        actions.issue_coupon(batch=batch, at=NOON)


def test_a_batch_that_guests_may_not_claim_gives_them_nothing(batch: CouponBatch) -> None:
    batch.is_claimable = False

    with pytest.raises(actions.NotClaimable):
        actions.claim_coupon(batch=batch, device=DEVICE, at=NOON)


def test_a_device_gets_one_coupon_however_often_it_asks(batch: CouponBatch) -> None:
    first = actions.claim_coupon(batch=batch, device=DEVICE, at=NOON)
    CouponBatch.objects.update(stock=1)  # and it keeps it when there are no more

    again = actions.claim_coupon(batch=batch, device=DEVICE, at=NOON + timedelta(days=1))

    assert again == first
    assert CouponBatch.objects.get().issued_count == 1


def test_a_claim_makes_a_customer_and_no_touch_but_adopts_the_visits(
    batch: CouponBatch, channels: dict[str, Any]
) -> None:
    link = TrackedLink.objects.create(channel=channels["metro"], destination="/")
    record_visit(link=link, device=DEVICE, at=NOON - timedelta(hours=1))

    coupon = actions.claim_coupon(batch=batch, device=DEVICE, at=NOON)

    touch = Touchpoint.objects.get()
    assert (touch.kind, touch.customer) == ("link", coupon.issued_to)


def test_two_claims_of_one_device_at_once_are_one(batch: CouponBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    rival = actions.claim_coupon(batch=batch, device=DEVICE, at=NOON)
    look, looks = issuing.claimed_coupon, []

    def look_too_early(**values: Any) -> Coupon | None:
        looks.append(values)
        return None if len(looks) == 1 else look(**values)

    monkeypatch.setattr(issuing, "claimed_coupon", look_too_early)
    coupon = actions.claim_coupon(batch=batch, device=DEVICE, at=NOON)

    assert (coupon, Coupon.objects.count(), CouponBatch.objects.get().issued_count) == (rival, 1, 1)


def test_an_unforeseen_conflict_is_not_hidden(batch: CouponBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = actions.issue_coupon(batch=batch, at=NOON).code
    monkeypatch.setattr(issuing, "new_code", lambda: taken)

    with pytest.raises(IntegrityError):
        actions.claim_coupon(batch=batch, device=DEVICE, at=NOON)


def test_the_printer_gets_all_codes_or_none(batch: CouponBatch) -> None:
    CouponBatch.objects.update(stock=5)

    coupons = actions.print_coupons(batch=batch, count=5, at=NOON)
    with pytest.raises(actions.OutOfStock):
        actions.print_coupons(batch=batch, count=1, at=NOON)

    assert len({coupon.code for coupon in coupons}) == Coupon.objects.count() == 5


def test_the_printer_gets_ten_thousand_at_most(batch: CouponBatch) -> None:
    with pytest.raises(ValueError, match="10001"):
        actions.print_coupons(batch=batch, count=10_001, at=NOON)
