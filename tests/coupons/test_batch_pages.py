"""The pages of batches: set up step by step, seen before it is saved, and worked on."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from attribution.coupons import actions, tasks
from attribution.coupons.batch_form import FIELDS
from attribution.coupons.models import CodeFile, CodeRun, Coupon, CouponBatch
from attribution.customers.models import ImportFile
from tests.coupons.conftest import NOON

NEW = "/coupons/new/"
TOMORROW = timezone.localdate() + timedelta(days=1)


def carried(page: Any) -> dict[str, Any]:
    """Return what the page's form would send again, as a browser does."""
    form, step = page.context["form"], page.context["step"]
    data = {"step": step}
    for name in form.fields:
        value = form[name].value()
        if value is True:
            data[name] = "on" if name in FIELDS[step] else "True"
        elif value not in (None, False, ""):
            data[name] = [getattr(one, "pk", one) for one in value] if isinstance(value, list) else value
    return data


def go(client: Client, page: Any, address: str = NEW, to: str = "next", **typed: Any) -> Any:
    return client.post(address, carried(page) | typed | {"go": to})


def walk(client: Client, address: str = NEW, **typed: Any) -> Any:
    """Go through the steps to the last one, typing each field where it stands."""
    page = client.get(address)
    while page.context["step"] != "look":
        here = page.context["step"]
        own = {name: value for name, value in typed.items() if name in FIELDS[here]}
        page = go(client, page, address, **own)
        assert page.context["step"] != here, page.context["form"].errors
    return page


FILLED = {
    "name_zh_hans": "工作日八折", "name_en": "Weekdays 20% off", "kind": "percent", "percent": "20", "cap": "¥30",
    "minimum_spend": "50", "valid_until": str(TOMORROW), "days_valid": "14", "usual": "11:00-14:00", "sunday": "closed",
    "uses_per_customer": "2", "uses_per_day": "100", "stacking": "alone", "budget": "5000", "is_claimable": "on",
}  # fmt: skip


def test_a_batch_is_set_up_step_by_step(marketer: Client, store: Any, channels: dict[str, Any]) -> None:
    page = walk(marketer, **FILLED, channel=channels["metro"].pk, stores=[store.pk])
    assert not CouponBatch.objects.exists()

    saved = go(marketer, page, to="save")

    batch = CouponBatch.objects.get()
    assert saved["Location"] == f"/coupons/{batch.pk}/"
    assert (batch.percent, batch.cap_minor, batch.minimum_spend_minor, batch.budget_minor) == (20, 3000, 5000, 500_000)
    assert (batch.valid_until, batch.days_valid, batch.stacking) == (TOMORROW, 14, "alone")
    assert (batch.uses_per_code, batch.uses_per_customer, batch.uses_per_day) == (1, 2, 100)
    assert batch.hours == [*[[[660, 840]]] * 6, []]
    assert (list(batch.stores.all()), batch.channel, batch.is_claimable) == ([store], channels["metro"], True)


def test_before_saving_it_is_seen_as_guest_and_cashier_in_both_languages(marketer: Client, store: Any) -> None:
    page = walk(marketer, **FILLED, stores=[store.pk])

    english, chinese = page.context["looks"]
    assert (english.name, english.promise) == ("Weekdays 20% off", "20% off your bill, at most ¥30.00")
    assert {
        "From a bill of ¥50.00.",
        "Holds Mon–Sat 11:00–14:00.",
        "Only in Xuhui.",
        "2 times for each customer.",
    } <= set(english.guest)
    assert set(english.cashier) - set(english.guest) == {
        "Ask for the phone: without it the till cannot count.",
        "Enter the order number: the till looks what else is on the bill.",
        "All stores together take at most 100 a day.",
        "It ends when ¥5,000.00 have been given away.",
    }
    assert (chinese.name, "仅限徐汇店。" in chinese.guest) == ("工作日八折", True)


def test_pressed_twice_it_is_one_batch(marketer: Client) -> None:
    page = walk(marketer, **FILLED)

    answers = [go(marketer, page, to="save") for _ in range(2)]

    assert CouponBatch.objects.count() == 1
    assert answers[0]["Location"] == answers[1]["Location"]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name_zh_hans": "", "name_en": ""}, "name_zh_hans", "in one of the languages"),
        ({"percent": ""}, "percent", "what the coupon is worth"),
        ({"percent": "101"}, "percent", "less than or equal to 100"),
        ({"kind": "amount", "face_value": ""}, "face_value", "what the coupon is worth"),
        ({"kind": "amount", "face_value": "-3"}, "face_value", "cannot be negative"),
        ({"kind": "amount", "face_value": "much"}, "face_value", "is not an amount"),
        ({"kind": "free_item", "face_value": "18", "item_en": ""}, "item_zh_hans", "what the guest gets"),
    ],
)
def test_what_is_wrong_with_the_offer_is_said_at_once(
    marketer: Client, typed: dict[str, str], field: str, said: str
) -> None:
    own = {name: value for name, value in FILLED.items() if name in FIELDS["offer"]}
    page = go(marketer, marketer.get(NEW), **own | typed)

    assert page.context["step"] == "offer"
    assert said in str(page.context["form"].errors[field])


