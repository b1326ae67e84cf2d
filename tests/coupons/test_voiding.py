"""Voids: once, with a reason; the coupon, the touch and the order follow."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction

from attribution.coupons import actions
from attribution.coupons.actions import voiding
from attribution.coupons.models import CouponBatch, Redemption, Void
from attribution.customers.actions import record_order
from attribution.customers.models import Order
from attribution.evidence.models import Touchpoint
from tests.coupons.conftest import NOON

Redeem = Callable[..., Redemption]
VoidIt = Callable[..., Void]


@pytest.fixture
def void(clerk: Any) -> VoidIt:
    def act(redemption: Redemption, **changes: Any) -> Void:
        values = {"reason": "mistake", "staff": clerk.staff, "request_id": uuid4()} | changes
        return actions.void_redemption(redemption=redemption, **values)

    return act


def test_a_void_is_a_row_of_its_own(redeem: Redeem, void: VoidIt, clerk: Any) -> None:
    redemption = redeem()

    row = void(redemption, reason="cancelled", note="guest left")

    assert (row.redemption, row.reason, row.note, row.staff) == (redemption, "cancelled", "guest left", clerk.staff)
    assert not redemption.is_standing
    assert not Redemption.objects.standing().exists()


def test_a_voided_coupon_can_be_used_again(redeem: Redeem, void: VoidIt) -> None:
    first = redeem()
    void(first)

    again = redeem()

    assert list(Redemption.objects.standing()) == [again]


def test_a_voided_platform_code_can_be_used_again(redeem: Redeem, void: VoidIt, platform_batch: CouponBatch) -> None:
    values = {"code": "1234", "issuer": "meituan", "batch": platform_batch}
    void(redeem(**values))

    assert redeem(**values).is_standing


def test_a_voided_coupon_that_has_expired_stays_expired(redeem: Redeem, void: VoidIt, batch: CouponBatch) -> None:
    redemption = redeem()
    CouponBatch.objects.update(valid_until="2026-03-09")
    void(redemption)

    with pytest.raises(actions.Expired):
        redeem()


def test_the_same_request_is_one_void(redeem: Redeem, void: VoidIt) -> None:
    redemption = redeem()
    first = void(redemption, request_id=UUID(int=3))

    assert void(redemption, request_id=UUID(int=3)) == first


@pytest.mark.parametrize("changes", [{"reason": "other"}, {"other": True}])
def test_a_request_id_of_another_void_is_refused(
    redeem: Redeem, void: VoidIt, batch: CouponBatch, changes: dict[str, Any]
) -> None:
    redemption = redeem()
    void(redemption, request_id=UUID(int=3))
    if changes.pop("other", False):
        redemption = redeem(code=actions.issue_coupon(batch=batch, at=NOON).code)

    with pytest.raises(actions.RequestReused):
        void(redemption, request_id=UUID(int=3), **changes)


def test_a_second_void_is_told_when_the_first_was(redeem: Redeem, void: VoidIt) -> None:
    redemption = redeem()
    with time_machine.travel(datetime(2026, 3, 10, 6, 30, tzinfo=UTC), tick=False):
        void(redemption)

        with pytest.raises(actions.RedemptionAlreadyVoided) as refused:
            void(Redemption.objects.get())

    assert (str(refused.value), Void.objects.count()) == ("Voided already at 14:30.", 1)


@pytest.mark.parametrize("changes", [{"reason": "because"}, {"reason": ""}, {"note": "n" * 201}])
def test_a_void_needs_one_of_the_reasons(redeem: Redeem, void: VoidIt, changes: dict[str, str]) -> None:
    redemption = redeem()

    with pytest.raises(actions.BadInput) as refused:
        void(redemption, **changes)

    assert refused.value.field == "reason"
    assert Redemption.objects.standing().exists()


def test_its_touch_is_retracted(redeem: Redeem, void: VoidIt) -> None:
    redemption = redeem(phone="13800138000")
    assert Touchpoint.objects.standing().count() == 1

    void(redemption)

    assert Touchpoint.objects.standing().count() == 0


def test_the_constraint_has_the_last_word(redeem: Redeem, void: VoidIt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rival is written after we have looked: our insert fails, we look again, and find it."""
    redemption = redeem()
    first = void(redemption, request_id=UUID(int=3))
    write, tries = voiding._void, []

    def write_too_late(*values: Any) -> Void:
        tries.append(values)
        if len(tries) > 1:
            return write(*values)
        with transaction.atomic():
            return Void.objects.create(redemption=redemption, reason="mistake", staff=first.staff, request_id=uuid4())

    monkeypatch.setattr(voiding, "_void", write_too_late)

    assert void(redemption, request_id=UUID(int=3)) == first


def test_an_unforeseen_conflict_is_not_hidden(redeem: Redeem, void: VoidIt, monkeypatch: pytest.MonkeyPatch) -> None:
    redemption = redeem()
    void(redemption)
    monkeypatch.setattr(voiding, "lost", lambda *_: False)
    Redemption.objects.update(is_standing=True)

    with pytest.raises(IntegrityError):
        void(redemption)


# ── The order ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_provisional_order_goes_with_its_last_redemption(redeem: Redeem, void: VoidIt) -> None:
    redemption = redeem(order_number="A1")

    void(redemption)

    assert not Order.objects.standing().exists()


def test_a_provisional_order_gets_the_discount_back(redeem: Redeem, void: VoidIt, batch: CouponBatch) -> None:
    first = redeem(order_number="A1")
    redeem(order_number="A1", code=actions.issue_coupon(batch=batch, at=NOON).code)

    void(first)

    order = Order.objects.standing().get()
    assert (order.amount_minor, order.discount_minor) == (3500, 1500)


def test_the_number_can_be_used_again_with_other_figures(redeem: Redeem, void: VoidIt) -> None:
    void(redeem(order_number="A1", amount_minor=50000, phone="13900139000"))

    redemption = redeem(order_number="A1", amount_minor=5000)

    order = Order.objects.standing().get()
    assert (order.amount_minor, order.discount_minor, order.customer) == (3500, 1500, None)
    assert redemption.order == order


def test_an_order_of_the_till_system_stays(redeem: Redeem, void: VoidIt, store: Any) -> None:
    redemption = redeem(order_number="A1")
    record_order(store=store, number="A1", placed_at=NOON, amount_minor=3500, discount_minor=1500, source="import")

    void(redemption)

    order = Order.objects.standing().get()
    assert (order.amount_minor, order.discount_minor) == (3500, 1500)
