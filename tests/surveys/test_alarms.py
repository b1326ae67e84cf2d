"""Alarms are raised once, last while they last, and leave those who know in peace."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from surveys import tasks
from surveys.alarms import alarm_rows
from surveys.models import Placement, PlacementAlarm, PlacementDay

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 3, 31, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
MONDAY = date(2026, 3, 30)


def show(placement: Placement, day: date, shown: int, finished: int) -> None:
    PlacementDay.objects.create(
        placement=placement, day=day, impressions=shown, starts=finished, finishes=finished
    )  # fmt: skip


@pytest.fixture
def steady(placement: Placement) -> Placement:
    """Four weeks of 40 views a day, 10 of them finished, up to Sunday."""
    for back in range(1, 29):
        show(placement, MONDAY - timedelta(days=back), 40, 10)
    return placement


def watch(*, days: int = 0) -> None:
    with time_machine.travel(TUESDAY + timedelta(days=days), tick=False):
        tasks.watch()


def told() -> list[str]:
    return [row.words for row in alarm_rows()]


def test_a_silent_place_says_since_when(steady: Placement) -> None:
    watch()
    watch()

    assert told() == ["Xuhui · counter has been silent since March 29, 2026."]
    assert PlacementAlarm.objects.get().since == MONDAY


def test_a_day_as_usual_raises_none_and_ends_what_was(steady: Placement) -> None:
    watch()
    show(steady, MONDAY + timedelta(days=1), 41, 10)
    watch(days=1)

    assert told() == []
    assert PlacementAlarm.objects.get().ended_at is not None
    watch(days=2)
    assert [alarm.since.day for alarm in PlacementAlarm.objects.order_by("pk")] == [30, 1]


def test_what_lasts_is_one_alarm_and_who_knows_is_left_in_peace(steady: Placement, marketer: Client) -> None:
    watch()
    [row] = marketer.get("/surveys/").context["alarms"]
    page = marketer.post(f"/surveys/alarms/{row.alarm.pk}/acknowledge/", follow=True)
    watch(days=1)

    assert "Noted." in page.content.decode()
    assert told() == []
    alarm = PlacementAlarm.objects.get()
    assert (alarm.since, alarm.day) == (MONDAY, MONDAY + timedelta(days=1))
    assert alarm.acknowledged_by == marketer.staff  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("shown", "finished", "words"),
    [
        (5, 1, "Xuhui · counter was shown 5 times on March 30, 2026; usual are 21 to 59."),
        (40, 30, "75% of those who saw Xuhui · counter on March 30, 2026 finished; usual are 4% to 46%."),
    ],
)
def test_what_is_not_as_usual_is_said_with_what_is(steady: Placement, shown: int, finished: int, words: str) -> None:
    show(steady, MONDAY, shown, finished)
    watch()

    assert told() == [words]


@pytest.mark.parametrize("rest", ["closed on Mondays", "switched off"])
def test_nothing_is_expected_of_a_place_that_rests(steady: Placement, rest: str) -> None:
    steady.hours = [[], *[[[600, 1320]]] * 6] if rest == "closed on Mondays" else []
    steady.is_open = rest != "switched off"
    steady.save()
    watch()

    assert told() == []


def test_a_new_place_is_left_alone(placement: Placement, kiosk: Placement) -> None:
    for back in range(1, 10):
        show(placement, MONDAY - timedelta(days=back), 40, 10)
    watch()

    assert told() == []


def test_alarms_stand_on_the_places_page_and_are_for_marketers_and_managers(
    steady: Placement, marketer: Client, clerk: Client, outsider: Client
) -> None:
    watch()
    path = f"/surveys/alarms/{PlacementAlarm.objects.get().pk}/acknowledge/"

    page: Any = marketer.get(f"/surveys/{steady.survey_id}/placements/")
    assert "has been silent since" in page.content.decode()
    assert [client.post(path).status_code for client in (clerk, outsider)] == [403, 302]
    assert marketer.get(path).status_code == 302