@pytest.mark.parametrize(
    ("typed", "step", "field"),
    [
        ({"valid_from": str(TOMORROW), "valid_until": str(TOMORROW - timedelta(days=1))}, "when", "valid_until"),
        ({"valid_until": str(TOMORROW - timedelta(days=2))}, "when", "valid_until"),
        ({"usual": "25:00-26:00"}, "when", "usual"),
        ({"usual": "closed"}, "when", "usual"),
        ({"budget": "0.01", "kind": "amount", "face_value": "3"}, "limits", "budget"),
        ({"issuer": "meituan"}, "limits", "is_claimable"),
        ({"uses_per_code": "0"}, "limits", "uses_per_code"),
    ],
)
def test_whoever_skips_a_step_is_led_to_its_error(
    marketer: Client, typed: dict[str, str], step: str, field: str
) -> None:
    data = carried(marketer.get(NEW)) | FILLED | typed

    page = marketer.post(NEW, data | {"step": "look", "go": "save"})

    assert (page.context["step"], field in page.context["form"].errors) == (step, True)
    assert not CouponBatch.objects.exists()


def test_one_goes_back_without_losing_what_was_typed(marketer: Client) -> None:
    page = walk(marketer, **FILLED)

    page = go(marketer, page, to="back")

    assert page.context["step"] == "limits"
    assert page.context["form"]["budget"].value() == "5000"
    assert go(marketer, page, to="back").context["step"] == "when"


def test_what_a_kind_does_not_have_is_forgotten(marketer: Client) -> None:
    go(marketer, walk(marketer, **FILLED | {"kind": "amount", "face_value": "3", "item_en": "Tea"}), to="save")

    batch = CouponBatch.objects.get()
    assert (batch.face_value_minor, batch.percent, batch.cap_minor, batch.item_en) == (300, None, None, "")


def test_what_was_promised_cannot_be_changed_any_more(marketer: Client, batch: CouponBatch, coupon: Coupon) -> None:
    address = f"/coupons/{batch.pk}/edit/"
    assert "stays as it is" in marketer.get(address).content.decode()

    go(marketer, walk(marketer, address, face_value="99", uses_per_day="7"), address, to="save")

    batch.refresh_from_db()
    assert (batch.face_value_minor, batch.uses_per_day, batch.minimum_spend_minor) == (1500, 7, 3000)


def test_a_limit_that_was_passed_meanwhile_is_said_in_words(
    marketer: Client, batch: CouponBatch, coupon: Coupon
) -> None:
    address = f"/coupons/{batch.pk}/edit/"
    page = walk(marketer, address, stock="3")
    CouponBatch.objects.update(issued_count=5)

    answer = go(marketer, page, address, to="save")

    assert answer.context["step"] == "limits"
    assert "5 are used already" in answer.content.decode()


# ── The list, and a batch's page ────────────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_state_and_counts_without_a_query_a_row(
    marketer: Client, batch: CouponBatch, platform_batch: CouponBatch, django_assert_max_num_queries: Any
) -> None:
    CouponBatch.objects.filter(pk=batch.pk).update(issued_count=1234, redeemed_count=56, is_paused=True)
    with django_assert_max_num_queries(6):
        text = marketer.get("/coupons/").content.decode()

    assert all(each in text for each in ("First visit", "1,234", ">56<", "paused", "Meituan 10 off"))
    assert "First visit" not in marketer.get("/coupons/?issuer=meituan").content.decode()
    assert "This issuer has no batch." in marketer.get("/coupons/?issuer=dianping").content.decode()


def test_an_empty_list_says_what_to_do(marketer: Client) -> None:
    assert "No batch yet" in marketer.get("/coupons/").content.decode()


def test_codes_are_asked_for_and_their_progress_is_shown(marketer: Client, batch: CouponBatch) -> None:
    page = marketer.post(f"/coupons/{batch.pk}/codes/", {"count": "30"}, follow=True)
    assert 'hx-trigger="every 1s"' in page.content.decode()

    tasks.look()

    part = marketer.get(f"/coupons/{batch.pk}/work/").content.decode()
    assert "hx-trigger" not in part
    assert 'id="figures"' in part
    assert (Coupon.objects.count(), CodeRun.objects.get().state) == (30, "done")


