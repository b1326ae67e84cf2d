"""Where an address was found: kept from a closed alphabet, counted, exported, sent."""

import io
import uuid
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from django.test import Client
from django.utils import timezone

from surveys import tasks
from surveys.actions import record_response
from surveys.actions.rewarding import choose_reward
from surveys.models import Placement, Response, RewardTrial
from surveys.placements import signature
from surveys.results.file import write_answers
from surveys.results.form import PickForm
from surveys.results.picked import Picked
from surveys.results.tables import Results
from surveys.rewards import Draw

pytestmark = pytest.mark.django_db


@pytest.fixture
def say(placement: Placement, answered: Callable[..., Any]) -> Callable[..., Response]:
    return lambda **values: record_response(placement=placement, answered=answered(device=None, **values))


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("?source=till", "till"),
        ("?source=Till-2.b", "till-2.b"),
        ("?source=", ""),
        ("?source=%3Cscript%3E", ""),
        ("?source=13800138000%20Li%20Lei", ""),
        (f"?source={'a' * 33}", ""),
    ],
)
def test_the_source_of_an_address_is_kept_if_it_is_a_fit_name(pages: Any, query: str, kept: str) -> None:
    pages.open(query)
    for answer in ("douyin", "阿明", "9"):
        pages.send(answer=answer)
    pages.send(finish="without")

    assert Response.objects.get().source == kept


def test_the_source_of_a_signed_address_is_kept_with_its_receipt(pages: Any, placement: Placement) -> None:
    placement.is_signed = True
    placement.save()
    query = {"source": "till", "receipt": "A-17"}
    pages.open(f"?source=till&receipt=A-17&sig={signature(placement, query)}")
    pages.send(answer="douyin")

    assert Response.objects.values_list("source", "receipt_number").get() == ("till", "A-17")


def test_the_api_takes_a_source_and_refuses_what_is_none(manager: Client, placement: Placement) -> None:
    def post(source: str) -> Any:
        body = {
            "placement": placement.token, "answers": {"first_heard": "metro", "nps": 8}, "language": "en",
            "submitted_at": timezone.now().isoformat(), "source": source,
        }  # fmt: skip
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        return manager.post("/api/v1/responses/", body, content_type="application/json", headers=headers)

    answers = [post(source) for source in ("robot-1", "", "Robot", "a b", "robot\n")]

    assert [answer.status_code for answer in answers] == [201, 201, 400, 400, 201]  # the last is stripped
    assert answers[2].json()["error"]["field"] == "source"
    assert sorted(Response.objects.values_list("source", flat=True)) == ["", "robot", "robot-1"]


def test_results_are_filtered_and_crossed_by_source(survey: Any, say: Callable[..., Response]) -> None:
    for source in ("till", "till", "poster", ""):
        say(source=source)
    kept = write_answers(survey)

    assert Results(survey, kept, Picked(source="till")).total == 2
    assert Picked(source="poster").of(survey).count() == 1
    crossed = Results(survey, kept, Picked()).crossed("source", "q:first_heard")
    assert [row[:2] for row in crossed.rows] == [("till", 2), ("none given", 1), ("poster", 1)]


def test_the_filter_offers_the_sources_that_there_are(survey: Any, say: Callable[..., Response]) -> None:
    assert "source" not in PickForm({}, survey=survey).fields
    say(source="till")
    form = PickForm({"source": "till"}, survey=survey)

    assert form.is_valid()
    assert form.picked() == Picked(source="till")


def test_results_are_crossed_by_what_was_promised(survey: Any, reward: Any, say: Callable[..., Response]) -> None:
    choose_reward(survey=survey, batch=reward, percent=50)
    trial = RewardTrial.objects.get()
    for arm in ("with", "with", "without"):
        say(draw=Draw(trial.pk, arm))
    say()  # before anything was drawn

    crossed = Results(survey, write_answers(survey), Picked()).crossed("arm", "q:first_heard")
    assert [row[:2] for row in crossed.rows] == [("with coupon", 2), ("without coupon", 1)]


def test_the_export_has_source_and_promise_as_columns(
    survey: Any, reward: Any, marketer: Client, say: Callable[..., Response]
) -> None:
    choose_reward(survey=survey, batch=reward, percent=50)
    trial = RewardTrial.objects.get()
    say(source="till", draw=Draw(trial.pk, "without"))
    say(source="till", draw=Draw(trial.pk, "with"))
    say()
    typed = {"format": "xlsx", "shape": "wide", "labels": "keys", "missing": "empty"}

    page = marketer.post(f"/surveys/{survey.pk}/responses/", typed)
    tasks.look()
    saved = b"".join(marketer.get(f"{page['Location']}download/").streaming_content)

    sheet = pd.read_excel(io.BytesIO(saved), sheet_name=1, dtype=object, engine="calamine")
    rows = sheet[["source", "promised", "coupon_given"]].astype(object).where(sheet.notna(), None)
    found = sorted(rows.itertuples(index=False, name=None), key=str)
    assert found == sorted([("till", 0, 0), ("till", 1, 1), (None, None, 1)], key=str)
