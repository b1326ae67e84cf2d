"""Tablets: what they are given, what they send, who may leave them, and files that staff bring from them."""

import io
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from attribution.coupons.models import Coupon
from surveys.actions.kiosk import Heard, hand_in_answers, hear_kiosk, save_kiosk, take_waiting_answers
from surveys.kiosk.given import kiosk_of
from surveys.kiosk.silent import silent_tablets
from surveys.models import Placement, PlacementDay, Response
from surveys.models.kiosk import AnswerFile, Kiosk

pytestmark = pytest.mark.django_db
WHOLE = {"first_heard": "metro", "nps": 8}


def milliseconds(ago: timedelta = timedelta()) -> int:
    return int((timezone.now() - ago).timestamp() * 1000)


@pytest.fixture
def tablet(kiosk: Placement) -> Callable[..., dict[str, Any]]:
    """Return what a tablet sends of one guest: ``tablet()``, or with other values."""

    def build(**changes: Any) -> dict[str, Any]:
        usual = {
            "uuid": str(uuid.uuid4()), "version": 1, "answers": WHOLE, "language": "en",
            "shown_at": milliseconds(timedelta(minutes=2)), "answered_at": milliseconds(timedelta(minutes=1)),
        }  # fmt: skip
        return usual | changes

    return build


@pytest.fixture
def send(kiosk: Placement, outsider: Client) -> Callable[..., Any]:
    def post(body: dict[str, Any], to: str = "answers", token: str = "") -> Any:
        return outsider.post(f"/k/{token or kiosk.token}/{to}", body, content_type="application/json")

    return post


def error(answer: Any) -> tuple[int, str, str | None]:
    return answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["field"]


# ── What it is given ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_tablet_is_given_the_questionnaire_with_its_words_in_both_languages(
    outsider: Client, kiosk: Placement, reward: Any
) -> None:
    published = kiosk.survey.latest_version()
    assert published
    given = outsider.get(f"/k/{kiosk.token}/survey.json").json()

    assert [row["key"] for row in given["questions"]] == [
        question.key for question in published.questionnaire.questions
    ]
    assert (given["version"], given["idle"], given["partial"], given["has_pin"]) == (1, 30, "submit", False)
    assert given["reward"] == {"is_left": True, "worth": {"zh-hans": "¥5.00", "en": "¥5.00"}, "trial": None}
    assert given["words"]["en"]["next_guest"] == "Next guest"
    assert set(given["words"]["en"]) == set(given["words"]["zh-hans"])
    assert "pin" not in given


@pytest.mark.parametrize("path", ["", "/survey.json", "/worker.js", "/manifest.json"])
def test_only_a_tablet_has_a_tablets_page(outsider: Client, kiosk: Placement, placement: Placement, path: str) -> None:
    answers = [outsider.get(f"/k/{token}{path}").status_code for token in (kiosk.token, placement.token, "nowhere")]

    assert answers == [200, 404, 404]


def test_it_can_be_installed_under_a_name_in_both_languages(outsider: Client, kiosk: Placement) -> None:
    about = outsider.get(f"/k/{kiosk.token}/manifest.json").json()

    assert about["scope"] == about["start_url"] == f"/k/{kiosk.token}"
    assert set(about["name_localized"]) == {"zh-hans", "en"}
    assert [outsider.get(icon["src"]).content[1:4] for icon in about["icons"]] == [b"PNG"] * 4


def test_the_service_worker_may_serve_the_tablets_page(outsider: Client, kiosk: Placement) -> None:
    answer = outsider.get(f"/k/{kiosk.token}/worker.js")

    assert answer["Service-Worker-Allowed"] == f"/k/{kiosk.token}"
    assert "js/kiosk_rules.js" in answer.content.decode().splitlines()[0]


# ── What it sends ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_is_stored_once_however_often_it_is_sent(
    send: Callable[..., Any], tablet: Callable[..., Any], reward: Any
) -> None:
    body = tablet(is_waiting=True)
    first, again = send(body), send(body)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["coupon"]["code"] == again.json()["coupon"]["code"]
    assert first.json()["coupon"]["worth"]["en"] == "¥5.00"
    response = Response.objects.get()
    assert response.shown_order["first_heard"][-2:] == ["other", "dont_remember"]
    assert response.submitted_at
    assert (response.submitted_at - response.shown_at).total_seconds() == pytest.approx(60, abs=0.01)
    assert PlacementDay.objects.values_list("impressions", "starts", "finishes").get() == (1, 1, 1)


def test_nobody_is_given_a_coupon_that_nobody_sees(
    send: Callable[..., Any], tablet: Callable[..., Any], reward: Any
) -> None:
    assert send(tablet()).json()["coupon"] is None
    assert not Coupon.objects.exists()


