"""A coupon used at the till: what is written, whose it is, and what it says of the channel."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from attribution import facts
from attribution.coupons import actions
from attribution.coupons.actions import redeeming
from attribution.coupons.models import Attempt, Coupon, CouponBatch, Redemption
from attribution.customers.actions import find_customer, record_order, resolve_customer
from attribution.customers.identities import BadPhone
from attribution.customers.models import Customer, Order
from attribution.evidence.models import Touchpoint
from tests.coupons.conftest import NOON

Redeem = Callable[..., Redemption]
PHONE = "13800138000"


def test_a_redemption_says_all_that_happened(redeem: Redeem, coupon: Coupon, store: Any, clerk: Any) -> None:
    redemption = redeem()

    assert Redemption.objects.get() == redemption
    assert (redemption.coupon, redemption.batch, redemption.use, redemption.issuer) == (coupon, coupon.batch, 1, "own")
    assert (redemption.store, redemption.staff, redemption.redeemed_at) == (store, clerk.staff, NOON)
    assert (redemption.bill_minor, redemption.discount_minor, redemption.to_pay_minor) == (5000, 1500, 3500)
    assert (redemption.order, redemption.customer) == (None, None)
    assert (Attempt.objects.count(), Touchpoint.objects.count(), Order.objects.count()) == (0, 0, 0)


def test_the_bell_rings(redeem: Redeem, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(facts, "CHANGED", [lambda: rung.append(True)])

    redeem()

    assert rung


def test_a_discount_is_never_more_than_the_bill(redeem: Redeem, batch: CouponBatch) -> None:
    CouponBatch.objects.update(minimum_spend_minor=0)

    assert redeem(amount_minor=1200).discount_minor == 1200


def test_the_code_is_typed_as_people_type(redeem: Redeem, coupon: Coupon) -> None:
    spoken = " ".join(coupon.code).lower()

    assert redeem(code=spoken).coupon == coupon


# ── Once ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_request_is_one_redemption(redeem: Redeem) -> None:
    request_id = uuid4()
    first = redeem(request_id=request_id, order_number="A1", phone=PHONE)

    again = redeem(request_id=request_id, order_number="A1", phone=PHONE)

    assert again == first
    assert (Redemption.objects.count(), Order.objects.count(), Attempt.objects.count()) == (1, 1, 0)


@pytest.mark.parametrize(
    "change", [{"amount_minor": 5001}, {"order_number": "A2"}, {"phone": "13900139000"}, {"code": "other"}]
)
def test_a_request_id_with_another_body_is_refused(redeem: Redeem, batch: CouponBatch, change: dict[str, Any]) -> None:
    request_id = uuid4()
    redeem(request_id=request_id)
    if "code" in change:
        change = {"code": actions.issue_coupon(batch=batch, at=NOON).code}

    with pytest.raises(actions.RequestReused) as refused:
        redeem(request_id=request_id, **change)

    assert str(refused.value) == "This was entered already at 12:00, with other figures. Void that entry to correct it."
    assert (Redemption.objects.count(), Attempt.objects.get().reason) == (1, "request_reused")


def test_a_code_of_three_uses_takes_the_lowest_free_one(redeem: Redeem, batch: CouponBatch, clerk: Any) -> None:
    CouponBatch.objects.update(uses_per_code=3)
    uses = [redeem() for _ in range(3)]

    actions.void_redemption(redemption=uses[1], reason="mistake", staff=clerk.staff, request_id=uuid4())
    again = redeem()
    with pytest.raises(actions.CouponAlreadyRedeemed):
        redeem()

    assert [one.use for one in uses] == [1, 2, 3]
    assert again.use == 2


def test_the_constraint_has_the_last_word(redeem: Redeem, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rival is written after we have judged: our insert fails, we look again, and tell who was first."""
    redeem(at=NOON - timedelta(minutes=8))
    judge, judged = redeeming.judge, []

    def judge_too_early(found: Any, store: Any, at: Any) -> Any:
        judged.append(found)
        return actions.Usable(found.batch, found.coupon, found.code) if len(judged) == 1 else judge(found, store, at)

    monkeypatch.setattr(redeeming, "judge", judge_too_early)
    with pytest.raises(actions.CouponAlreadyRedeemed) as refused:
        redeem()

    assert (len(judged), str(refused.value)) == (2, "Used at 11:52 in Xuhui.")
    assert (Redemption.objects.count(), Attempt.objects.get().reason) == (1, "already_redeemed")


