"""The back office: batches are set up, everything else is only read."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from attribution.coupons import actions
from attribution.coupons.codes import check, normalise
from attribution.coupons.models import Coupon, CouponBatch
from attribution.customers.models import Staff
from tests.coupons.conftest import NOON

BATCH = "/admin/coupons/couponbatch/"


@pytest.fixture
def owner(manager: Client) -> Client:
    Staff.objects.update(is_superuser=True, is_staff=True)
    return manager


def filled(**changes: str) -> dict[str, str]:
    values = {"name_en": "Spring", "issuer": "own", "face_value": "¥12.50", "minimum_spend": "", "uses_per_code": "1"}
    return values | changes


def test_a_batch_is_set_up_with_amounts_as_people_write_them(owner: Client) -> None:
    answer = owner.post(f"{BATCH}add/", filled(minimum_spend="30"))

    batch = CouponBatch.objects.get()
    assert answer.status_code == 302
    assert (batch.face_value_minor, batch.minimum_spend_minor) == (1250, 3000)
    assert 'value="12.50"' in owner.get(f"{BATCH}{batch.pk}/change/").content.decode()


@pytest.mark.parametrize("amount", ["-1", "much"])
def test_an_amount_that_cannot_be_is_refused(owner: Client, amount: str) -> None:
    page = owner.post(f"{BATCH}add/", filled(face_value=amount))

    assert (page.status_code, CouponBatch.objects.count()) == (200, 0)


def test_the_channel_is_not_changed_behind_its_touches(owner: Client, batch: CouponBatch, channels: Any) -> None:
    owner.post(f"{BATCH}{batch.pk}/change/", filled(channel=str(channels["metro"].pk), issuer="meituan"))

    batch.refresh_from_db()
    assert (batch.channel, batch.issuer, batch.name_en) == (channels["douyin"], "own", "Spring")


def test_guests_find_a_claimable_batch(owner: Client, batch: CouponBatch) -> None:
    assert f"/c/{batch.claim_token}" in owner.get(f"{BATCH}{batch.pk}/change/").content.decode()

    CouponBatch.objects.update(is_claimable=False)
    assert f"/c/{batch.claim_token}" not in owner.get(f"{BATCH}{batch.pk}/change/").content.decode()


def test_codes_for_the_printer_come_as_a_file(owner: Client, batch: CouponBatch) -> None:
    answer = owner.post(BATCH, {"action": "print_100", "_selected_action": [str(batch.pk)]})

    lines = answer.content.decode().split()
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert (lines[0], len(lines), Coupon.objects.count()) == ("code", 101, 100)
    assert all(check(normalise(line)) for line in lines[1:])


def test_no_codes_without_stock_or_for_two_batches_at_once(
    owner: Client, batch: CouponBatch, platform_batch: CouponBatch
) -> None:
    for chosen in ([batch.pk, platform_batch.pk], [platform_batch.pk]):
        answer = owner.post(BATCH, {"action": "print_1000", "_selected_action": [str(pk) for pk in chosen]})
        assert answer.status_code == 302

    assert Coupon.objects.count() == 0


@pytest.mark.parametrize("name", ["coupon", "redemption", "void", "attempt"])
def test_what_was_recorded_can_only_be_read(owner: Client, batch: CouponBatch, store: Any, name: str) -> None:
    staff = Staff.objects.get(username="manager")
    done = actions.redeem_coupon(
        code=actions.issue_coupon(batch=batch, at=NOON).code, store=store, staff=staff, request_id=UUID(int=1),
        amount_minor=5000, order_number="", at=NOON,
    )  # fmt: skip
    actions.void_redemption(redemption=done, reason="mistake", staff=staff, request_id=done.request_id)
    with pytest.raises(actions.BadCheck):
        actions.inspect_coupon(code="0", store=store, staff=staff)

    assert owner.get(f"/admin/coupons/{name}/").status_code == 200
    assert owner.get(f"/admin/coupons/{name}/add/").status_code == 403
