"""Places set up by staff: hours, signature, one in many stores."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client

from attribution.customers.models import Store
from surveys.models import Placement, PlacementDay, Response, Survey
from surveys.placements import signature, signing_key

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_NIGHT = datetime(2026, 3, 2, 22, tzinfo=SHANGHAI)
CLOSED_IN_CHINESE = "休息"
TEN_TO_TEN = [[[600, 1320]] for _day in range(7)]


def test_a_place_is_set_up_with_its_hours_and_last_day(
    marketer: Client, survey: Survey, store: Store, bell: list[None]
) -> None:
    typed = {"store": store.pk, "spot": "桌 4", "mode": "own_phone", "is_open": "on", "usual": "10-22"}
    typed |= {"sunday": "closed", "last_day": "2026-03-31"}
    page = marketer.post(f"/surveys/{survey.pk}/placements/new/", typed, follow=True)

    placement = Placement.objects.get()
    assert (placement.spot, placement.hours) == ("桌 4", [*TEN_TO_TEN[:6], []])
    assert placement.expires_at == datetime(2026, 4, 1, tzinfo=SHANGHAI)
    assert bell == [None]
    form = page.context["form"]
    assert [form[name].value() for name in ("usual", "saturday", "sunday", "last_day")][:3] == [
        "10:00–22:00", None, "closed",
    ]  # fmt: skip
    assert str(form["last_day"].value()) == "2026-03-31"


def test_a_place_without_hours_is_always_open(marketer: Client, placement: Placement) -> None:
    typed = {"store": placement.store_id, "spot": "door", "mode": "own_phone", "is_open": "on"}
    marketer.post(f"/surveys/{placement.survey_id}/placements/{placement.pk}/", typed)

    placement.refresh_from_db()
    assert (placement.spot, placement.hours, placement.expires_at) == ("door", [], None)
    assert placement.is_open_at(MONDAY_NIGHT)


def test_what_the_form_shows_can_be_sent_back_in_chinese_too(marketer: Client, placement: Placement) -> None:
    Placement.objects.filter(pk=placement.pk).update(hours=[*TEN_TO_TEN[:6], []])
    address, chinese = f"/surveys/{placement.survey_id}/placements/{placement.pk}/", {"accept-language": "zh"}
    form = marketer.get(address, headers=chinese).context["form"]

    assert form["sunday"].value() == CLOSED_IN_CHINESE
    marketer.post(address, {"store": placement.store_id, "mode": "own_phone", "usual": "10-22", "sunday": "休息"})
    placement.refresh_from_db()
    assert placement.hours == [*TEN_TO_TEN[:6], []]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"usual": "all day"}, "usual", "“all day” are no hours."),
        ({"monday": "10-10"}, "monday", "“10-10” ends when it begins."),
        ({"usual": "closed"}, "usual", "These are closed all week."),
        ({"mode": "kiosk", "is_signed": "on"}, "__all__", "Only the address for a guest’s own phone can be signed."),
        ({"store": "999"}, "store", "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    marketer: Client, placement: Placement, typed: dict[str, str], field: str, words: str
) -> None:
    usual = {"store": placement.store_id, "mode": "own_phone", "is_open": "on"}
    page = marketer.post(f"/surveys/{placement.survey_id}/placements/{placement.pk}/", usual | typed)

    assert words in page.context["form"].errors[field][0]
    placement.refresh_from_db()
    assert (placement.spot, placement.hours, placement.is_signed) == ("counter", [], False)


@pytest.fixture
def asleep(placement: Placement) -> Placement:
    placement.hours = TEN_TO_TEN
    placement.save()
    return placement


def test_outside_its_hours_a_place_says_when_it_opens(guest: Client, asleep: Placement) -> None:
    with time_machine.travel(MONDAY_NIGHT, tick=False):
        page, chinese = (guest.get(f"/s/{asleep.token}", headers={"accept-language": code}) for code in ("en", "zh"))

    assert page.status_code == 403
    assert "opens again on Tue, Mar 3, 10:00." in page.content.decode()
    assert "3月3日周二" in chinese.content.decode()
    assert not PlacementDay.objects.exists()


def test_who_began_in_time_may_finish_after_hours(pages: Any, asleep: Placement) -> None:
    with time_machine.travel(MONDAY_NIGHT - timedelta(minutes=1), tick=False):
        pages.open()
        pages.send(answer="metro")
    with time_machine.travel(MONDAY_NIGHT + timedelta(minutes=20), tick=False):
        pages.send(answer="")
        pages.send(answer="9")
        pages.send(finish="without")

    assert Response.objects.get().is_submitted


def test_the_list_tells_what_has_ended_from_what_is_asleep(marketer: Client, asleep: Placement, kiosk: Any) -> None:
    Placement.objects.filter(pk=kiosk.pk).update(is_open=False)
    with time_machine.travel(MONDAY_NIGHT, tick=False):
        page = marketer.get(f"/surveys/{asleep.survey_id}/placements/")

    assert [(row.has_ended, row.is_open) for row in page.context["rows"]] == [(False, False), (True, False)]
    assert "outside its hours" in page.content.decode()


# ── Signed addresses ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def signed(placement: Placement) -> Placement:
    placement.is_signed = True
    placement.save()
    return placement


def test_a_signed_place_is_found_by_its_code_alone(marketer: Client, guest: Client, signed: Placement) -> None:
    address = marketer.get(f"/surveys/{signed.survey_id}/placements/{signed.pk}/").context["address"]

    assert guest.get(address).status_code == 200
    assert guest.get(f"/s/{signed.token}").status_code == 200  # the page is kept in its cookie
    refused = Client().get(f"/s/{signed.token}", headers={"accept-language": "en"})
    assert (refused.status_code, PlacementDay.objects.get().impressions) == (403, 1)
    assert "This address is not complete." in refused.content.decode()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"receipt": "R-7", "source": "till"}, 200),
        ({"receipt": "R-7"}, 403),
        ({"receipt": "R-8", "source": "till"}, 403),
        ({"receipt": "R-7", "source": "poster"}, 403),
        ({}, 403),
    ],
)
def test_the_parameters_are_part_of_what_is_signed(
    guest: Client, signed: Placement, query: dict[str, str], status: int
) -> None:
    given = signature(signed, {"receipt": "R-7", "source": "till"})

    assert guest.get(f"/s/{signed.token}", {**query, "sig": given}).status_code == status


def test_a_till_signs_as_the_handbook_says(signed: Placement, other_store: Store) -> None:
    import hashlib
    import hmac

    message = f"{signed.token}\ntill\nR-7".encode()
    by_hand = hmac.new(signing_key(signed).encode(), message, hashlib.sha256).hexdigest()[:32]
    another = Placement.objects.create(survey=signed.survey, store=other_store)

    assert signature(signed, {"receipt": "R-7", "source": "till"}) == by_hand
    assert signing_key(another) != signing_key(signed)


def test_a_tablets_address_cannot_be_signed(kiosk: Placement) -> None:
    kiosk.is_signed = True

    with pytest.raises(IntegrityError, match="placement_signed_is_own_phone"):
        kiosk.save()


# ── Many stores ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_place_in_many_stores_leaves_those_that_have_it(
    marketer: Client, placement: Placement, other_store: Store
) -> None:
    address = f"/surveys/{placement.survey_id}/placements/everywhere/"
    assert marketer.get(address).status_code == 200
    typed = {"spot": "counter", "mode": "own_phone", "usual": "10-22", "stores": [placement.store_id, other_store.pk]}
    first, again = (marketer.post(address, typed, follow=True) for _ in range(2))

    assert "1 place is new." in first.content.decode()
    assert "Nothing new" in again.content.decode()
    made = Placement.objects.exclude(pk=placement.pk).get()
    assert (made.store, made.spot, made.hours) == (other_store, "counter", TEN_TO_TEN)


def test_a_store_that_opened_later_gets_its_place_by_one_click(
    marketer: Client, placement: Placement, other_store: Store
) -> None:
    Store.objects.create(code="gone", name_en="Gone", is_active=False)
    [row] = marketer.get("/surveys/").context["rows"]
    assert row.missing == 1
    assert "1 store has no place:" in marketer.get(f"/surveys/{placement.survey_id}/placements/").content.decode()

    page = marketer.post(f"/surveys/{placement.survey_id}/placements/missing/", follow=True)

    assert "1 place is new." in page.content.decode()
    assert Placement.objects.get(store=other_store).spot == "counter"
    assert not page.context["missing"]


def test_the_first_places_of_a_survey_are_made_by_the_same_click(marketer: Client, survey: Survey, store: Any) -> None:
    marketer.post(f"/surveys/{survey.pk}/placements/missing/")

    assert [(row.store, row.spot, row.mode) for row in Placement.objects.all()] == [(store, "", "own_phone")]


def test_places_are_for_marketers_and_managers(
    marketer: Client, manager: Client, clerk: Client, outsider: Client, placement: Placement
) -> None:
    folder = f"/surveys/{placement.survey_id}/placements/"
    for path in (folder, f"{folder}new/", f"{folder}everywhere/", f"{folder}{placement.pk}/"):
        statuses = [client.get(path).status_code for client in (marketer, manager, clerk, outsider)]
        assert statuses == [200, 200, 403, 302], path
    assert [client.post(f"{folder}missing/").status_code for client in (clerk, outsider)] == [403, 302]
    assert marketer.get(f"{folder}missing/").status_code == 302
    assert marketer.get(f"/surveys/{placement.survey_id + 1}/placements/{placement.pk}/").status_code == 404


def test_an_answer_that_a_tablet_kept_is_taken_at_whatever_hour(manager: Client, asleep: Placement) -> None:
    body = {"placement": asleep.token, "answers": {"first_heard": "metro"}, "language": "en"}
    with time_machine.travel(MONDAY_NIGHT + timedelta(hours=1), tick=False):
        body["submitted_at"] = MONDAY_NIGHT.isoformat()
        answer = manager.post(
            "/api/v1/responses/", body, content_type="application/json", headers={"Idempotency-Key": "a-key-of-ours"}
        )

    assert answer.status_code == 201, answer.content