def test_an_unforeseen_conflict_is_not_hidden(redeem: Redeem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redemption, "full_clean", lambda self: None)
    monkeypatch.setattr(redeeming.Asked, "digest", lambda self: None)

    with pytest.raises(IntegrityError):
        redeem()


# ── Whose it is ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_the_customers_it_was_given_to(redeem: Redeem, coupon: Coupon) -> None:
    Coupon.objects.update(issued_to=resolve_customer(identities=[("device", "d" * 24)], at=NOON))

    redemption = redeem(order_number="A1")

    assert redemption.customer is not None
    assert redemption.order is not None
    assert redemption.customer == redemption.order.customer == Coupon.objects.get().issued_to


def test_a_merged_customer_is_the_one_they_became(redeem: Redeem, coupon: Coupon) -> None:
    became = Customer.objects.create()
    Coupon.objects.update(issued_to=Customer.objects.create(merged_into=became))

    assert redeem().customer == became


def test_a_phone_makes_a_customer(redeem: Redeem) -> None:
    redemption = redeem(phone=" 138 0013 8000 ", order_number="A1")

    assert redemption.customer == find_customer(kind="phone", value=PHONE)
    assert Order.objects.get().customer == redemption.customer


def test_a_phone_joins_the_device_that_the_coupon_was_given_to(redeem: Redeem) -> None:
    device = "d" * 24
    Coupon.objects.update(issued_to=resolve_customer(identities=[("device", device)], at=NOON))

    customer = redeem(phone=PHONE).customer

    assert customer == find_customer(kind="phone", value=PHONE) == find_customer(kind="device", value=device)


def test_a_phone_known_already_takes_the_device_in(redeem: Redeem) -> None:
    regular = resolve_customer(identities=[("phone", PHONE)], at=NOON)
    Coupon.objects.update(issued_to=resolve_customer(identities=[("device", "d" * 24)], at=NOON))

    assert redeem(phone=PHONE).customer == regular
    assert find_customer(kind="device", value="d" * 24) == regular


def test_a_coupon_passed_to_a_friend_is_the_friends(redeem: Redeem) -> None:
    giver = resolve_customer(identities=[("phone", "13900139000"), ("device", "d" * 24)], at=NOON)
    Coupon.objects.update(issued_to=giver)

    friend = redeem(phone=PHONE).customer

    assert friend == find_customer(kind="phone", value=PHONE)
    assert find_customer(kind="device", value="d" * 24) == giver != friend


def test_a_phone_that_is_none_is_refused_and_nothing_else_happens(redeem: Redeem) -> None:
    with pytest.raises(BadPhone):
        redeem(phone="12", order_number="A1")

    assert (Redemption.objects.count(), Order.objects.count(), Customer.objects.count()) == (0, 0, 0)
    assert Attempt.objects.get().reason == "bad_input"


def test_an_order_that_is_somebodys_says_whose_the_coupon_was(redeem: Redeem, store: Any) -> None:
    buyer = resolve_customer(identities=[("member", "M1")], at=NOON)
    record_order(store=store, number="A1", placed_at=NOON, amount_minor=3500, customer=buyer, source="import")

    assert redeem(order_number="A1").customer == buyer


# ── The order ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_number_nobody_knows_becomes_a_provisional_order(redeem: Redeem, store: Any) -> None:
    order = redeem(order_number=" Ａ1 ").order

    assert order is not None
    assert (order.store, order.number, order.placed_at, order.source) == (store, "A1", NOON, "till")
    assert (order.amount_minor, order.discount_minor, order.is_provisional) == (3500, 1500, True)


def test_two_coupons_on_one_bill_share_its_order(redeem: Redeem, batch: CouponBatch) -> None:
    redeem(order_number="A1")
    second = actions.issue_coupon(batch=batch, at=NOON)

    redemption = redeem(order_number="A1", code=second.code, at=NOON + timedelta(minutes=1))

    order = Order.objects.get()
    assert (order.amount_minor, order.discount_minor, order.placed_at) == (2000, 3000, NOON)
    assert (redemption.discount_minor, redemption.to_pay_minor) == (1500, 2000)


