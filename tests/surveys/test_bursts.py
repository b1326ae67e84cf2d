"""Answers that look as if no guests had given them: what is flagged, what is not, kept, set aside and brought back."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from attribution.evidence.models import Touchpoint
from surveys.actions import record_response
from surveys.actions.reviewing import decide, find_bursts, forget_networks, review_answers
from surveys.bursts import Given, bursts, least_seconds
from surveys.definition import Definition
from surveys.facts import RESPONSES
from surveys.models import Burst, BurstDecision, Placement, Response, Survey
from surveys.results.file import kept_answers, write_answers
from surveys.suspicion import is_suspected
from tests.surveys.conftest import NOON

State = Burst.State
Build = Callable[..., Any]
NETWORK = "0123456789abcdef"


def given(minute: float, *, seconds: float | None = 40, said: str = "", size: int = 3) -> Given:
    answers = {"a": said or str(uuid.uuid4()), "b": 1, "c": 2}
    return Given(uuid.uuid4(), NOON + timedelta(minutes=minute), seconds, 8.0, dict(list(answers.items())[:size]))


# ── The rule ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_full_house_on_one_wifi_is_not_flagged() -> None:
    assert bursts(given(number / 10) for number in range(200)) == []


def test_a_few_quick_guests_are_not_flagged() -> None:
    assert bursts(given(number, seconds=3 if number % 4 == 0 else 40) for number in range(60)) == []


def test_guests_who_agree_are_not_flagged() -> None:
    assert bursts(given(5 * number, said="tea") for number in range(60)) == []


def test_short_answers_that_are_alike_say_nothing() -> None:
    assert bursts(given(number / 10, said="tea", size=2) for number in range(100)) == []


def test_many_fast_ones_are_flagged_and_not_whoever_sat_beside() -> None:
    guests = [given(number) for number in range(5)]
    program = [given(number / 2, seconds=2) for number in range(10)]

    (found,) = bursts(guests + program)

    assert found.answers == {one.pk for one in program}
    assert (found.first_at, found.last_at) == (program[0].at, program[-1].at)
    assert (found.together, found.hasty) == (15, 10)


def test_many_of_the_same_are_flagged_even_if_slow() -> None:
    same = [given(5 + number / 10, said="tea") for number in range(6)]

    (found,) = bursts([given(number / 2) for number in range(9)] + same)

    assert found.answers == {one.pk for one in same}
    assert found.alike == 6


def test_few_are_flagged_that_are_both_fast_and_the_same() -> None:
    same = [given(number, said="tea", seconds=2) for number in range(6)]

    assert [found.answers for found in bursts(same)] == [{one.pk for one in same}]
    assert bursts(same[:5]) == []


def test_answers_whose_time_nobody_knows_are_not_called_fast() -> None:
    assert bursts(given(number / 10, seconds=None) for number in range(50)) == []


def test_what_lies_apart_is_two_bursts() -> None:
    rows = [given(hour * 60 + number / 10, seconds=1) for hour in (0, 1) for number in range(12)]

    assert [len(found.answers) for found in bursts(rows)] == [12, 12]


def test_what_goes_on_is_one_burst() -> None:
    assert [len(found.answers) for found in bursts(given(number / 2, seconds=1) for number in range(100))] == [100]


def test_reading_takes_a_second_a_page_and_the_questions_length(definition: Definition) -> None:
    # Three of four questions are asked of who chose no channel, of 32, 47 and 42 letters: 3 + 121 ÷ 70.
    assert least_seconds(definition, {"first_heard": "dont_remember"}, "en") == pytest.approx(4.73, abs=0.01)
    # In Chinese 14, 11, 15 and 10 signs: 4 + 50 ÷ 20.
    assert least_seconds(definition, {"first_heard": "douyin"}, "zh-hans") == pytest.approx(6.5, abs=0.01)


# ── What the worker and a manager do ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def flood(placement: Placement, answered: Build) -> Callable[..., list[Response]]:
    """Record answers that came every second, each two seconds after its page was shown."""

    def flood(number: int = 12, at: datetime = NOON, seconds: int = 2, where: Placement = placement) -> list[Response]:
        done = []
        for count in range(number):
            moment = at + timedelta(seconds=count)
            shown_at = moment - timedelta(seconds=seconds)
            one = answered(shown_at=shown_at, submitted_at=moment, network=NETWORK)
            done.append(record_response(placement=where, answered=one))
        return done

    return flood


def look() -> None:
    find_bursts(since=timezone.now() - timedelta(hours=1))


@pytest.mark.django_db
def test_a_flood_is_flagged_once_and_counts_until_somebody_decides(flood: Any, placement: Placement) -> None:
    flood()
    for _ in range(2):
        look()

    burst = Burst.objects.get()
    assert (burst.placement, burst.state, burst.responses.count()) == (placement, State.OPEN, 12)
    assert (burst.together, burst.hasty, burst.alike) == (12, 12, 12)
    assert Response.objects.counted().count() == 12
    assert is_suspected(placement.pk, NETWORK)


@pytest.mark.django_db
def test_a_flood_that_goes_on_grows(flood: Any) -> None:
    flood()
    look()
    flood(5, NOON + timedelta(minutes=3))
    look()

    assert [burst.responses.count() for burst in Burst.objects.all()] == [17]


@pytest.mark.django_db
def test_guests_who_take_their_time_are_not_flagged_though_they_are_many(flood: Any) -> None:
    answers = flood(30, seconds=60)
    for number, answer in enumerate(answers):
        answer.answers |= {"nps": number % 10}
        answer.save()
    look()

    assert not Burst.objects.exists()


@pytest.mark.django_db
def test_set_aside_answers_leave_results_and_evidence_and_come_back_as_they_were(
    flood: Any, manager: Any, placement: Placement, bell: list[None]
) -> None:
    flood()
    look()
    before = set(Touchpoint.objects.standing().values_list("source_key", "channel", "customer", "occurred_at"))
    bell.clear()

    assert decide(bursts=Burst.objects.all(), state=State.SET_ASIDE, staff=manager.staff) == 1
    assert (Response.objects.counted().count(), Response.objects.count(), RESPONSES.rows().count()) == (0, 12, 0)
    assert not Touchpoint.objects.standing().exists()
    assert bell

    decide(bursts=Burst.objects.all(), state=State.OPEN, staff=manager.staff)
    assert Response.objects.counted().count() == RESPONSES.rows().count() == 12
    assert set(Touchpoint.objects.standing().values_list("source_key", "channel", "customer", "occurred_at")) == before
    decisions = BurstDecision.objects.order_by("pk").values_list("state", "answers", "staff__username")
    assert list(decisions) == [("set_aside", 12, "manager"), ("open", 12, "manager")]


@pytest.mark.django_db
def test_results_are_counted_anew_after_a_decision(flood: Any, manager: Any, survey: Survey) -> None:
    flood()
    look()
    now = timezone.now()
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        first = write_answers(survey)
    with time_machine.travel(now + timedelta(minutes=2), tick=False):
        assert kept_answers(survey).as_of == first.as_of
        decide(bursts=Burst.objects.all(), state=State.SET_ASIDE, staff=manager.staff)
        assert kept_answers(survey).as_of > first.as_of


@pytest.mark.django_db
def test_a_repeat_among_them_makes_no_evidence_when_it_comes_back(
    flood: Any, placement: Placement, manager: Any
) -> None:
    repeat = flood()[0]
    Response.objects.filter(pk=repeat.pk).update(repeats="device")
    look()
    for state in (State.SET_ASIDE, State.OPEN):
        decide(bursts=Burst.objects.all(), state=state, staff=manager.staff)

    assert Touchpoint.objects.standing().count() == 11


@pytest.mark.django_db
def test_what_was_decided_is_neither_decided_twice_nor_flagged_again(flood: Any, manager: Any) -> None:
    flood()
    look()
    assert decide(bursts=Burst.objects.all(), state=State.KEPT, staff=manager.staff) == 1
    assert decide(bursts=Burst.objects.all(), state=State.KEPT, staff=manager.staff) == 0
    look()

    assert [burst.state for burst in Burst.objects.all()] == ["kept"]


@pytest.mark.django_db
def test_a_tablets_answers_are_looked_at_together(flood: Any, kiosk: Placement) -> None:
    flood(where=kiosk)
    look()

    assert Burst.objects.get().placement == kiosk


@pytest.mark.django_db
def test_from_where_answers_came_is_forgotten_after_three_days(flood: Any) -> None:
    flood(2)
    assert set(Response.objects.values_list("network", flat=True)) == {NETWORK}
    forget_networks(before=timezone.now() - timedelta(days=3))
    assert set(Response.objects.values_list("network", flat=True)) == {NETWORK}
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        review_answers()
    assert set(Response.objects.values_list("network", flat=True)) == {""}


@pytest.mark.django_db
def test_the_worker_looks_at_what_came_since_it_last_looked(flood: Any) -> None:
    flood()
    with time_machine.travel(timezone.now() + timedelta(hours=20), tick=False):
        review_answers()
    assert Burst.objects.count() == 1
    Burst.objects.all().delete()
    with time_machine.travel(timezone.now() + timedelta(hours=21), tick=False):
        review_answers()
    assert not Burst.objects.exists()
    cache.clear()


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_page_shows_the_evidence_and_lets_a_manager_decide_in_bulk(flood: Any, manager: Client) -> None:
    flood()
    flood(12, NOON + timedelta(hours=2))
    look()
    html = manager.get("/surveys/suspicious/").content.decode()
    assert "12 of them faster than anybody reads" in html
    assert "12 answers within ten minutes" in html
    assert "Douyin · 阿明 · 9" in html
    assert "and 7 more" in html
    assert '<span class="badge warn">2</span>' in manager.get("/surveys/").content.decode()

    chosen = {"burst": list(Burst.objects.values_list("pk", flat=True))}
    page = manager.post("/surveys/suspicious/decide/", chosen | {"do": "set_aside"}, follow=True)
    assert "2 groups are set aside; their answers count no more." in page.content.decode()
    assert "Nothing suspicious" in page.content.decode()
    assert "set aside · manager · 12 answers" in manager.get("/surveys/suspicious/?show=decided").content.decode()
    manager.post("/surveys/suspicious/decide/", chosen | {"do": "open"})
    assert Response.objects.counted().count() == 24


@pytest.mark.django_db
@pytest.mark.parametrize("sent", [{}, {"do": "set_aside"}, {"do": "drop", "burst": "1"}, {"do": "kept", "burst": "x"}])
def test_who_ticks_nothing_is_told_so(manager: Client, sent: dict[str, str]) -> None:
    page = manager.post("/surveys/suspicious/decide/", sent, follow=True)

    assert "Tick what you mean" in page.content.decode()


@pytest.mark.django_db
def test_the_page_asks_no_more_with_more_bursts(
    flood: Any, manager: Client, django_assert_max_num_queries: Any
) -> None:
    for hour in range(4):
        flood(10, NOON + timedelta(hours=hour))
    look()
    assert Burst.objects.count() == 4
    with django_assert_max_num_queries(12):
        manager.get("/surveys/suspicious/")
