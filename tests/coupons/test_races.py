"""Many at once: one code is used once, one request is one redemption, and the controls show that the races are real."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections

from attribution.coupons import actions
from attribution.coupons.actions import redeeming
from attribution.coupons.models import Attempt, Coupon, CouponBatch, Redemption, Void
from attribution.customers.models import Customer, Order
from attribution.errors import DomainError
from attribution.evidence.models import Touchpoint
from tests.coupons.conftest import NOON

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
Act = Callable[[int], object]


def at_once(times: int, act: Act) -> Counter[str]:
    """Do it in so many threads, each with a connection of its own, all starting together; count what came of it."""
    start = threading.Barrier(times)

    def one(number: int) -> str:
        try:
            start.wait()
            act(number)
        except DomainError as refusal:
            return refusal.code
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(one, range(times)))


@pytest.fixture
def redeem_at_once(store: Any, clerk: Any, coupon: Coupon) -> Callable[..., Counter[str]]:
    def act(times: int, **changes: Any) -> Counter[str]:
        values = {"code": coupon.code, "store": store, "staff": clerk.staff, "amount_minor": 5000, "order_number": ""}
        return at_once(
            times,
            lambda _number: actions.redeem_coupon(**({"request_id": uuid4()} | values | {"at": NOON} | changes)),
        )

    return act


def test_of_fifty_redemptions_of_one_code_one_succeeds(redeem_at_once: Callable[..., Counter[str]]) -> None:
    assert redeem_at_once(50) == {"done": 1, "already_redeemed": 49}

    assert Redemption.objects.count() == 1
    assert list(Attempt.objects.values_list("reason", flat=True)) == ["already_redeemed"] * 49


@contextmanager
def without_constraint() -> Iterator[None]:
    """Let the database allow two standing redemptions of one use."""
    constraint = next(c for c in Redemption._meta.constraints if c.name == "redemption_use_stands_once")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Redemption, constraint)
    try:
        yield
    finally:
        Redemption.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Redemption, constraint)


@contextmanager
def without_lock(times: int) -> Iterator[None]:
    """Judge and write without a transaction, and let everybody judge before anybody writes."""
    all_have_judged = threading.Barrier(times)
    find, judge, local = redeeming.find, redeeming.judge, threading.local()

    def judge_together(*values: Any) -> Any:
        usable = judge(*values)
        if not hasattr(local, "judged"):  # who looks again after a lost race looks alone
            local.judged = True
            all_have_judged.wait()
        return usable

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redeeming._Redeeming, "_write", redeeming._Redeeming._write.__wrapped__)  # type: ignore[attr-defined]
        patch.setattr(redeeming, "find", lambda **values: find(**(values | {"lock": False})))
        patch.setattr(redeeming, "judge", judge_together)
        yield


def test_control_with_the_guards_off_one_code_is_used_many_times(
    redeem_at_once: Callable[..., Counter[str]],
) -> None:
    with without_constraint(), without_lock(50):
        assert redeem_at_once(50) == {"done": 50}
        assert Redemption.objects.count() == 50


def test_the_constraint_alone_holds(redeem_at_once: Callable[..., Counter[str]]) -> None:
    with without_lock(50):
        assert redeem_at_once(50) == {"done": 1, "already_redeemed": 49}


def test_the_lock_alone_holds(redeem_at_once: Callable[..., Counter[str]]) -> None:
    with without_constraint():
        assert redeem_at_once(50) == {"done": 1, "already_redeemed": 49}


def test_of_a_code_of_seven_uses_seven_succeed(redeem_at_once: Callable[..., Counter[str]]) -> None:
    CouponBatch.objects.update(uses_per_code=7)

    assert redeem_at_once(20) == {"done": 7, "already_redeemed": 13}
    assert sorted(Redemption.objects.values_list("use", flat=True)) == [1, 2, 3, 4, 5, 6, 7]


def test_one_request_twenty_times_is_one_redemption_order_customer_and_touch(
    redeem_at_once: Callable[..., Counter[str]],
) -> None:
    one = {"request_id": UUID(int=5), "order_number": "A1", "phone": "13800138000"}

    assert redeem_at_once(20, **one) == {"done": 20}
    counts = [model.objects.count() for model in (Redemption, Order, Customer, Touchpoint, Attempt)]
    assert counts == [1, 1, 1, 1, 0]


def test_a_platforms_code_is_used_once(
    redeem_at_once: Callable[..., Counter[str]], platform_batch: CouponBatch
) -> None:
    outside = {"code": "889123456789", "issuer": "meituan", "batch": platform_batch}

    assert redeem_at_once(20, **outside) == {"done": 1, "already_redeemed": 19}


def test_different_coupons_on_one_bill_share_one_order(batch: CouponBatch, store: Any, clerk: Any) -> None:
    CouponBatch.objects.update(minimum_spend_minor=0)
    codes = []
    for _ in range(8):  # of different batches, so that nothing but the order is shared
        batch.pk, batch.claim_token = None, uuid4().hex[:22]
        batch.save()
        codes.append(actions.issue_coupon(batch=batch, at=NOON).code)

    done = at_once(
        8,
        lambda number: actions.redeem_coupon(
            code=codes[number], store=store, staff=clerk.staff, request_id=uuid4(), amount_minor=20000,
            order_number="A1", at=NOON,
        ),
    )  # fmt: skip

    order = Order.objects.get()
    assert done == {"done": 8}
    assert (order.amount_minor, order.discount_minor) == (20000 - 8 * 1500, 8 * 1500)


def test_redemptions_and_voids_in_between_never_stand_twice(coupon: Coupon, store: Any, clerk: Any) -> None:
    def redeem_and_void(number: int) -> None:
        redemption = actions.redeem_coupon(
            code=coupon.code, store=store, staff=clerk.staff, request_id=uuid4(), amount_minor=5000,
            order_number="A1", at=NOON,
        )  # fmt: skip
        if number % 2:
            actions.void_redemption(redemption=redemption, reason="mistake", staff=clerk.staff, request_id=uuid4())

    for _round in range(3):
        at_once(12, redeem_and_void)

    standing = Redemption.objects.standing().count()
    assert standing <= 1
    assert Redemption.objects.count() - Void.objects.count() == standing
    assert Order.objects.standing().count() == standing


def test_of_ten_voids_of_one_redemption_one_succeeds(coupon: Coupon, store: Any, clerk: Any) -> None:
    redemption = actions.redeem_coupon(
        code=coupon.code,
        store=store,
        staff=clerk.staff,
        request_id=uuid4(),
        amount_minor=5000,
        order_number="",
        at=NOON,
    )

    def void(_number: int) -> None:
        mine = Redemption.objects.get(pk=redemption.pk)
        actions.void_redemption(redemption=mine, reason="mistake", staff=clerk.staff, request_id=uuid4())

    assert at_once(10, void) == {"done": 1, "already_voided": 9}


def test_the_last_five_are_given_to_five(batch: CouponBatch) -> None:
    CouponBatch.objects.update(stock=5)

    assert at_once(20, lambda _: actions.issue_coupon(batch=batch, at=NOON)) == {"done": 5, "out_of_stock": 15}
    assert (Coupon.objects.count(), CouponBatch.objects.get().issued_count) == (5, 5)


def test_one_device_twenty_times_claims_one_coupon(batch: CouponBatch) -> None:
    done = at_once(20, lambda _: actions.claim_coupon(batch=batch, device="d" * 24, at=NOON))

    assert done == {"done": 20}
    assert (Coupon.objects.count(), Customer.objects.count(), CouponBatch.objects.get().issued_count) == (1, 1, 1)


# ── Limits of a batch: many codes, and one count that all of them share ─────────────────────────────────────────────


@pytest.fixture
def each_their_own(batch: CouponBatch, store: Any, clerk: Any) -> Callable[..., Counter[str]]:
    """Redeem so many codes of one batch at once, each with a request and a bill of its own."""

    def act(times: int, **changes: Any) -> Counter[str]:
        codes = [coupon.code for coupon in actions.print_coupons(batch=batch, count=times, at=NOON)]
        values = {"store": store, "staff": clerk.staff, "amount_minor": 5000, "order_number": "", "at": NOON} | changes
        return at_once(times, lambda number: actions.redeem_coupon(code=codes[number], request_id=uuid4(), **values))

    return act


LIMITS = [
    ({"budget_minor": 3 * 1500}, "budget_spent"),
    ({"uses_per_day": 3}, "daily_limit"),
    ({"uses_per_customer": 3}, "customer_limit"),
]


@pytest.mark.parametrize(("limit", "reason"), LIMITS)
def test_of_two_hundred_at_once_exactly_the_limit_stands(
    each_their_own: Callable[..., Counter[str]], limit: dict[str, Any], reason: str
) -> None:
    CouponBatch.objects.update(**limit)

    assert each_their_own(200, phone="13800138000") == {"done": 3, reason: 197}
    counted = CouponBatch.objects.get()
    assert (counted.redeemed_count, counted.spent_minor) == (3, 3 * 1500)
    assert Redemption.objects.standing().count() == 3


@pytest.mark.parametrize(("limit", "reason"), LIMITS[1:])
def test_control_without_the_lock_the_limit_is_exceeded(
    each_their_own: Callable[..., Counter[str]], limit: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    CouponBatch.objects.update(**limit)
    everybody, ask = threading.Barrier(30), redeeming.ensure_customer_may

    def ask_together(*values: Any) -> None:
        ask(*values)
        everybody.wait()

    monkeypatch.setattr(redeeming, "ensure_customer_may", ask_together)
    with without_lock(30):
        assert each_their_own(30, phone="13800138000") == {"done": 30}


def test_control_without_the_condition_the_budget_is_exceeded(
    each_their_own: Callable[..., Counter[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    CouponBatch.objects.update(budget_minor=3 * 1500)
    monkeypatch.setattr(redeeming, "count_use", lambda batch, discount: None)

    with without_lock(30):
        assert each_their_own(30) == {"done": 30}


def test_what_stands_alone_is_alone_on_its_bill_whoever_else_comes(
    each_their_own: Callable[..., Counter[str]],
) -> None:
    CouponBatch.objects.update(stacking="alone")

    assert each_their_own(20, order_number="A1") == {"done": 1, "not_stackable": 19}
