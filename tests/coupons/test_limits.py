"""What a batch allows beyond its days and stores: each rule holds at the till, and says why in words of its own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from attribution.coupons import actions
from attribution.coupons.actions import judging
from attribution.coupons.models import Attempt, Coupon, CouponBatch, Redemption
from attribution.customers.models import Store
from tests.coupons.conftest import NOON

# 10 March 2026 is a Tuesday, and NOON is 12:00 in Shanghai.
LUNCH = [[11 * 60, 14 * 60]]
PHONE = "13800138000"
Redeem = Callable[..., Redemption]


def rules(**changes: Any) -> None:
    CouponBatch.objects.update(**changes)


def fresh(batch: CouponBatch) -> str:
    return actions.issue_coupon(batch=CouponBatch.objects.get(pk=batch.pk), at=NOON).code


def reasons() -> list[str]:
    return list(Attempt.objects.order_by("pk").values_list("reason", flat=True))


# ── Worth ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("percent", "cap", "bill", "discount"),
    [(20, None, 5000, 1000), (20, 800, 5000, 800), (15, None, 9999, 1499), (100, None, 3000, 3000)],
)
def test_a_share_of_the_bill_is_capped_and_rounded_down(
    redeem: Redeem, percent: int, cap: int | None, bill: int, discount: int
) -> None:
    rules(kind="percent", percent=percent, cap_minor=cap, face_value_minor=0)

    assert redeem(amount_minor=bill).discount_minor == discount


def test_a_share_is_of_what_earlier_coupons_left(redeem: Redeem, batch: CouponBatch) -> None:
    redeem(order_number="A1")  # 15.00 off 50.00
    rules(kind="percent", percent=10, face_value_minor=0)

    assert redeem(code=fresh(batch), order_number="A1").discount_minor == 350


def test_a_free_item_takes_its_price_off(redeem: Redeem, batch: CouponBatch) -> None:
    rules(kind="free_item", item_zh_hans="柠檬茶", face_value_minor=1800)

    assert redeem().discount_minor == 1800
    assert CouponBatch.objects.get().worth == "柠檬茶"  # in the other language where the reader's is missing


@pytest.mark.parametrize(
    ("values", "en", "zh_hans"),
    [
        ({}, "¥15.00 off your bill", "立减 ¥15.00"),
        ({"kind": "percent", "percent": 20}, "20% off your bill", "账单减 20%"),
        (
            {"kind": "percent", "percent": 20, "cap_minor": 3000},
            "20% off your bill, at most ¥30.00",
            "账单减 20%，最多减 ¥30.00",
        ),
        (
            {"kind": "free_item", "item_en": "Lemon tea", "item_zh_hans": "柠檬茶"},
            "Lemon tea for free",
            "免费获得柠檬茶",
        ),
    ],
)
def test_a_batch_says_what_it_promises_in_both_languages(values: dict[str, Any], en: str, zh_hans: str) -> None:
    batch = CouponBatch(face_value_minor=1500, **values)

    assert batch.promise == en
    with translation.override("zh-hans"):
        assert batch.promise == zh_hans


# ── Days and hours ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_hours_go_by_the_clock_of_the_store(redeem: Redeem, batch: CouponBatch) -> None:
    rules(hours=[LUNCH] * 7)
    tokyo = Store.objects.create(code="tokyo", name_en="Tokyo", zone="Asia/Tokyo")
    late = NOON + timedelta(minutes=90)  # 13:30 in Shanghai, 14:30 in Tokyo

    with pytest.raises(actions.WrongHour, match="Today it holds 11:00–14:00"):
        redeem(store=tokyo, at=late)
    assert redeem(at=late).is_standing
    assert reasons() == ["wrong_hour"]


def test_a_weekday_without_hours_is_another_reason(redeem: Redeem) -> None:
    rules(hours=[LUNCH, [], LUNCH, LUNCH, LUNCH, [], []])

    with pytest.raises(actions.WrongDay) as refused:
        redeem()
    assert str(refused.value) == ("Not valid on this day of the week. It holds Mon 11:00–14:00; Wed–Fri 11:00–14:00.")
    with translation.override("zh-hans"):
        assert "周一 11:00–14:00；周三–周五 11:00–14:00" in str(refused.value)
    assert reasons() == ["wrong_day"]


def test_hours_past_midnight_belong_to_the_evening_before(redeem: Redeem) -> None:
    rules(hours=[[[20 * 60, 26 * 60]], *[[]] * 6])  # Mondays from eight until two

    assert redeem(at=datetime(2026, 3, 9, 17, 59, tzinfo=UTC)).is_standing  # 01:59 on Tuesday


def test_the_till_hears_of_hours_before_it_types_an_amount(coupon: Coupon, store: Any, clerk: Any) -> None:
    rules(hours=[[], LUNCH, *[[]] * 5])

    with pytest.raises(actions.WrongDay):
        actions.inspect_coupon(code=coupon.code, store=store, staff=clerk.staff, at=NOON - timedelta(days=1))


# ── How many ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_has_its_limit_and_the_next_day_its_own(redeem: Redeem, batch: CouponBatch) -> None:
    rules(uses_per_day=2)
    first = redeem()
    redeem(code=fresh(batch))

    with pytest.raises(actions.DailyLimit, match="Only 2"):
        redeem(code=fresh(batch))
    assert redeem(code=fresh(batch), at=NOON + timedelta(days=1)).is_standing
    actions.void_redemption(redemption=first, reason="mistake", staff=first.staff, request_id=first.request_id)
    assert redeem(code=fresh(batch)).is_standing
    assert reasons() == ["daily_limit"]


def test_a_customer_has_a_limit_and_must_be_known(redeem: Redeem, batch: CouponBatch) -> None:
    rules(uses_per_customer=1)

    with pytest.raises(actions.CustomerNeeded) as unknown:
        redeem()
    assert unknown.value.field == "phone"
    redeem(phone=PHONE)
    with pytest.raises(actions.CustomerLimit):
        redeem(code=fresh(batch), phone=PHONE)
    assert redeem(code=fresh(batch), phone="13800138001").is_standing
    assert reasons() == ["customer_needed", "customer_limit"]


def test_a_customer_that_was_two_counts_as_one(redeem: Redeem, batch: CouponBatch) -> None:
    rules(uses_per_customer=1)
    before = redeem(phone=PHONE).customer
    after = redeem(code=fresh(batch), phone="13800138001").customer
    before.merged_into = after
    before.save()
    rules(uses_per_customer=2)

    with pytest.raises(actions.CustomerLimit):
        redeem(code=fresh(batch), phone="13800138001")


def test_a_code_of_several_uses_says_how_many_it_had(redeem: Redeem) -> None:
    rules(uses_per_code=2)
    redeem()
    redeem()

    with pytest.raises(actions.CouponAlreadyRedeemed, match=r"Used 2 times, .* last at 12:00 in Xuhui"):
        redeem()


def test_a_budget_is_never_exceeded_and_a_void_gives_back(redeem: Redeem, batch: CouponBatch) -> None:
    rules(budget_minor=3500)
    first = redeem()
    redeem(code=fresh(batch))  # 30.00 of 35.00 are given away

    with pytest.raises(actions.BudgetSpent, match=r"has ¥5.00 left, less than"):
        redeem(code=fresh(batch))
    actions.void_redemption(redemption=first, reason="mistake", staff=first.staff, request_id=first.request_id)
    redeem(code=fresh(batch))
    rules(budget_minor=3000)
    with pytest.raises(actions.BudgetSpent, match="used up"):
        redeem(code=fresh(batch))

    counted = CouponBatch.objects.get()
    assert (counted.redeemed_count, counted.spent_minor) == (2, 3000)
    assert reasons() == ["budget_spent", "budget_spent"]


def test_a_budget_that_another_used_up_meanwhile_is_said_to_be_so(
    redeem: Redeem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was left when the till looked, and is gone when it counts."""
    rules(budget_minor=0)
    monkeypatch.setattr(judging, "ensure_budget_is_left", lambda batch: None)

    with pytest.raises(actions.BudgetSpent, match="used up"):
        redeem()


