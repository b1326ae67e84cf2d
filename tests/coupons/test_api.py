"""POST /api/v1/redemptions/ and its void: once per key, in one's own stores, errors in one shape."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from attribution.coupons.models import Attempt, Coupon, CouponBatch, Redemption, Void
from attribution.customers.models import Store

URL = "/api/v1/redemptions/"
KEY = {"Idempotency-Key": "till-7-000001"}


def body(coupon: Coupon, **changes: Any) -> dict[str, Any]:
    return {"store": "xuhui", "code": coupon.code, "amount_minor": 5000, "order_number": "A1"} | changes


def post(client: Client, url: str, values: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    return client.post(url, values, content_type="application/json", headers=KEY if headers is None else headers)


def test_a_redemption_is_answered_with_all_that_happened(clerk: Client, coupon: Coupon) -> None:
    answer = post(clerk, URL, body(coupon))

    redemption = Redemption.objects.get()
    said = answer.json()
    assert answer.status_code == 201
    assert said.pop("redeemed_at")
    assert said == {
        "id": str(redemption.request_id), "store": "xuhui", "code": coupon.code, "issuer": "own",
        "batch": coupon.batch_id, "use": 1, "is_standing": True, "bill_minor": 5000, "discount_minor": 1500,
        "order_number": "A1",
    }  # fmt: skip


def test_the_same_key_with_the_same_body_gets_the_same_answer(clerk: Client, coupon: Coupon) -> None:
    first, again = post(clerk, URL, body(coupon)), post(clerk, URL, body(coupon))

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert Redemption.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(clerk: Client, coupon: Coupon) -> None:
    post(clerk, URL, body(coupon))

    answer = post(clerk, URL, body(coupon, amount_minor=6000))

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "request_reused")


def test_two_people_may_use_the_same_key(clerk: Client, manager: Client, coupon: Coupon) -> None:
    post(clerk, URL, body(coupon))

    assert post(manager, URL, body(coupon)).json()["error"]["code"] == "already_redeemed"


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "with space!"}])
def test_a_key_is_needed(clerk: Client, coupon: Coupon, key: dict[str, str]) -> None:
    answer = post(clerk, URL, body(coupon), key)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_key")


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"code": "2222222232X"}, 400, "bad_check", "code"),
        ({"code": "2222222223X"}, 404, "unknown_code", "code"),
        ({"amount_minor": 2999}, 409, "below_minimum", "amount"),
        ({"amount_minor": -1}, 400, "min_value", "amount_minor"),
        ({"amount_minor": "much"}, 400, "invalid", "amount_minor"),
        ({"store": "jingan"}, 400, "does_not_exist", "store"),
        ({"phone": "12"}, 400, "bad_phone", "phone"),
        ({"issuer": "meituan"}, 400, "bad_input", "batch"),
    ],
)
def test_every_refusal_has_one_shape_and_is_kept(
    clerk: Client, coupon: Coupon, other_store: Store, change: dict[str, Any], status: int, code: str, field: str
) -> None:
    answer = post(clerk, URL, body(coupon, **change))

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (status, code, field)
    assert set(error) == {"code", "message", "field", "row"}
    assert (Attempt.objects.count(), Redemption.objects.count()) == (1, 0)


def test_a_platforms_code_names_its_offer(clerk: Client, coupon: Coupon, platform_batch: CouponBatch) -> None:
    answer = post(clerk, URL, body(coupon, code="889-1", issuer="meituan", batch=platform_batch.pk))

    assert (answer.status_code, answer.json()["code"]) == (201, "8891")


def test_a_void_is_answered_once_per_key(clerk: Client, coupon: Coupon) -> None:
    url = f"{URL}{post(clerk, URL, body(coupon)).json()['id']}/void/"

    first, again = (post(clerk, url, {"reason": "mistake", "note": "wrong guest"}) for _ in range(2))

    assert (first.status_code, first.json()) == (201, again.json())
    assert (first.json()["reason"], Void.objects.get().note) == ("mistake", "wrong guest")
    other = post(clerk, url, {"reason": "mistake"}, {"Idempotency-Key": "another-key"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "already_voided")


def test_a_void_needs_a_known_reason(clerk: Client, coupon: Coupon) -> None:
    url = f"{URL}{post(clerk, URL, body(coupon)).json()['id']}/void/"

    assert post(clerk, url, {"reason": "because"}).json()["error"]["field"] == "reason"
    assert post(clerk, url, {"reason": "mistake"}, {}).json()["error"]["code"] == "bad_key"


def test_another_stores_redemption_is_not_there_for_a_clerk(clerk: Client, coupon: Coupon, other_store: Store) -> None:
    post(clerk, URL, body(coupon))
    Redemption.objects.update(store=other_store)

    answer = post(clerk, f"{URL}{Redemption.objects.get().request_id}/void/", {"reason": "mistake"})

    assert (answer.status_code, Void.objects.count()) == (404, 0)


@pytest.mark.parametrize("url", [URL, f"{URL}{UUID(int=1)}/void/"])
def test_the_api_is_closed_to_those_it_is_not_for(url: str, outsider: Client, marketer: Client, coupon: Coupon) -> None:
    assert post(outsider, url, body(coupon)).status_code == 401
    assert post(marketer, url, body(coupon)).status_code == 403
