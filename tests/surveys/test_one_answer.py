"""One guest, one answer: by device, phone or receipt, within the window that the survey chooses."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attribution.coupons.models import Coupon
from attribution.evidence.models import Touchpoint
from surveys.actions import publish_version, record_response, responses
from surveys.actions.one_answer import forget_old_guests, set_one_answer
from surveys.definition import Definition
from surveys.facts import RESPONSES
from surveys.models import OneAnswer, Placement, Response, Survey
from tests.surveys.conftest import NOON

PHONE, DEVICE = "138 0013 8000", "device-token-of-a-guest"
Build = Callable[..., Any]


@pytest.fixture
def choose(survey: Survey, placement: Placement) -> Callable[..., None]:
    """Choose who counts as the same guest in the survey of ``placement``."""

    def choose(hours: int | None = 24, *, device: bool = False, contact: bool = False, receipt: bool = False) -> None:
        set_one_answer(
            survey=placement.survey, by_device=device, by_contact=contact, by_receipt=receipt, window_hours=hours
        )

    return choose


def record(placement: Placement, answered: Any) -> str:
    """Return by what the answer repeats an earlier one."""
    return record_response(placement=placement, answered=answered).repeats


@pytest.mark.django_db
def test_by_default_a_device_counts_once_in_24_hours(placement: Placement, answered: Build) -> None:
    for hours, repeats in ((0, ""), (23, "device"), (24, ""), (47, "device")):
        at = NOON + timedelta(hours=hours)
        assert record(placement, answered(device=DEVICE, submitted_at=at)) == repeats
    assert record(placement, answered(submitted_at=NOON)) == ""


@pytest.mark.django_db
def test_a_repeat_is_kept_and_counts_nowhere(
    placement: Placement, answered: Build, reward: Any, choose: Build, bell: list[None]
) -> None:
    placement.survey.reward_batch = reward
    choose(contact=True)
    first = record_response(placement=placement, answered=answered(phone=PHONE))
    again = record_response(placement=placement, answered=answered(phone="+86 13800138000"))

    assert (first.repeats, again.repeats) == ("", "contact")
    assert (first.coupon is not None, again.coupon) == (True, None)
    assert Response.objects.count() == 2
    assert list(Response.objects.counted()) == [first]
    assert Touchpoint.objects.get().source_key == f"response:{first.pk}"
    assert RESPONSES.rows().count() == 1


@pytest.mark.django_db
def test_only_what_the_survey_chose_makes_the_same_guest(placement: Placement, answered: Build, choose: Build) -> None:
    same = {"device": DEVICE, "phone": PHONE, "receipt": "A-17"}
    choose(receipt=True)
    assert [record(placement, answered(**same)), record(placement, answered(**same))] == ["", "receipt"]
    assert record(placement, answered(**same | {"receipt": "A-18"})) == ""
    choose()
    assert record(placement, answered(**same)) == ""


@pytest.mark.django_db
def test_receipts_are_numbered_by_each_store_for_itself(
    placement: Placement, other_store: Any, answered: Build, choose: Build
) -> None:
    choose(receipt=True)
    elsewhere = Placement.objects.create(survey=placement.survey, store=other_store)

    assert record(placement, answered(receipt="A-17")) == ""
    assert record(elsewhere, answered(receipt="A-17")) == ""


@pytest.mark.django_db
def test_once_ever_is_for_ever(placement: Placement, answered: Build, choose: Build) -> None:
    choose(None, contact=True)

    assert record(placement, answered(phone=PHONE)) == ""
    assert record(placement, answered(phone=PHONE, submitted_at=NOON + timedelta(days=900))) == "contact"


@pytest.mark.django_db
def test_a_friends_number_typed_on_a_device_that_has_answered_can_still_answer(
    placement: Placement, answered: Build, choose: Build
) -> None:
    choose(device=True, contact=True)
    record(placement, answered(device=DEVICE))

    assert record(placement, answered(device=DEVICE, phone=PHONE)) == "device"
    assert record(placement, answered(phone=PHONE)) == ""


@pytest.mark.django_db
def test_what_a_tablet_sends_late_counts_where_it_was_answered(
    placement: Placement, answered: Build, choose: Build
) -> None:
    choose(contact=True)
    record(placement, answered(phone=PHONE, submitted_at=NOON))

    assert record(placement, answered(phone=PHONE, device=None, submitted_at=NOON - timedelta(days=3))) == ""
    assert record(placement, answered(phone=PHONE, submitted_at=NOON + timedelta(hours=1))) == "contact"


@pytest.mark.django_db
def test_a_tablet_is_never_limited_by_its_device(kiosk: Placement, answered: Build) -> None:
    answers = [answered(device=DEVICE) for _ in range(3)]

    assert [record(kiosk, one) for one in answers] == ["", "", ""]


@pytest.mark.django_db
def test_another_survey_asks_anew(placement: Placement, answered: Build, definition: Definition) -> None:
    record(placement, answered(device=DEVICE))
    survey = Survey.objects.create(name_en="Another")
    version = publish_version(survey=survey, definition=definition)
    version.survey = survey
    elsewhere = Placement.objects.create(survey=survey, store=placement.store)

    assert record(elsewhere, answered(device=DEVICE, version=version)) == ""


@pytest.mark.django_db
def test_recognising_a_guest_costs_one_statement(placement: Placement, answered: Build, choose: Build) -> None:
    counts = []
    for chosen in ({}, {"device": True, "contact": True, "receipt": True}):
        choose(**chosen)
        one = answered(phone=PHONE, receipt="A-17")
        with CaptureQueriesContext(connection) as asked:
            record(placement, one)
        counts.append(sum("surveys_oneanswer" in query["sql"] for query in asked))
    assert counts == [0, 1]


@pytest.mark.django_db
def test_what_can_matter_no_more_is_forgotten(placement: Placement, answered: Build, choose: Build) -> None:
    record(placement, answered())  # in March
    forget_old_guests()
    assert not OneAnswer.objects.exists()
    choose(None, device=True)
    record(placement, answered())
    forget_old_guests()
    assert OneAnswer.objects.count() == 1


AT_ONCE = 12


def at_once(placement: Placement, answers: list[Any]) -> list[str]:
    """Record them in threads that start together; return by what each repeats another."""
    barrier, found = threading.Barrier(len(answers)), []

    def one(answer: Any) -> None:
        barrier.wait(10)
        try:
            found.append(record(placement, answer))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[answer]) for answer in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(found)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_answers_with_one_phone_at_the_same_moment_one_counts(
    placement: Placement, answered: Build, choose: Build, reward: Any
) -> None:
    placement.survey.reward_batch = reward
    choose(contact=True)

    got = at_once(placement, [answered(phone=PHONE) for _ in range(AT_ONCE)])

    assert got == ["", *["contact"] * (AT_ONCE - 1)]
    assert (Response.objects.counted().count(), Coupon.objects.count(), Touchpoint.objects.count()) == (1, 1, 1)
    assert OneAnswer.objects.get().response == Response.objects.counted().get()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_who_only_looks_first_counts_many(
    placement: Placement, answered: Build, choose: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(receipt=True)
    looked, seen = threading.Barrier(AT_ONCE), threading.local()
    monkeypatch.setattr(responses, "take_one_answer", lambda **_: seen.repeats)

    def look_first(*, placement: Placement, answered: Any) -> Any:
        seen.repeats = "receipt" if OneAnswer.objects.exists() else ""
        looked.wait(10)
        return responses.record_response(placement=placement, answered=answered)

    monkeypatch.setattr("tests.surveys.test_one_answer.record_response", look_first)

    assert at_once(placement, [answered(receipt="A-17") for _ in range(AT_ONCE)]) == [""] * AT_ONCE