def test_the_second_coupon_takes_off_only_what_is_left(redeem: Redeem, batch: CouponBatch) -> None:
    CouponBatch.objects.update(minimum_spend_minor=0)
    redeem(order_number="A1", amount_minor=2000)
    second = actions.issue_coupon(batch=batch, at=NOON)

    assert redeem(order_number="A1", amount_minor=2000, code=second.code).discount_minor == 500


def test_friends_who_share_a_bill_leave_it_the_first_ones(redeem: Redeem, batch: CouponBatch) -> None:
    first = redeem(order_number="A1", phone=PHONE).customer
    second = actions.issue_coupon(batch=batch, at=NOON)

    other = redeem(order_number="A1", phone="13900139000", code=second.code).customer

    assert other != first
    assert Order.objects.get().customer == first


@pytest.mark.parametrize(("amount", "discount"), [(3500, 1500), (3500, 0), (5000, 0)])
def test_an_order_the_till_system_sent_is_joined_and_left_as_it_is(
    redeem: Redeem, store: Any, amount: int, discount: int
) -> None:
    record_order(
        store=store, number="A1", placed_at=NOON, amount_minor=amount, discount_minor=discount, source="import"
    )

    redemption = redeem(order_number="A1", phone=PHONE)

    order = Order.objects.get()
    assert redemption.order == order
    assert (order.amount_minor, order.discount_minor, order.is_provisional) == (amount, discount, False)
    assert order.customer == redemption.customer
    assert redemption.to_pay_minor == 3500


def test_an_order_the_till_system_sent_stays_unidentified_without_a_customer(redeem: Redeem, store: Any) -> None:
    record_order(store=store, number="A1", placed_at=NOON, amount_minor=5000, source="import")

    assert redeem(order_number="A1").customer is None


def test_an_import_settles_the_provisional_order(redeem: Redeem, store: Any) -> None:
    redemption = redeem(order_number="A1")

    record_order(store=store, number="A1", placed_at=NOON, amount_minor=3480, discount_minor=1500, source="import")

    order = Order.objects.get()
    assert (order.amount_minor, order.is_provisional, order.redemptions.get()) == (3480, False, redemption)


# ── What it says of the channel ─────────────────────────────────────────────────────────────────────────────────────


def test_a_redemption_of_a_channels_batch_is_one_touch(redeem: Redeem, channels: dict[str, Any]) -> None:
    request_id = UUID(int=7)
    for _ in range(2):
        redemption = redeem(phone=PHONE, request_id=request_id)

    touch = Touchpoint.objects.get()
    assert (touch.kind, touch.channel, touch.customer) == ("coupon", channels["douyin"], redemption.customer)
    assert (touch.occurred_at, touch.source_key) == (NOON, f"redemption:{redemption.pk}")
    assert touch.mapping_key == f"batch:{redemption.batch_id}"


def test_a_thank_you_says_nothing_of_a_channel_but_joins_the_order(redeem: Redeem, batch: CouponBatch) -> None:
    CouponBatch.objects.update(channel=None)

    redemption = redeem(phone=PHONE, order_number="A1")

    assert Touchpoint.objects.count() == 0
    assert Order.objects.get().customer == redemption.customer


# ── A platform's coupon ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_platforms_code_is_used_once_per_platform(redeem: Redeem, platform_batch: CouponBatch) -> None:
    values = {"issuer": "meituan", "batch": platform_batch}

    redemption = redeem(code="8891 2345 6789", **values)
    with pytest.raises(actions.CouponAlreadyRedeemed):
        redeem(code="889123456789", **values)

    assert (redemption.outside_code, redemption.coupon, redemption.discount_minor) == ("889123456789", None, 1000)
    assert Redemption.objects.count() == 1


def test_two_platforms_may_use_the_same_code(redeem: Redeem, platform_batch: CouponBatch) -> None:
    other = CouponBatch.objects.create(name_en="Dianping", issuer="dianping", face_value_minor=500)
    redeem(code="1234", issuer="meituan", batch=platform_batch)

    assert redeem(code="1234", issuer="dianping", batch=other).discount_minor == 500


def test_a_platforms_code_from_a_list_is_a_coupon_of_its_own(redeem: Redeem, platform_batch: CouponBatch) -> None:
    listed = Coupon.objects.create(batch=platform_batch, issuer="meituan", code="A-1".replace("-", ""))

    assert redeem(code="a-1", issuer="meituan").coupon == listed