def test_a_clock_that_is_a_day_off_is_put_right_by_what_was_measured(
    send: Callable[..., Any], tablet: Callable[..., Any]
) -> None:
    day = 24 * 3600 * 1000
    answer = send(tablet(shown_at=milliseconds() + day, answered_at=milliseconds() + day, offset=-day))

    assert answer.status_code == 201
    response = Response.objects.get()
    assert response.received_at
    assert response.submitted_at
    assert response.received_at - response.submitted_at < timedelta(seconds=5)


@pytest.mark.parametrize("off", [timedelta(minutes=-6), timedelta(days=91)])
def test_a_time_that_cannot_be_is_refused(send: Callable[..., Any], tablet: Callable[..., Any], off: timedelta) -> None:
    assert error(send(tablet(answered_at=milliseconds(off)))) == (400, "bad_clock", "answered_at")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"answers": {}}, (400, "required", "answers.first_heard")),
        ({"answers": {"first_heard": "radio"}}, (400, "unknown_option", "answers.first_heard")),
        ({"version": 9}, (404, "no_such_survey", "version")),
        ({"language": "fr"}, (400, "invalid_choice", "language")),
        ({"phone": "12", "is_waiting": True}, (400, "bad_phone", "phone")),
        ({"answers": {"first_heard": 7}, "is_finished": False}, (400, "unknown_option", "answers.first_heard")),
    ],
)
def test_bad_input_is_refused_by_name(
    send: Callable[..., Any], tablet: Callable[..., Any], changes: Any, expected: Any
) -> None:
    assert error(send(tablet(**changes))) == expected
    assert not Response.objects.exists()


def test_a_number_that_is_none_does_not_cost_the_answer_of_a_guest_who_has_gone(
    send: Callable[..., Any], tablet: Callable[..., Any]
) -> None:
    assert send(tablet(phone="12", consent=True)).status_code == 201
    assert Response.objects.get().is_submitted


def test_what_was_answered_counts_though_the_place_was_switched_off_since(
    send: Callable[..., Any], tablet: Callable[..., Any], kiosk: Placement
) -> None:
    kiosk.is_open, kiosk.expires_at = False, timezone.now()
    kiosk.save()

    assert send(tablet()).status_code == 201
    assert error(send(tablet(answered_at=milliseconds(timedelta(seconds=-60))))) == (410, "survey_closed", "placement")


def test_who_walks_away_before_a_required_question_has_begun(
    send: Callable[..., Any], tablet: Callable[..., Any]
) -> None:
    assert send(tablet(answers={"nps": 3}, is_finished=False, reached="first_heard")).status_code == 201

    response = Response.objects.get()
    assert (response.is_submitted, response.answers, response.steps) == (False, {"nps": 3}, "first_heard?")
    assert PlacementDay.objects.values_list("impressions", "starts", "finishes").get() == (1, 1, 0)


def test_who_walks_away_with_nothing_required_left_has_answered_without_a_coupon(
    send: Callable[..., Any], tablet: Callable[..., Any], reward: Any
) -> None:
    send(tablet(is_finished=False, reached="phone"))

    response = Response.objects.get()
    assert (response.is_submitted, response.coupon, response.steps) == (
        True,
        None,
        "first_heard+ which_out_of_home- nps+ phone?",
    )


# ── Staff ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_pin_opens_the_tablet_and_five_wrong_ones_lock_it_for_five_minutes(
    send: Callable[..., Any], kiosk: Placement
) -> None:
    save_kiosk(kiosk=kiosk_of(kiosk), pin="2468")
    assert send({"pin": "2468"}, "pin").status_code == 200
    assert Kiosk.objects.get().pin != "2468"

    tries = [send({"pin": pin}, "pin") for pin in ["1111", "2222", "3333", "4444", "5555", "2468"]]
    assert [error(one)[:2] for one in tries] == [(403, "wrong_pin")] * 5 + [(429, "pin_locked")]
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert send({"pin": "2468"}, "pin").status_code == 200


def test_a_tablet_without_a_pin_opens_for_nobody(send: Callable[..., Any]) -> None:
    assert error(send({"pin": ""}, "pin"))[0] == 400
    assert error(send({"pin": "0000"}, "pin"))[:2] == (403, "no_pin")


def test_staff_set_up_a_tablet(marketer: Client, clerk: Client, kiosk: Placement) -> None:
    address = f"/surveys/{kiosk.survey_id}/placements/{kiosk.pk}/tablet/"
    assert clerk.get(address).status_code == 403
    assert marketer.post(address, {"idle_seconds": 14, "partial": "submit", "pin": "12"}).status_code == 200
    assert not Kiosk.objects.exists()

    assert marketer.post(address, {"idle_seconds": 15, "partial": "discard", "pin": "1357"}).status_code == 302
    marketer.post(address, {"idle_seconds": 20, "partial": "discard", "pin": ""})
    row = Kiosk.objects.get()
    assert (row.idle_seconds, row.partial, row.opens_with("1357")) == (20, "discard", True)
    assert f"/k/{kiosk.token}" in marketer.get(address).content.decode()


