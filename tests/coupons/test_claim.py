"""The claim page: one coupon a device, and a friendly page with the right status where there is none."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from attribution.coupons import actions
from attribution.coupons.codes import display
from attribution.coupons.models import Coupon, CouponBatch
from attribution.customers.models import Customer
from tests.coupons.conftest import NOON


@pytest.fixture
def address(batch: CouponBatch) -> str:
    return f"/c/{batch.claim_token}"


def test_looking_gives_nothing_out(outsider: Client, address: str) -> None:
    page = outsider.get(address)

    assert (page.status_code, Coupon.objects.count(), Customer.objects.count()) == (200, 0, 0)
    assert "¥15.00 off your bill" in page.content.decode()
    assert "Get my coupon" in page.content.decode()


def test_a_press_gives_a_code_and_its_picture(outsider: Client, address: str) -> None:
    outsider.get(address)

    page = outsider.post(address, follow=True).content.decode()

    assert display(Coupon.objects.get().code) in page
    assert "<svg" in page
    assert "style=" not in page


def test_pressing_twice_reloading_and_coming_back_is_one_coupon(outsider: Client, address: str) -> None:
    outsider.get(address)
    pages = [outsider.post(address, follow=True), outsider.post(address, follow=True), outsider.get(address)]

    assert Coupon.objects.count() == 1
    assert all(display(Coupon.objects.get().code) in page.content.decode() for page in pages)


def test_without_a_cookie_nothing_is_given_out(outsider: Client, address: str) -> None:
    page = outsider.post(address)

    assert (page.status_code, Coupon.objects.count()) == (400, 0)
    assert "keeps no cookies" in page.content.decode()


def test_an_unknown_address_is_told(outsider: Client, address: str) -> None:
    page = outsider.get("/c/nothing")

    assert page.status_code == 404
    assert "leads to no offer of ours" in page.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_claimable": False}, "This offer is closed."),
        ({"is_paused": True}, "This offer is paused."),
        ({"stock": 0}, "All of these coupons have been given out."),
        ({"valid_until": date(2026, 3, 9)}, "This offer has ended."),
    ],
)
def test_where_there_is_no_coupon_any_more_it_is_said(
    outsider: Client, address: str, change: dict[str, Any], words: str
) -> None:
    outsider.get(address)
    CouponBatch.objects.update(**change)

    for page in (outsider.get(address), outsider.post(address)):
        assert page.status_code == 410
        assert words in page.content.decode()


def test_who_has_one_still_sees_it_when_the_offer_is_over(outsider: Client, address: str) -> None:
    outsider.get(address)
    outsider.post(address)
    CouponBatch.objects.update(stock=1, is_paused=True)

    assert display(Coupon.objects.get().code) in outsider.get(address).content.decode()


def test_a_used_coupon_shows_no_code(outsider: Client, address: str, store: Any, clerk: Any) -> None:
    outsider.get(address)
    outsider.post(address)
    code = Coupon.objects.get().code
    actions.redeem_coupon(
        code=code, store=store, staff=clerk.staff, request_id=Customer.objects.get().uuid, amount_minor=5000,
        order_number="", at=NOON,
    )  # fmt: skip

    page = outsider.get(address).content.decode()

    assert "You have used this coupon" in page
    assert display(code) not in page
