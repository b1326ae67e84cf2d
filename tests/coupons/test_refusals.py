"""Every refused try: told exactly, kept with its reason, and nothing else is written."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone, translation

from attribution.coupons import actions
from attribution.coupons.actions import judging
from attribution.coupons.models import Attempt, Coupon, CouponBatch, Redemption
from attribution.customers.actions import record_order
from attribution.customers.models import Order
from attribution.errors import DomainError
from attribution.money import LARGEST_MINOR, BadAmount
from tests.coupons.conftest import NOON

Redeem = Callable[..., Redemption]


def refused(act: Callable[[], object]) -> tuple[str, str | None, str]:
    """Return what was told: code, field and words; assert that the try was kept and nothing redeemed."""
    before = Redemption.objects.count()
    with pytest.raises(DomainError) as info:
        act()
    assert Attempt.objects.latest("pk").reason == info.value.code
    assert Redemption.objects.count() == before
    return info.value.code, info.value.field, str(info.value)


@pytest.mark.parametrize("typed", ["2222222232X", "222222222OX", "0000", "", "2" * 11 + "X", "优惠券"])
def test_a_mistyped_code_is_told_before_any_look_up(
    redeem: Redeem, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "Coupon", None)

    code, field, _words = refused(lambda: redeem(code=typed))

    assert (code, field) == ("bad_check", "code")


def test_a_code_nobody_gave_out_is_told(redeem: Redeem) -> None:
    assert refused(lambda: redeem(code="2222222223X")) == (
        "unknown_code",
        "code",
        "We never gave out the code “2222-2222-23X”.",
    )


def test_a_used_coupon_says_when_and_where_in_the_readers_language(redeem: Redeem, other_store: Any) -> None:
    redeem(at=datetime(2026, 3, 10, 6, 2, tzinfo=UTC))

    with pytest.raises(actions.CouponAlreadyRedeemed) as info:
        redeem(store=other_store, at=datetime(2026, 3, 10, 7, 0, tzinfo=UTC))

    assert str(info.value) == "Used at 14:02 in Xuhui."
    with translation.override("zh-hans"):
        assert str(info.value).count("14:02") == str(info.value).count("徐汇店") == 1


def test_a_coupon_used_on_another_day_says_which(redeem: Redeem) -> None:
    redeem()

    # 16:30 UTC is half past midnight of the next day in Shanghai.
    told = refused(lambda: redeem(at=datetime(2026, 3, 10, 16, 30, tzinfo=UTC)))

    assert told[2] == "Used at 2026-03-10 12:00 in Xuhui."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"valid_until": date(2026, 3, 9)}, ("expired", "code", "Expired: it was valid until 2026-03-09.")),
        ({"valid_from": date(2026, 3, 11)}, ("not_yet_valid", "code", "Not valid yet: it holds from 2026-03-11.")),
        ({"is_paused": True}, ("paused", "code", "This offer is paused.")),
        ({"minimum_spend_minor": 5001}, ("below_minimum", "amount", "The bill must be at least ¥50.01.")),
    ],
)
def test_the_batchs_rules_hold(
    redeem: Redeem, batch: CouponBatch, change: dict[str, Any], told: tuple[str, str, str]
) -> None:
    CouponBatch.objects.update(**change)

    assert refused(redeem) == told


@pytest.mark.parametrize("days", [{"valid_from": date(2026, 3, 10)}, {"valid_until": date(2026, 3, 10)}])
def test_days_are_whole_days_of_the_store(redeem: Redeem, batch: CouponBatch, days: dict[str, date]) -> None:
    CouponBatch.objects.update(**days)
    before_midnight, midnight = datetime(2026, 3, 10, 15, 59, tzinfo=UTC), datetime(2026, 3, 9, 16, 0, tzinfo=UTC)

    assert redeem(at=midnight if "valid_from" in days else before_midnight)


@pytest.mark.parametrize(("until", "day"), [(None, "2026-03-09"), (date(2026, 3, 5), "2026-03-05")])
def test_a_coupon_ends_at_its_moment(redeem: Redeem, batch: CouponBatch, until: date | None, day: str) -> None:
    Coupon.objects.update(expires_at=datetime(2026, 3, 9, 16, 0, tzinfo=UTC))
    CouponBatch.objects.update(valid_until=until)

    assert refused(redeem) == ("expired", "code", f"Expired: it was valid until {day}.")


def test_a_coupon_holds_until_the_moment_before_its_end(redeem: Redeem) -> None:
    Coupon.objects.update(expires_at=NOON + timedelta(microseconds=1))

    assert redeem()


def test_a_coupon_of_other_stores_names_them(redeem: Redeem, batch: CouponBatch, other_store: Any) -> None:
    batch.stores.add(other_store)

    assert refused(redeem) == ("other_store", "code", "Not valid in this store, but in Jing’an.")
    assert redeem(store=other_store)


@pytest.mark.parametrize("amount", [-1, LARGEST_MINOR + 1])
def test_an_amount_that_cannot_be_is_refused(redeem: Redeem, amount: int) -> None:
    with pytest.raises(BadAmount):
        redeem(amount_minor=amount)

    assert Attempt.objects.get().reason == "bad_amount"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"issuer": "meituan", "code": "1234"}, "batch"),
        ({"issuer": "douyin", "code": "1234", "batch": "meituan"}, "batch"),
        ({"issuer": "nobody", "code": "1234"}, "code"),
        ({"issuer": "meituan", "code": "- -"}, "code"),
        ({"issuer": "meituan", "code": "1" * 65}, "code"),
        ({"order_number": "1" * 65}, "order_number"),
        ({"order_number": "A\x07"}, "order_number"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_name(
    redeem: Redeem, platform_batch: CouponBatch, values: dict[str, Any], field: str
) -> None:
    if "batch" in values:
        values = values | {"batch": platform_batch}

    assert refused(lambda: redeem(**values))[:2] == ("bad_input", field)


# ── Another's order ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "order",
    [
        {"amount_minor": 4999, "source": "import"},
        {"amount_minor": 5000, "source": "import", "placed_at": NOON - timedelta(days=1, seconds=1)},
        {"amount_minor": 5000, "source": "import", "kind": "refund"},
        {"amount_minor": 5001, "source": "till", "is_provisional": True},
        {"amount_minor": 3500, "source": "till", "is_provisional": True},
    ],
)
def test_a_number_of_another_order_is_refused(redeem: Redeem, store: Any, order: dict[str, Any]) -> None:
    record_order(**({"store": store, "number": "A1", "placed_at": NOON} | order))

    assert refused(lambda: redeem(order_number="A1"))[:2] == ("order_conflict", "order_number")


def test_a_voided_order_of_the_till_system_is_refused(redeem: Redeem, store: Any) -> None:
    record_order(store=store, number="A1", placed_at=NOON, amount_minor=5000, source="import")
    Order.objects.update(voided_at=NOON)

    told = refused(lambda: redeem(order_number="A1"))

    assert told[2] == "Number A1 belongs to another order: ¥50.00 at 12:00. Look at the receipt again."


# ── Guessing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def guess(store: Any, staff: Any, times: int) -> None:
    Attempt.objects.bulk_create(
        Attempt(reason="unknown_code", typed="2222222223X", store=store, staff=staff) for _ in range(times)
    )


def test_who_tries_ten_unknown_codes_waits(redeem: Redeem, store: Any, clerk: Any) -> None:
    guess(store, clerk.staff, 10)

    told = refused(redeem)

    assert told[0] == "too_many_tries"
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1), tick=False):
        assert redeem()


def test_nine_are_not_ten_and_a_slip_of_the_hand_is_no_guess(redeem: Redeem, store: Any, clerk: Any) -> None:
    guess(store, clerk.staff, 9)
    Attempt.objects.bulk_create(
        Attempt(reason="bad_check", typed="X", store=store, staff=clerk.staff) for _ in range(20)
    )

    assert redeem()


def test_thirty_unknown_codes_in_a_store_stop_everybody_there(
    redeem: Redeem, store: Any, other_store: Any, manager: Any
) -> None:
    guess(store, manager.staff, 30)

    assert refused(redeem)[0] == "too_many_tries"
    assert redeem(store=other_store)


# ── What is kept ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_try_is_kept_with_all_that_is_known(redeem: Redeem, coupon: Coupon, store: Any, clerk: Any) -> None:
    redeem()
    with pytest.raises(actions.CouponAlreadyRedeemed):
        redeem(code=f" {coupon.code.lower()} ", request_id=UUID(int=9))

    kept = Attempt.objects.get()
    assert (kept.typed, kept.coupon, kept.store, kept.staff) == (coupon.code, coupon, store, clerk.staff)
    assert (kept.reason, kept.request_id) == ("already_redeemed", UUID(int=9))


def test_a_long_text_is_cut(redeem: Redeem) -> None:
    refused(lambda: redeem(code="9" * 5000))

    assert Attempt.objects.get().typed == "9" * 64


def test_inspecting_changes_nothing_and_keeps_what_it_refuses(
    store: Any, clerk: Any, coupon: Coupon, redeem: Redeem
) -> None:
    look = {"code": coupon.code, "store": store, "staff": clerk.staff, "at": NOON}

    usable = actions.inspect_coupon(**look)
    assert (usable.coupon, usable.use, usable.uses_left, Attempt.objects.count()) == (coupon, 1, 1, 0)

    redeem()
    assert refused(lambda: actions.inspect_coupon(**look))[0] == "already_redeemed"


def test_inspecting_a_platforms_coupon_needs_its_offer(store: Any, clerk: Any, platform_batch: CouponBatch) -> None:
    usable = actions.inspect_coupon(code="1234", store=store, staff=clerk.staff, issuer="meituan", batch=platform_batch)

    assert (usable.batch, usable.coupon, usable.uses_left) == (platform_batch, None, 1)


def test_every_reason_has_words_in_the_back_office() -> None:
    assert all(str(label) for label in Attempt.Reason.labels)
    told = {refusal.code for refusal in actions.Refused.__subclasses__()} | {BadAmount.code}
    assert told == set(Attempt.Reason.values)
