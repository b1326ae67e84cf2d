"""Where a repeat, and what was set aside, are said: at the tablet, by the API and webhooks, in the export."""

import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from django.test import Client
from django.utils import timezone

from surveys import tasks
from surveys.actions import record_response
from surveys.actions.drafting import copy_survey
from surveys.actions.hooks import _told
from surveys.actions.one_answer import set_one_answer
from surveys.models import Placement, Response, Survey

pytestmark = pytest.mark.django_db
PHONE = "13800138000"


@pytest.fixture
def by_phone(survey: Survey) -> Survey:
    set_one_answer(survey=survey, by_device=False, by_contact=True, by_receipt=False, window_hours=24)
    return survey


def test_the_tablet_says_that_a_number_has_answered(
    by_phone: Survey, kiosk: Placement, outsider: Client, reward: Any
) -> None:
    now = int(timezone.now().timestamp() * 1000)
    said = {
        "version": 1, "answers": {"first_heard": "metro", "nps": 8}, "language": "en", "shown_at": now - 90_000,
        "answered_at": now, "phone": PHONE, "is_waiting": True,
    }  # fmt: skip
    bodies = [
        outsider.post(
            f"/k/{kiosk.token}/answers", said | {"uuid": str(uuid.uuid4())}, content_type="application/json"
        ).json()
        for _ in range(2)
    ]

    assert bodies[0]["coupon"]["code"]
    assert (bodies[1]["coupon"], bodies[1]["repeats"]) == (None, True)
    words = outsider.get(f"/k/{kiosk.token}/survey.json").json()["words"]["en"]
    assert "each guest counts once" in words["repeats"]
    assert "no second one" in words["no_second_coupon"]


def test_the_api_and_webhooks_say_by_what_a_guest_was_known(
    by_phone: Survey, placement: Placement, manager: Client
) -> None:
    body = {
        "placement": placement.token, "answers": {"first_heard": "metro", "nps": 8}, "language": "en",
        "submitted_at": (timezone.now() - timedelta(hours=2)).isoformat(), "phone": PHONE,
    }  # fmt: skip
    said = [
        manager.post(
            "/api/v1/responses/", body, content_type="application/json", headers={"Idempotency-Key": uuid.uuid4().hex}
        ).json()["repeats"]
        for _ in range(2)
    ]

    assert said == ["", "contact"]
    assert [_told(row)["repeats"] for row in Response.objects.order_by("received_at")] == said


def test_the_export_says_which_answers_count(
    by_phone: Survey, placement: Placement, answered: Callable[..., Any], manager: Client
) -> None:
    for _ in range(2):
        record_response(placement=placement, answered=answered(phone=PHONE))
    aside = record_response(placement=placement, answered=answered())
    Response.objects.filter(pk=aside.pk).update(set_aside_at=timezone.now())
    asked = {"format": "xlsx", "shape": "wide", "labels": "en", "missing": "empty"}
    page = manager.post(f"/surveys/{by_phone.pk}/responses/", asked)
    tasks.look()
    saved = b"".join(manager.get(f"{page['Location']}download/").streaming_content)

    table = pd.read_excel(io.BytesIO(saved), sheet_name=1, engine="calamine")
    assert sorted(table["Counted"]) == ["counted", "repeats: same phone or e-mail", "set aside as suspicious"]


def test_a_copy_of_a_survey_takes_the_same_for_the_same_guest(by_phone: Survey, manager: Any) -> None:
    copied = copy_survey(survey=by_phone, name_zh_hans="", name_en="Copy", staff=manager.staff)

    copied.refresh_from_db()
    assert (copied.by_device, copied.by_contact, copied.window_hours) == (False, True, 24)