# ── Files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def handed_in(*answers: Any, kind: str = "wanamaker-answers") -> AnswerFile:
    content = json.dumps({"kind": kind, "format": 1, "answers": list(answers)}).encode()
    row = hand_in_answers(file=io.BytesIO(content), name="answers.json", staff=None)
    take_waiting_answers()
    row.refresh_from_db()
    return row


def test_a_file_is_taken_in_once_and_each_rejection_is_named(
    tablet: Callable[..., Any], kiosk: Placement, marketer: Client
) -> None:
    good, old = (tablet(placement=kiosk.token, answered_at=milliseconds(timedelta(days=days))) for days in (1, 400))
    future, unknown = (
        tablet(placement=kiosk.token, answered_at=milliseconds(-timedelta(days=1))),
        tablet(placement="no"),
    )
    unfit = tablet(placement=kiosk.token, answers={"first_heard": "radio"})

    row = handed_in(good, good, old, future, unknown, unfit, {"uuid": "x"}, 7)

    assert (row.state, row.taken, row.known, row.rejected) == ("done", 2, 1, 5)
    codes = [(code, about) for _identity, code, about in row.rejections]
    assert codes[:3] == [("bad_clock", ""), ("no_such_survey", ""), ("unknown_option", "first_heard")]
    assert [code for code, _about in codes[3:]] == ["unreadable", "unreadable"]
    page = marketer.get(f"/surveys/import-answers/{row.uuid}/").content.decode()
    assert "Its time lies in the future." in page
    assert future["uuid"] in page
    assert Response.objects.count() == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"kind": "other", "answers": []}',
        b'{"kind": "wanamaker-answers", "answers": 1}',
        b"[" * 100_000,
    ],
)
def test_a_file_of_something_else_is_refused(content: bytes, marketer: Client, db: None) -> None:
    row = hand_in_answers(file=io.BytesIO(content), name="x.json", staff=None)
    take_waiting_answers()
    row.refresh_from_db()

    assert (row.state, row.error_code) == ("failed", "no_answers")
    assert "This is no file of answers" in marketer.get(f"/surveys/import-answers/{row.uuid}/").content.decode()


def test_staff_hand_in_a_file_on_a_page(
    marketer: Client, clerk: Client, tablet: Callable[..., Any], kiosk: Placement
) -> None:
    content = {"kind": "wanamaker-answers", "answers": [tablet(placement=kiosk.token)]}
    file = io.BytesIO(json.dumps(content).encode())
    file.name = "answers-1.json"
    assert clerk.get("/surveys/import-answers/").status_code == 403
    answer = marketer.post("/surveys/import-answers/", {"file": file}, follow=True)

    assert "answers-1.json" in answer.content.decode()
    take_waiting_answers()
    assert Response.objects.count() == 1


# ── Heartbeat ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tablet_says_that_it_lives(send: Callable[..., Any]) -> None:
    answer = send({"version": 1, "unsent": 3, "refused": 1, "battery": 80}, "heartbeat")

    assert abs(answer.json()["now"] - milliseconds()) < 5000
    row = Kiosk.objects.get()
    assert (row.version, row.unsent, row.refused, row.battery, row.seen_at is not None) == (1, 3, 1, 80, True)


def test_a_tablet_is_silent_after_five_minutes_within_its_hours_alone(kiosk: Placement) -> None:
    now = timezone.now()
    assert not Kiosk(placement=kiosk).is_silent_at(now)
    hear_kiosk(placement=kiosk, heard=Heard(1, 0, 0, None), at=now - timedelta(minutes=6))
    row = Kiosk.objects.get()

    assert row.is_silent_at(now)
    assert not row.is_silent_at(now - timedelta(minutes=2))
    row.placement.is_open = False
    assert not row.is_silent_at(now)


def test_staff_see_which_tablet_is_silent_since_when(kiosk: Placement, marketer: Client) -> None:
    nine = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Shanghai
    hear_kiosk(placement=kiosk, heard=Heard(1, 2, 0, None), at=nine)

    with time_machine.travel(nine + timedelta(minutes=4)):
        assert silent_tablets(timezone.now()) == []
    with time_machine.travel(nine + timedelta(hours=2)):
        rows = silent_tablets(timezone.now(), kiosk.survey)
        marketer.force_login(marketer.staff, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[attr-defined]
        pages = [
            marketer.get(page).content.decode() for page in ("/surveys/", f"/surveys/{kiosk.survey_id}/placements/")
        ]
    words = "Xuhui: the tablet has been silent since 09:00. 2 answers wait on it, as far as is known."
    assert [row.words for row in rows] == [words]
    assert all(words in page for page in pages)
