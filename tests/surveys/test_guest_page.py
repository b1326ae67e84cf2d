"""The guest's page without JavaScript, step by step."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from attribution.coupons.models import Coupon
from attribution.customers.models import Consent, Identity
from surveys.actions import publish_version
from surveys.definition import Definition
from surveys.models import Placement, PlacementDay, Response

pytestmark = pytest.mark.django_db


def submitted() -> int:
    return Response.objects.filter(received_at__isnull=False).count()


def test_a_guest_answers_step_by_step_and_is_thanked(pages: Any, reward: Any) -> None:
    pages.open()
    assert pages.question == "first_heard"
    pages.send(answer="douyin")
    assert pages.question == "which_short_video"
    pages.send(answer="阿明的探店")
    assert pages.question == "nps"
    pages.send(answer="9")
    assert pages.question == "phone"
    thanks = pages.send(finish="with", phone="138 0013 8000", consent="yes")

    response, coupon = Response.objects.get(), Coupon.objects.get()
    assert response.answers == {"first_heard": "douyin", "which_short_video": "阿明的探店", "nps": 9}
    assert response.coupon == coupon
    assert coupon.code in thanks.content.decode().replace("-", "")
    assert b"<svg" in thanks.content
    assert Consent.objects.count() == 1
    assert set(Identity.objects.values_list("kind", flat=True)) == {"phone", "device"}


def test_declining_leaves_no_phone_whatever_was_typed(pages: Any) -> None:
    pages.open()
    pages.send(answer="dont_remember")
    pages.send(answer="")
    pages.send(finish="without", phone="13800138000", consent="yes")

    assert submitted() == 1
    assert not Consent.objects.exists()
    assert set(Identity.objects.values_list("kind", flat=True)) == {"device"}


def test_the_order_shown_is_stored_and_stays_on_reload(pages: Any) -> None:
    def order() -> list[str]:
        return [option.key for option in pages.page.context["step"].options]

    pages.open()
    first = order()
    pages.open()
    assert order() == first
    assert first[-2:] == ["other", "dont_remember"]
    pages.send(answer="metro")

    assert Response.objects.get().shown_order["first_heard"] == first


def test_the_page_records_where_the_choice_stood(pages: Any, kiosk: Placement, pages_at: Callable[..., Any]) -> None:
    for shown in (pages, pages_at(kiosk, Client())):
        shown.open()
        place = [option.key for option in shown.page.context["step"].options].index("douyin")
        shown.answer_all()
        response = Response.objects.get(placement__token=shown.path.rsplit("/", 1)[-1])
        assert (response.chosen_place, response.places) == (place, 3)


def test_a_reload_a_second_tab_and_a_double_tap_are_one_response(pages: Any, guest: Client) -> None:
    pages.open()
    pages.open()
    pages.send(answer="metro")
    pages.send(answer="")
    pages.send(answer="7")
    last = pages.page.context["ticket"]
    for _ in range(2):
        page = guest.post(pages.path, {"ticket": last, "question": "phone", "finish": "without"}, follow=True)

    assert page.templates[0].name == "guest/thanks.html"
    assert (Response.objects.count(), submitted()) == (1, 1)
    assert PlacementDay.objects.values_list("impressions", "starts", "finishes").get() == (1, 1, 1)


def test_looking_is_counted_but_makes_no_response(pages: Any, guest: Client) -> None:
    pages.open()
    guest.head(pages.path)
    Client().head(pages.path)

    assert not Response.objects.exists()
    assert PlacementDay.objects.values_list("impressions", "starts").get() == (1, 0)


def test_the_cookie_is_signed_and_belongs_to_this_page(pages: Any, guest: Client) -> None:
    page = pages.open()

    cookie = page.cookies["guest"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (pages.path, True, "Lax")
    guest.cookies["guest"] = cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B")
    assert pages.open().context["ticket"] != cookie.value


def test_the_thank_you_is_shown_again_for_a_day(pages: Any, reward: Any) -> None:
    pages.answer_all()
    code = Coupon.objects.get().code

    assert code in pages.open().content.decode().replace("-", "")
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        pages.open()
        assert pages.question == "first_heard"


def test_the_same_phone_at_another_table_sees_its_thank_you(
    pages: Any, pages_at: Callable[..., Any], placement: Placement
) -> None:
    pages.answer_all()
    table = pages_at(Placement.objects.create(survey=placement.survey, store=placement.store, spot="table 4"))

    assert table.open().templates[0].name == "guest/thanks.html"


def test_two_pages_opened_by_one_phone_are_one_answer(
    pages: Any, pages_at: Callable[..., Any], placement: Placement, reward: Any
) -> None:
    table = pages_at(Placement.objects.create(survey=placement.survey, store=placement.store, spot="table 4"))
    table.open()
    pages.answer_all()

    assert table.send(answer="metro").templates[0].name == "guest/thanks.html"
    assert (Response.objects.count(), Coupon.objects.count()) == (1, 1)


def test_a_page_left_open_across_a_new_version_answers_the_old_one(pages: Any, definition: Definition) -> None:
    pages.open()
    publish_version(survey=Placement.objects.get().survey, definition=Definition(definition.questions[-2:]))
    pages.send(answer="friends")
    assert pages.question == "which_referral"
    pages.send(answer="family")
    pages.send(answer="8")
    pages.send(finish="without")

    assert Response.objects.get().version.number == 1


def test_a_page_whose_cookie_is_gone_still_answers(pages: Any, guest: Client) -> None:
    shown = pages.open().context
    guest.cookies.clear()
    page = guest.post(pages.path, {"ticket": shown["ticket"], "question": "first_heard", "answer": "metro"})

    assert page.status_code == 303
    assert Response.objects.get().pk == shown["step"].ticket.uuid


def test_a_page_older_than_the_cookie_answers_the_version_it_showed(
    pages: Any, guest: Client, survey: Any, definition: Definition
) -> None:
    old = pages.open().context["ticket"]
    publish_version(survey=survey, definition=Definition(definition.questions[-2:]))
    guest.cookies.clear()
    pages.open()
    guest.post(pages.path, {"ticket": old, "question": "first_heard", "answer": "metro"})

    response = Response.objects.get()
    assert (response.version.number, response.answers) == (1, {"first_heard": "metro"})


def test_a_page_without_any_ticket_begins_anew(pages: Any, guest: Client) -> None:
    page = guest.post(pages.path, {"question": "first_heard", "answer": "metro"}, follow=True)

    assert page.context["step"].question.key == "which_out_of_home"


def test_nothing_chosen_is_said_at_the_question_with_focus_on_the_first_choice(pages: Any) -> None:
    pages.open()
    page = pages.send()

    assert page.status_code == 422
    assert "Please choose an answer." in page.content.decode()
    assert page.content.decode().count("autofocus") == 1
    assert not Response.objects.exists()


def test_a_wrong_phone_is_said_and_nothing_typed_is_lost(pages: Any) -> None:
    pages.open()
    pages.send(answer="dont_remember")
    pages.send(answer="10")
    page = pages.send(finish="with", phone="12", consent="yes")

    html = page.content.decode()
    assert page.status_code == 422
    assert "“12” is not a phone number" in html
    assert 'value="12"' in html
    assert 'value="yes" checked' in html
    assert submitted() == 0
    assert "Write your phone number" in pages.send(finish="with", phone=" ").content.decode()


def test_the_back_link_shows_what_was_chosen_and_another_choice_leaves_the_old_branch(pages: Any) -> None:
    pages.open()
    pages.send(answer="other")
    pages.open("?at=first_heard")
    assert pages.page.context["step"].value == "other"
    pages.send(answer="friends")
    pages.send(answer="colleague")
    pages.open("?at=first_heard")
    pages.send(answer="metro")

    assert Response.objects.get().answers == {"first_heard": "metro"}


@pytest.mark.parametrize("query", ["?at=phone", "?at=nps", "?at=which_referral", "?at=%00"])
def test_nobody_skips_a_required_question(pages: Any, query: str) -> None:
    pages.open(query)

    assert pages.question == "first_heard"


def test_a_last_step_sent_alone_leads_to_the_question_left_out(pages: Any, guest: Client) -> None:
    ticket = pages.open().context["ticket"]
    page = guest.post(pages.path, {"ticket": ticket, "question": "phone", "finish": "without"})

    assert page.status_code == 422
    assert page.context["step"].question.key == "first_heard"


def test_the_other_language_keeps_what_was_typed(pages: Any, guest: Client) -> None:
    pages.open()
    pages.send(answer="friends")
    page = pages.send(answer="other", text="une amie", language="zh-hans")

    html = page.content.decode()
    assert 'lang="zh-hans"' in html
    assert "是谁告诉您的？" in html
    assert 'value="une amie"' in html
    assert 'value="other" checked' in html
    assert pages.send(answer="other", text="une amie").context["step"].language == "zh-hans"


def test_a_language_that_is_not_offered_changes_nothing(pages: Any) -> None:
    pages.open()

    assert pages.send(answer="metro", language="tlh").context["step"].language == "en"


def test_the_language_is_the_browsers(placement: Placement) -> None:
    chinese = Client(headers={"accept-language": "zh-CN,zh;q=0.9"}).get(f"/s/{placement.token}")

    assert "您第一次是从哪里知道我们的？" in chinese.content.decode()


@pytest.mark.parametrize("typed", ["مرحبا بكم", "🎈👩‍👩‍👧", "<script>alert(1)</script>", '" onfocus="x', "字" * 500])
def test_whatever_is_typed_comes_back_as_it_was(pages: Any, typed: str) -> None:
    pages.open()
    pages.send(answer="other", text=typed)
    page = pages.open("?at=first_heard")

    assert Response.objects.get().answers["first_heard.text"] == typed
    assert typed in [option.text for option in page.context["step"].options]
    assert b"<script>alert" not in page.content


def test_a_text_that_is_too_long_is_said_and_kept(pages: Any) -> None:
    pages.open()
    page = pages.send(answer="other", text="x" * 501)

    assert "at most 500 characters" in page.content.decode()
    assert "x" * 501 in [option.text for option in page.context["step"].options]


def test_the_receipt_of_the_address_is_kept(pages: Any) -> None:
    pages.open("?receipt=%20A-17%0a")
    pages.send(answer="dont_remember")
    pages.send(answer="")
    pages.send(finish="without")

    assert Response.objects.get().receipt_number == "A-17"


def test_coupons_are_promised_only_while_there_are_some(pages: Any, reward: Any) -> None:
    assert "get a coupon worth" in pages.open().content.decode()
    reward.issued_count = 3
    reward.save()
    assert "have been given out" in pages.open().content.decode()

    assert "There is no coupon left" in pages.answer_all().content.decode()
    assert submitted() == 1


def test_a_survey_without_a_coupon_thanks_all_the_same(pages: Any) -> None:
    html = pages.answer_all().content.decode()

    assert "Your answers have arrived. Enjoy" in html
    assert "coupon" not in html


def test_a_coupons_last_day_is_the_earlier_of_its_own_and_the_batchs(pages: Any, reward: Any) -> None:
    reward.valid_until = timezone.localdate() + timedelta(days=3)
    reward.save()

    assert pages.answer_all().context["last_day"] == reward.valid_until


def test_too_many_saves_of_one_response_are_refused(pages: Any) -> None:
    pages.open()
    pages.send(answer="metro")
    Response.objects.update(saves=200)

    assert pages.send(answer="x").status_code == 429