@pytest.mark.parametrize(
    ("count", "changes", "said"),
    [
        ("0", {}, "greater than or equal to 1"),
        ("9", {"stock": 8}, "room for 8 more"),
        ("9", {"is_paused": True}, "paused"),
    ],
)
def test_codes_that_cannot_be_made_are_refused_in_words(
    marketer: Client, batch: CouponBatch, count: str, changes: dict[str, Any], said: str
) -> None:
    CouponBatch.objects.update(**changes)

    answer = marketer.post(f"/coupons/{batch.pk}/codes/", {"count": count})

    assert (answer.status_code, CodeRun.objects.count()) == (400, 0)
    assert said in str(answer.context["codes"].errors["count"])


def test_a_file_is_asked_for_and_saved(marketer: Client, batch: CouponBatch, coupon: Coupon) -> None:
    marketer.post(f"/coupons/{batch.pk}/file/", {"form": "csv", "run": ""})
    row = CodeFile.objects.get()
    assert marketer.get(f"/coupons/files/{row.uuid}/").status_code == 404

    tasks.look()

    answer = marketer.get(f"/coupons/files/{row.uuid}/")
    assert coupon.code in b"".join(answer.streaming_content).decode()
    assert f'filename="codes-{batch.pk}-csv.csv"' in answer["Content-Disposition"]
    assert marketer.post(f"/coupons/{batch.pk}/file/", {"form": "doc"}).status_code == 400


def test_a_batch_is_paused_extended_and_ended_by_its_buttons(marketer: Client, batch: CouponBatch) -> None:
    here = f"/coupons/{batch.pk}"
    marketer.post(f"{here}/pause/", {"paused": "on"})
    assert CouponBatch.objects.get().is_paused
    marketer.post(f"{here}/pause/", {"paused": "off"})
    marketer.post(f"{here}/end/")
    assert "ended" in marketer.get(f"{here}/").content.decode()

    refused = marketer.post(f"{here}/extend/", {"last_day": "2020-01-01"})
    assert (refused.status_code, "Choose a day after" in refused.content.decode()) == (400, True)
    marketer.post(f"{here}/extend/", {"last_day": str(TOMORROW)})
    assert CouponBatch.objects.get().ended_at is None


def test_a_manager_deletes_what_nobody_held_and_hears_why_not_else(
    manager: Client, marketer: Client, batch: CouponBatch, platform_batch: CouponBatch
) -> None:
    actions.claim_coupon(batch=batch, device="d" * 24, at=NOON)

    page = manager.post(f"/coupons/{batch.pk}/delete/", follow=True)
    manager.post(f"/coupons/{platform_batch.pk}/delete/")

    assert "End it instead" in page.content.decode()
    assert list(CouponBatch.objects.all()) == [batch]
    assert "Delete the batch" not in marketer.get(f"/coupons/{batch.pk}/").content.decode()


def test_guests_and_cashiers_read_the_terms_where_they_meet_the_coupon(
    clerk: Client, outsider: Client, batch: CouponBatch, store: Any
) -> None:
    CouponBatch.objects.update(hours=[[[0, 1440]]] * 6 + [[]], uses_per_customer=1, kind="percent", percent=20)
    offer = outsider.get(f"/c/{batch.claim_token}").content.decode()
    outsider.post(f"/c/{batch.claim_token}")
    mine = outsider.get(f"/c/{batch.claim_token}").content.decode()

    for page in (offer, mine):
        assert "20% off your bill" in page
        assert "Holds Mon–Sat 00:00–24:00." in page
    CouponBatch.objects.update(hours=[])
    till = clerk.post(f"/till/{store.code}/check/", {"code": Coupon.objects.get().code}).content.decode()
    assert "Ask for the phone" in till
    assert "<strong>20%</strong>" in till


# ── A platform's list ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_is_imported_from_the_batchs_page(marketer: Client, platform_batch: CouponBatch, tmp_path: Any) -> None:
    file = tmp_path / "list.csv"
    file.write_text("券码\n889123456789\n889123456790\n", encoding="utf-8")

    with file.open("rb") as upload:
        answer = marketer.post(f"/coupons/{platform_batch.pk}/codes/import/", {"file": upload})

    row = ImportFile.objects.get()
    assert answer["Location"] == f"/imports/{row.uuid}/"
    assert row.options["batch"] == platform_batch.pk


def test_a_list_without_codes_is_refused_at_once(marketer: Client, platform_batch: CouponBatch, tmp_path: Any) -> None:
    file = tmp_path / "list.csv"
    file.write_text("name\nx\n", encoding="utf-8")

    with file.open("rb") as upload:
        answer = marketer.post(f"/coupons/{platform_batch.pk}/codes/import/", {"file": upload})

    assert answer.status_code == 400
    assert "There is no column for Code" in answer.content.decode()


def test_a_batch_of_our_own_takes_no_list(marketer: Client, batch: CouponBatch) -> None:
    assert marketer.get(f"/coupons/{batch.pk}/codes/import/").status_code == 404