# ── In what company ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def other(batch: CouponBatch) -> str:
    """A code of another batch, which goes with everything."""
    again = CouponBatch.objects.get(pk=batch.pk)
    again.pk, again.claim_token, again.name_en = None, "another", "Second cup"
    again.save()
    return actions.issue_coupon(batch=again, at=NOON).code


@pytest.mark.parametrize("first_is_alone", [True, False])
def test_what_stands_alone_shares_no_bill_whichever_comes_first(
    redeem: Redeem, batch: CouponBatch, coupon: Coupon, other: str, first_is_alone: bool
) -> None:
    CouponBatch.objects.filter(pk=batch.pk).update(stacking="alone")
    codes = [coupon.code, other] if first_is_alone else [other, coupon.code]
    redeem(code=codes[0], order_number="A1")

    with pytest.raises(actions.NotStackable) as refused:
        redeem(code=codes[1], order_number="A1")
    assert ("First visit" if first_is_alone else "Second cup") in str(refused.value)
    assert redeem(code=codes[1], order_number="A2").is_standing


def test_one_of_a_batch_a_bill_goes_with_others(redeem: Redeem, batch: CouponBatch, other: str) -> None:
    CouponBatch.objects.filter(pk=batch.pk).update(stacking="others")
    redeem(order_number="A1")

    assert redeem(code=other, order_number="A1").is_standing
    with pytest.raises(actions.NotStackable):
        redeem(code=fresh(batch), order_number="A1")


def test_what_minds_its_company_needs_the_bills_number(redeem: Redeem) -> None:
    rules(stacking="alone")

    with pytest.raises(actions.NumberNeeded) as refused:
        redeem()
    assert refused.value.field == "order_number"
    assert reasons() == ["number_needed"]


def test_a_voided_companion_is_none(redeem: Redeem, batch: CouponBatch, other: str) -> None:
    CouponBatch.objects.filter(pk=batch.pk).update(stacking="alone")
    gone = redeem(order_number="A1")
    actions.void_redemption(redemption=gone, reason="mistake", staff=gone.staff, request_id=gone.request_id)

    assert redeem(code=other, order_number="A1").is_standing


def test_a_repeated_request_is_answered_whatever_the_limits_say_by_now(redeem: Redeem) -> None:
    rules(uses_per_day=1, stacking="alone", budget_minor=1500)
    first = redeem(order_number="A1")

    assert redeem(order_number="A1", request_id=first.request_id) == first
    assert CouponBatch.objects.get().redeemed_count == 1


def test_counters_can_be_set_by_what_stands(redeem: Redeem, batch: CouponBatch) -> None:
    redeem()
    rules(redeemed_count=7, spent_minor=9)

    actions.count_anew(batch)

    counted = CouponBatch.objects.get()
    assert (counted.redeemed_count, counted.spent_minor) == (1, 1500)
