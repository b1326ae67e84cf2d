"""Who has answered is told before they begin, where that can be known, and sees the coupon again; how it is set."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from attribution.coupons.models import Coupon
from surveys.actions.one_answer import set_one_answer
from surveys.models import Placement, Response, Survey
from surveys.placements import signature

pytestmark = pytest.mark.django_db
PagesAt = Callable[..., Any]


def choose(survey: Survey, *by: str, hours: int | None = 24) -> None:
    kinds = {f"by_{kind}": kind in by for kind in ("device", "contact", "receipt")}
    set_one_answer(survey=survey, window_hours=hours, **kinds)


def code_in(page: Any) -> str:
    return page.context["code"].replace("-", "")


@pytest.fixture
def table(placement: Placement) -> Placement:
    """Another code of the same survey."""
    return Placement.objects.create(survey=placement.survey, store=placement.store, spot="table 4")


@pytest.fixture
def stranger() -> Client:
    """Another phone."""
    return Client(headers={"accept-language": "en"})


def test_a_device_that_has_answered_is_told_before_it_begins_and_shown_its_coupon(
    pages: Any, pages_at: PagesAt, table: Placement, reward: Any
) -> None:
    assert "You have answered already" not in pages.answer_all().content.decode()
    again = pages_at(table).open()

    assert "You have answered already" in again.content.decode()
    assert "on we would love to hear from you again" in again.content.decode()
    assert code_in(again) == Coupon.objects.get().code
    assert Response.objects.count() == 1


def test_answers_given_on_two_pages_of_one_device_count_once_and_show_the_first_coupon(
    pages: Any, pages_at: PagesAt, table: Placement, reward: Any
) -> None:
    other = pages_at(table)
    other.open()
    other.send(answer="metro")
    pages.answer_all()
    for answer in ({"answer": ""}, {"answer": "3"}, {"finish": "without"}):
        other.send(**answer)

    assert list(Response.objects.order_by("received_at").values_list("repeats", flat=True)) == ["", "device"]
    assert code_in(other.page) == Coupon.objects.get().code


def test_a_phone_number_known_at_the_end_alone_keeps_the_answer_without_a_second_coupon(
    pages: Any, pages_at: PagesAt, placement: Placement, stranger: Client, reward: Any
) -> None:
    choose(placement.survey, "contact")
    for shown in (pages, pages_at(placement, stranger)):
        shown.open()
        shown.send(answer="dont_remember")
        shown.send(answer="9")
        shown.send(finish="with", phone="13800138000")
    html = shown.page.content.decode()

    assert "We keep what you said; each guest counts once." in html
    assert "There is one thank-you coupon for each guest" in html
    assert Coupon.objects.get().code not in html.replace("-", "")
    assert sorted(Response.objects.values_list("repeats", flat=True)) == ["", "contact"]


def test_a_used_receipt_is_told_before_the_start_without_the_others_coupon(
    pages: Any, pages_at: PagesAt, placement: Placement, stranger: Client, reward: Any
) -> None:
    choose(placement.survey, "receipt")
    pages.open("?receipt=A-17")
    for answer in ({"answer": "dont_remember"}, {"answer": "9"}, {"finish": "without"}):
        pages.send(**answer)
    other = pages_at(placement, stranger).open("?receipt=A-17%0a")

    assert "This receipt was used for an answer already" in other.content.decode()
    assert other.context["coupon"] is None
    assert "ask for it" not in other.content.decode()
    assert pages_at(placement, Client()).open("?receipt=A-18").context["step"]
    sent = stranger.post(f"{pages.path}?receipt=A-17", {"send": "sms", "address": "13800138000"})
    assert sent.status_code == 303


def test_a_receipt_that_the_till_has_signed_shows_the_coupon_again(
    pages_at: PagesAt, placement: Placement, stranger: Client, reward: Any
) -> None:
    placement.is_signed = True
    placement.save()
    choose(placement.survey, "receipt")
    query = f"?receipt=A-17&sig={signature(placement, {'receipt': 'A-17'})}"
    own = pages_at(placement)
    own.open(query)
    for answer in ({"answer": "dont_remember"}, {"answer": "9"}, {"finish": "without"}):
        own.send(**answer)

    assert code_in(pages_at(placement, stranger).open(query)) == Coupon.objects.get().code
    assert stranger.get(f"{own.path}?receipt=A-17&sig=0").status_code == 403


@pytest.mark.parametrize(("hours", "later", "is_asked"), [(1, 2, True), (48, 47, False), (None, 24 * 90, False)])
def test_the_page_begins_anew_when_the_window_is_over(
    pages: Any, placement: Placement, hours: int | None, later: int, is_asked: bool
) -> None:
    choose(placement.survey, "device", hours=hours)
    pages.answer_all()

    with time_machine.travel(timezone.now() + timedelta(hours=later), tick=False):
        pages.open()
    assert (pages.question == "first_heard") is is_asked


def test_where_devices_do_not_count_somebody_else_can_answer_on_the_same_phone(
    pages: Any, placement: Placement, guest: Client
) -> None:
    choose(placement.survey, "contact")
    assert "Somebody else answers on this phone" in pages.answer_all().content.decode()
    guest.post(pages.path, {"next_guest": "yes"})
    assert pages.answer_all().templates[0].name == "guest/thanks.html"

    assert Response.objects.counted().count() == 2


def test_where_devices_count_there_is_no_way_round(pages: Any, guest: Client) -> None:
    assert "Somebody else answers" not in pages.answer_all().content.decode()
    guest.post(pages.path, {"next_guest": "yes"})

    assert pages.open().templates[0].name == "guest/thanks.html"


def test_a_tablets_plain_page_asks_every_guest(kiosk: Placement, pages_at: PagesAt, guest: Client) -> None:
    shown = pages_at(kiosk)
    for _ in range(3):
        shown.answer_all()
        guest.post(shown.path, {"next_guest": "yes"})

    assert Response.objects.counted().count() == 3


# ── The page of the setting ─────────────────────────────────────────────────────────────────────────────────────────


def test_who_counts_as_the_same_guest_is_set_on_a_page_of_the_survey(marketer: Client, survey: Survey) -> None:
    address = f"/surveys/{survey.pk}/one-answer/"
    html = marketer.get(address).content.decode()
    assert 'value="device" id="id_by_0" aria-describedby="id_by_helptext" checked' in html or "checked" in html
    assert 'value="24"' in html
    assert address in marketer.get(f"/surveys/{survey.pk}/edit/").content.decode()

    marketer.post(address, {"by": ["contact", "receipt"], "number": "7", "unit": "days"})
    survey.refresh_from_db()
    assert (survey.by_device, survey.by_contact, survey.by_receipt, survey.window_hours) == (False, True, True, 168)
    assert 'value="7"' in marketer.get(address).content.decode()
    marketer.post(address, {"by": ["device"], "unit": "ever"})
    survey.refresh_from_db()
    assert (survey.by_device, survey.by_receipt, survey.window_hours) == (True, False, None)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"unit": "days"}, "Write how many hours or days."),
        ({"unit": "hours", "number": "0"}, "greater than or equal to 1"),
        ({"unit": "days", "number": "9999"}, "Ten years at most"),
        ({"unit": "weeks", "number": "1"}, "Select a valid choice"),
    ],
)
def test_a_window_that_makes_no_sense_is_said(
    marketer: Client, survey: Survey, sent: dict[str, str], said: str
) -> None:
    assert said in marketer.post(f"/surveys/{survey.pk}/one-answer/", {"by": "device"} | sent).content.decode()
    survey.refresh_from_db()
    assert survey.window_hours == 24
