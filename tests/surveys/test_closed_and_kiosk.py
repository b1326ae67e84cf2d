"""Pages that no longer ask, and the tablet that belongs to no guest."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from attribution.customers.models import Customer, Identity
from surveys.models import Placement, PlacementDay, Response, Survey

pytestmark = pytest.mark.django_db


def test_an_unknown_address_is_a_friendly_404(guest: Client) -> None:
    page = guest.get("/s/nothing-here")

    assert (page.status_code, page.templates[0].name) == (404, "guest/sorry.html")
    assert "There is no questionnaire at this address." in page.content.decode()


def test_a_survey_without_a_version_is_not_there_yet(guest: Client, store: Any) -> None:
    placement = Placement.objects.create(survey=Survey.objects.create(name_en="Draft"), store=store)

    assert guest.get(f"/s/{placement.token}").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("closed", ["switched off", "expired", "survey closed", "store closed"])
def test_what_has_ended_is_a_friendly_410(guest: Client, placement: Placement, method: str, closed: str) -> None:
    placement.is_open = closed != "switched off"
    placement.expires_at = timezone.now() if closed == "expired" else None
    placement.survey.closed_at = timezone.now() if closed == "survey closed" else None
    placement.store.is_active = closed != "store closed"
    for row in (placement, placement.survey, placement.store):
        row.save()

    page = getattr(guest, method)(f"/s/{placement.token}")

    assert page.status_code == 410
    assert "This questionnaire has ended." in page.content.decode()
    assert not PlacementDay.objects.exists()


def test_who_began_in_time_may_finish_within_the_hour(pages: Any, placement: Placement) -> None:
    pages.open()
    pages.send(answer="metro")
    placement.expires_at = timezone.now() + timedelta(minutes=1)
    placement.save()

    with time_machine.travel(timezone.now() + timedelta(minutes=50), tick=False):
        assert pages.send(answer="").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=70), tick=False):
        assert pages.open().status_code == 410


def test_who_has_answered_keeps_the_thank_you_after_the_end(pages: Any, placement: Placement) -> None:
    pages.answer_all()
    placement.is_open = False
    placement.save()

    assert pages.open().status_code == 200


def test_a_tablet_is_no_guests_device(kiosk: Placement, pages_at: Callable[..., Any], guest: Client) -> None:
    page = pages_at(kiosk).answer_all()

    assert "Next guest" in page.content.decode()
    assert "device" not in guest.cookies
    assert not Identity.objects.exists()
    assert Response.objects.get().customer == Customer.objects.get()


def test_the_next_guest_begins_anew(kiosk: Placement, pages_at: Callable[..., Any], guest: Client) -> None:
    pages = pages_at(kiosk)
    pages.answer_all()
    pages.page = guest.post(pages.path, {"next_guest": "yes"}, follow=True)

    assert pages.question == "first_heard"
    assert pages.page.context["step"].answers == {}
    pages.answer_all()
    assert Response.objects.count() == Customer.objects.count() == 2


def test_an_old_page_does_not_bring_the_last_guest_back(
    kiosk: Placement, pages_at: Callable[..., Any], guest: Client, reward: Any
) -> None:
    pages = pages_at(kiosk)
    old = pages.open().context["ticket"]
    pages.answer_all()
    guest.post(pages.path, {"next_guest": "yes"})
    page = guest.post(pages.path, {"ticket": old, "question": "first_heard", "answer": "metro"}, follow=True)

    assert page.templates[0].name == "guest/step.html"
    assert Response.objects.count() == 2


def test_next_guest_means_nothing_on_a_phone(pages: Any, guest: Client) -> None:
    pages.answer_all()

    assert guest.post(pages.path, {"next_guest": "yes"}, follow=True).templates[0].name == "guest/thanks.html"
