"""``POST /api/v1/responses/``."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from attribution.customers.actions import find_customer
from attribution.customers.models import Consent
from surveys.actions import publish_version
from surveys.models import Placement, PlacementDay, Response, Survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(manager: Client, placement: Placement) -> Callable[..., Any]:
    """Send a whole response, or one with other values; the key is new each time unless one is given."""

    def send(key: str = "", client: Client = manager, **changes: Any) -> Any:
        body = {
            "placement": placement.token, "answers": {"first_heard": "metro", "nps": 8}, "language": "en",
            "submitted_at": (timezone.now() - timedelta(hours=2)).isoformat(),
        } | changes  # fmt: skip
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        return client.post("/api/v1/responses/", body, content_type="application/json", headers=headers)

    return send


def error(answer: Any) -> tuple[int, str, str | None]:
    return answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["field"]


def test_a_response_is_recorded_with_all_that_follows(post: Callable[..., Any], reward: Any) -> None:
    answer = post(phone="13800138000", consent=True)

    response = Response.objects.get()
    assert answer.status_code == 201
    assert answer.json()["uuid"] == str(response.pk)
    assert answer.json()["coupon"].replace("-", "") == response.coupon.code
    assert response.customer == find_customer(kind="phone", value="13800138000")
    assert Consent.objects.count() == 1
    assert response.received_at
    assert response.submitted_at
    assert response.received_at - response.submitted_at > timedelta(hours=1)
    assert PlacementDay.objects.values_list("impressions", "starts", "finishes").get() == (1, 1, 1)


def test_the_same_key_and_body_is_the_same_response(post: Callable[..., Any]) -> None:
    at = timezone.now().isoformat()
    first, again = post("a-key-of-mine", submitted_at=at), post("a-key-of-mine", submitted_at=at)

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Response.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(post: Callable[..., Any]) -> None:
    post("a-key-of-mine")

    assert error(post("a-key-of-mine", language="zh-hans"))[:2] == (422, "key_reused")


def test_the_same_uuid_is_the_same_response_whatever_the_key(post: Callable[..., Any]) -> None:
    mine = str(uuid.uuid4())

    assert post(uuid=mine).json() == post(uuid=mine).json()
    assert Response.objects.count() == 1


def test_a_uuid_of_another_placement_is_refused(post: Callable[..., Any], kiosk: Placement) -> None:
    mine = str(uuid.uuid4())
    post(uuid=mine)

    assert error(post(uuid=mine, placement=kiosk.token)) == (409, "response_taken", "uuid")


def test_an_unknown_option_is_refused_by_name(post: Callable[..., Any]) -> None:
    answer = post(answers={"first_heard": "radio"})

    assert error(answer) == (400, "unknown_option", "answers.first_heard")
    assert answer.json()["error"]["message"] == "“radio” is not one of the answers to first_heard."
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"answers": {}}, (400, "required", "answers.first_heard")),
        ({"answers": {"first_heard": "metro", "mood": 1}}, (400, "unknown_question", "answers.mood")),
        ({"answers": {"first_heard": "metro", "nps": 8.5}}, (400, "not_a_score", "answers.nps")),
        ({"answers": {"first_heard": "metro", "phone": "1"}}, (400, "phone_apart", "answers.phone")),
        ({"answers": [1]}, (400, "not_a_dict", "answers")),
        ({"phone": "12"}, (400, "bad_phone", "phone")),
        ({"placement": "nowhere"}, (404, "no_such_survey", "placement")),
        ({"version": 7}, (404, "no_such_survey", "version")),
        ({"language": "fr"}, (400, "invalid_choice", "language")),
        ({"submitted_at": "yesterday"}, (400, "invalid", "submitted_at")),
        ({"uuid": "7"}, (400, "invalid", "uuid")),
    ],
)
def test_bad_input_is_refused_by_name(post: Callable[..., Any], changes: Any, expected: Any) -> None:
    assert error(post(**changes)) == expected
    assert not Response.objects.exists()


@pytest.mark.parametrize("off", [timedelta(minutes=6), -timedelta(days=91)])
def test_a_clock_that_is_far_off_is_refused(post: Callable[..., Any], off: timedelta) -> None:
    assert error(post(submitted_at=(timezone.now() + off).isoformat())) == (400, "bad_clock", "submitted_at")


def test_a_clock_that_is_a_little_fast_is_put_right(post: Callable[..., Any]) -> None:
    post(submitted_at=(timezone.now() + timedelta(minutes=4)).isoformat())

    response = Response.objects.get()
    assert response.submitted_at
    assert response.received_at
    assert response.submitted_at <= response.received_at


def test_what_was_answered_before_the_end_is_taken_after_it(post: Callable[..., Any], placement: Placement) -> None:
    placement.expires_at = timezone.now() - timedelta(hours=1)
    placement.save()

    assert post().status_code == 201
    assert error(post(submitted_at=timezone.now().isoformat())) == (410, "survey_closed", "placement")


def test_an_older_version_can_be_answered(post: Callable[..., Any], survey: Survey, definition: Any) -> None:
    publish_version(survey=survey, definition=type(definition)(definition.questions[-2:]))

    assert post(version=1).status_code == 201
    assert error(post()) == (400, "unknown_question", "answers.first_heard")


def test_it_is_for_managers_alone(post: Callable[..., Any], clerk: Client, marketer: Client, outsider: Client) -> None:
    assert [post(client=client).status_code for client in (clerk, marketer, outsider)] == [403, 403, 401]
    assert not Response.objects.exists()
