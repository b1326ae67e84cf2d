"""The till's pages: two steps, nothing lost, and each clerk in the own store only."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from attribution.coupons import actions
from attribution.coupons.models import Attempt, Coupon, CouponBatch, Redemption, Void
from attribution.customers.models import Staff, Store

ID = UUID(int=11)
ADDRESSES = [
    ("till", "get"), ("store", "get"), ("check", "post"), ("redeem", "post"), ("done", "get"), ("void", "get"),
    ("void", "post"),
]  # fmt: skip


def url(name: str, store: str = "xuhui", request_id: UUID = ID) -> str:
    tail = {"till": "", "store": f"{store}/", "check": f"{store}/check/", "redeem": f"{store}/redeem/"}
    tail |= {"done": f"{store}/{request_id}/", "void": f"{store}/{request_id}/void/"}
    return f"/till/{tail[name]}"


@pytest.fixture
def redemption(coupon: Coupon, store: Store, clerk: Any) -> Redemption:
    return actions.redeem_coupon(
        code=coupon.code, store=store, staff=clerk.staff, request_id=ID, amount_minor=5000, order_number="A1"
    )


def typed(coupon: Coupon, **changes: str) -> dict[str, str]:
    values = {"code": coupon.code, "request_id": str(ID), "amount": "50", "order_number": "A1", "phone": ""}
    return values | changes


@pytest.mark.parametrize(("name", "method"), ADDRESSES)
def test_the_till_is_closed_to_those_it_is_not_for(
    name: str, method: str, redemption: Redemption, outsider: Client, marketer: Client
) -> None:
    assert getattr(outsider, method)(url(name)).headers["Location"].startswith("/login/")
    assert getattr(marketer, method)(url(name)).status_code == 403


@pytest.mark.parametrize(("name", "method"), ADDRESSES[1:])
def test_another_stores_till_is_not_there_for_a_clerk(
    name: str, method: str, redemption: Redemption, other_store: Store, clerk: Client
) -> None:
    assert getattr(clerk, method)(url(name, "jingan")).status_code == 404
    assert Redemption.objects.standing().count() == 1


def test_a_clerk_can_neither_see_nor_void_what_another_store_redeemed(
    redemption: Redemption, other_store: Store, clerk: Client
) -> None:
    Redemption.objects.update(store=other_store)

    assert clerk.get(url("done")).status_code == 404
    assert clerk.post(url("void"), {"reason": "mistake", "request_id": str(uuid4())}).status_code == 404
    assert redemption.coupon is not None
    assert redemption.coupon.code[:4] not in clerk.get(url("store")).content.decode()
    assert Void.objects.count() == 0


def test_a_clerk_is_led_to_the_own_till(clerk: Client, other_store: Store) -> None:
    assert clerk.get("/till/").headers["Location"] == "/till/xuhui/"


def test_a_manager_chooses_the_store(manager: Client, store: Store, other_store: Store) -> None:
    page = manager.get("/till/").content.decode()

    assert ("/till/xuhui/" in page, "/till/jingan/" in page) == (True, True)
    assert manager.get("/till/?store=jingan").headers["Location"] == "/till/jingan/"
    assert "Other store" in manager.get("/till/jingan/").content.decode()


def test_a_manager_without_a_store_is_told_what_to_do(manager: Client) -> None:
    assert "There is no store yet" in manager.get("/till/").content.decode()


def test_a_store_that_is_closed_has_no_till(manager: Client, store: Store) -> None:
    Store.objects.update(is_active=False)

    assert manager.get("/till/xuhui/").status_code == 404


# ── Step one ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_coupon_that_holds_is_shown_with_its_worth(clerk: Client, coupon: Coupon) -> None:
    page = clerk.post(url("check"), {"code": coupon.code.lower()}).content.decode()

    for told in ("Valid", "First visit", "¥15.00", "¥30.00", "Redeem"):
        assert told in page
    assert Attempt.objects.count() == 0


def test_a_coupon_that_does_not_hold_says_why_and_keeps_what_was_typed(clerk: Client) -> None:
    page = clerk.post(url("check"), {"code": "2222 2222 23x"}).content.decode()

    assert "We never gave out the code “2222-2222-23X”." in page
    assert 'value="2222 2222 23x"' in page
    assert Attempt.objects.get().reason == "unknown_code"


@pytest.mark.parametrize("values", [{"code": ""}, {"code": "", "batch": ""}, {"code": "1", "batch": "99"}])
def test_an_empty_form_says_what_is_missing(clerk: Client, values: dict[str, str]) -> None:
    assert "errorlist" in clerk.post(url("check"), values).content.decode()


@pytest.mark.parametrize("name", ["check", "redeem"])
def test_a_reload_begins_anew(clerk: Client, name: str) -> None:
    assert clerk.get(url(name)).headers["Location"] == "/till/xuhui/"


def test_a_platforms_coupon_is_asked_for_only_where_there_are_such(clerk: Client, platform_batch: CouponBatch) -> None:
    assert "Meituan · Meituan 10 off" in clerk.get(url("store")).content.decode()

    CouponBatch.objects.update(is_paused=True)
    assert "Meituan" not in clerk.get(url("store")).content.decode()


def test_several_offers_are_not_chosen_for_the_cashier(clerk: Client, platform_batch: CouponBatch) -> None:
    assert "selected" in clerk.get(url("store")).content.decode().partition('id="platform_batch"')[2]

    CouponBatch.objects.create(name_en="Dianping", issuer="dianping", face_value_minor=1)
    options = clerk.get(url("store")).content.decode().partition('id="platform_batch"')[2]
    assert 'value="" selected' in options


# ── Step two ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_redemption_shows_what_the_guest_pays(clerk: Client, coupon: Coupon) -> None:
    answer = clerk.post(url("redeem"), typed(coupon, amount="￥48.50", phone="13800138000"))
    page = clerk.get(answer.headers["Location"]).content.decode()

    assert answer.headers["Location"] == url("done")
    assert "Redeemed: ¥15.00 off" in page
    assert "The guest pays ¥33.50" in page
    assert Redemption.objects.get().bill_minor == 4850


def test_a_double_tap_is_one_redemption(clerk: Client, coupon: Coupon) -> None:
    answers = [clerk.post(url("redeem"), typed(coupon)) for _ in range(2)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert (Redemption.objects.count(), Attempt.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        ({"amount": "many"}, "bad_amount", "“many” is not an amount."),
        ({"amount": ""}, "bad_amount", "This field is required."),
        ({"amount": "20"}, "below_minimum", "The bill must be at least ¥30.00."),
        ({"phone": "12"}, "bad_input", "“12” is not a phone number."),
        ({"request_id": "x"}, "bad_input", "Enter a valid UUID."),
    ],
)
def test_a_refusal_loses_nothing_that_was_typed(
    clerk: Client, coupon: Coupon, change: dict[str, str], reason: str, words: str
) -> None:
    values = typed(coupon, order_number="Kept-7", **change)

    page = clerk.post(url("redeem"), values).content.decode()

    assert words in page
    for name, value in values.items():
        assert f'name="{name}"' in page
        assert f'value="{value}"' in page or value == ""
    assert "First visit" in page  # the coupon is still shown
    assert Attempt.objects.get().reason == reason
    assert Redemption.objects.count() == 0


def test_a_coupon_used_meanwhile_is_told_big(clerk: Client, redemption: Redemption, coupon: Coupon) -> None:
    page = clerk.post(url("redeem"), typed(coupon, request_id=str(uuid4()))).content.decode()

    assert "Not redeemed" in page
    assert "Used at " in page


@pytest.mark.parametrize("code", ["", "2222222223X"])
def test_a_form_without_a_coupon_of_ours_is_refused_plainly(clerk: Client, coupon: Coupon, code: str) -> None:
    page = clerk.post(url("redeem"), typed(coupon, code=code)).content.decode()

    assert "This field is required." in page or "We never gave out" in page


def test_a_platforms_coupon_goes_both_steps(clerk: Client, platform_batch: CouponBatch, coupon: Coupon) -> None:
    step = {"code": "8891-2345", "batch": str(platform_batch.pk)}

    assert f'value="{platform_batch.pk}"' in clerk.post(url("check"), step).content.decode()
    answer = clerk.post(url("redeem"), typed(coupon, **step))

    assert answer.status_code == 302
    assert Redemption.objects.get().outside_code == "88912345"


def test_a_platforms_offer_paused_meanwhile_is_told(clerk: Client, platform_batch: CouponBatch, coupon: Coupon) -> None:
    CouponBatch.objects.update(is_paused=True)

    page = clerk.post(url("redeem"), typed(coupon, code="1", batch=str(platform_batch.pk))).content.decode()

    assert "This offer is paused." in page


# ── Today, and voids ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_days_redemptions_are_listed_with_their_sum(clerk: Client, redemption: Redemption) -> None:
    page = clerk.get(url("store")).content.decode()

    assert "1 coupon, ¥15.00 off" in page
    assert url("void") in page


def test_a_void_needs_a_reason_and_keeps_the_note(clerk: Client, redemption: Redemption) -> None:
    page = clerk.post(url("void"), {"request_id": str(uuid4()), "note": "guest left"}).content.decode()

    assert "This field is required." in page
    assert 'value="guest left"' in page
    assert Void.objects.count() == 0


def test_a_void_is_shown_and_told_again(clerk: Client, redemption: Redemption) -> None:
    values = {"request_id": str(uuid4()), "reason": "wrong_coupon", "note": ""}

    assert clerk.post(url("void"), values).headers["Location"] == url("done")

    assert "The coupon can be used again" in clerk.get(url("done")).content.decode()
    assert "voided" in clerk.get(url("store")).content.decode()
    assert "Voided already at" in clerk.get(url("void")).content.decode()
    assert clerk.post(url("void"), values).status_code == 302  # the same request again
    assert "Voided already at" in clerk.post(url("void"), values | {"request_id": str(uuid4())}).content.decode()


def test_an_unknown_redemption_is_not_there(clerk: Client) -> None:
    assert clerk.get(url("done")).status_code == 404


def test_the_till_asks_the_database_a_fixed_number_of_questions(
    clerk: Client, batch: CouponBatch, store: Store, django_assert_max_num_queries: Callable
) -> None:
    for number in range(12):
        code = actions.issue_coupon(batch=batch, at=batch.created_at).code
        staff = Staff.objects.create(username=f"clerk{number}", store=store)
        done = actions.redeem_coupon(
            code=code, store=store, staff=staff, request_id=uuid4(), amount_minor=5000, order_number=""
        )
        if number % 2:
            actions.void_redemption(redemption=done, reason="mistake", staff=staff, request_id=uuid4())

    with django_assert_max_num_queries(9):
        clerk.get(url("store"))
