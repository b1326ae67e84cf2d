"""The staff's pages, the back office and the command."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from attribution.evidence.models import Touchpoint
from attribution.facts import REGISTRY
from surveys.actions import count_impression, record_response
from surveys.definition import serialise
from surveys.models import ChoiceChannel, Placement, Response, Survey
from tests.conftest import person

pytestmark = pytest.mark.django_db


def test_before_there_is_a_survey_the_page_says_what_to_do(marketer: Client, store: Any, channels: Any) -> None:
    assert "Create the first-visit survey" in marketer.get("/surveys/").content.decode()

    page = marketer.post("/surveys/first/", follow=True)

    assert "The survey is open in every store." in page.content.decode()
    assert Survey.objects.count() == Placement.objects.count() == 1


def test_a_second_tap_says_that_there_is_one(marketer: Client, survey: Any, store: Any) -> None:
    page = marketer.post("/surveys/first/", follow=True)

    assert "There is a survey already." in page.content.decode()
    assert Survey.objects.count() == 1


def test_the_page_shows_places_counts_and_answers(
    marketer: Client, placement: Placement, answered: Callable[..., Any]
) -> None:
    answer = answered()
    for _ in range(4):
        count_impression(placement=placement, at=answer.shown_at)
    record_response(placement=placement, answered=answer)
    record_response(placement=placement, answered=answered(answers={"first_heard": "dont_remember"}))

    page = marketer.get("/surveys/")
    [row] = page.context["rows"]
    [place] = row.placements
    assert (place.shown, place.started, place.finished, place.rate) == (4, 2, 2, "50%")
    assert place.address == f"http://testserver/s/{placement.token}"
    assert [(choice.label, choice.count) for choice in row.choices][:3] == [
        ("Douyin", 1), ("Does not remember", 1), ("Metro posters", 0),
    ]  # fmt: skip
    assert (row.answered, row.lately) == (2, 2)


def test_a_place_that_was_never_shown_has_no_rate(marketer: Client, placement: Placement) -> None:
    [row] = marketer.get("/surveys/").context["rows"]

    assert row.placements[0].rate == "—"


def test_the_public_address_is_printed_where_it_is_known(marketer: Client, placement: Placement, settings: Any) -> None:
    settings.SITE_URL = "https://tea.example"

    [row] = marketer.get("/surveys/").context["rows"]
    assert row.placements[0].address == f"https://tea.example/s/{placement.token}"


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_codes_are_there_to_print(marketer: Client, placement: Placement, kind: str, start: bytes) -> None:
    picture = marketer.get(f"/surveys/placements/{placement.pk}/qr.{kind}")

    assert picture.content.startswith(start)
    assert f"survey-xuhui-{placement.pk}.{kind}" in picture["Content-Disposition"]


def test_surveys_are_for_marketers_and_managers(
    marketer: Client, manager: Client, clerk: Client, outsider: Client
) -> None:
    seen = [client.get("/surveys/").status_code for client in (marketer, manager, clerk, outsider)]
    made = [client.post("/surveys/first/").status_code for client in (clerk, outsider)]

    assert seen == [200, 200, 403, 302]
    assert made == [403, 302]


@pytest.fixture
def boss(db: None) -> Client:
    client = person("boss", "manager")
    client.staff.is_superuser = True  # type: ignore[attr-defined]
    client.staff.save()  # type: ignore[attr-defined]
    return client


def test_the_back_office_shows_versions_and_responses_but_changes_none(
    boss: Client, placement: Placement, answered: Callable[..., Any]
) -> None:
    response = record_response(placement=placement, answered=answered())

    for model, pk in (("surveyversion", response.version_id), ("response", response.pk)):
        assert boss.get(f"/admin/surveys/{model}/{pk}/change/").status_code == 200
        assert boss.post(f"/admin/surveys/{model}/{pk}/change/", {}).status_code == 403
        assert boss.get(f"/admin/surveys/{model}/add/").status_code == 403
        assert boss.post(f"/admin/surveys/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
    for model in ("survey", "placement", "choicechannel"):
        assert boss.get(f"/admin/surveys/{model}/").status_code == 200
    assert boss.get(f"/admin/surveys/survey/{placement.survey_id}/change/").status_code == 200


def test_a_choice_corrected_in_the_back_office_takes_its_touches_along(
    boss: Client, placement: Placement, answered: Callable[..., Any], channels: Any
) -> None:
    record_response(placement=placement, answered=answered())
    choice = ChoiceChannel.objects.get(option_key="douyin")

    boss.post(f"/admin/surveys/choicechannel/{choice.pk}/change/", {"channel": channels["metro"].pk})

    assert Touchpoint.objects.standing().get().channel == channels["metro"]
    assert boss.get("/admin/surveys/choicechannel/add/").status_code == 403
    assert boss.post(f"/admin/surveys/choicechannel/{choice.pk}/delete/", {"post": "yes"}).status_code == 403


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("publish_survey", *arguments, stdout=out)
    return out.getvalue()


def test_a_file_is_published_as_a_new_survey_and_as_its_next_version(tmp_path: Path, definition: Any, db: None) -> None:
    file = tmp_path / "survey.json"
    file.write_text(json.dumps(serialise(definition)))

    run(str(file), "--name-zh-hans", "新问卷")
    survey = Survey.objects.get()
    assert survey.name_zh_hans == "新问卷"
    assert run(str(file), "--survey", str(survey.pk)) == f"Survey {survey.pk}: version 2 is published.\n"


@pytest.mark.parametrize(
    ("content", "arguments", "problem"),
    [
        (None, [], "No such file"),
        (b"{", [], "is not JSON in UTF-8"),
        (b"\xff", [], "is not JSON in UTF-8"),
        (b"{}", [], r"definition\.questions: missing"),
        (b"whole", [], "Name a new survey"),
        (b"whole", ["--survey", "999"], "There is no survey 999"),
    ],
)
def test_a_bad_file_is_refused_by_name(
    tmp_path: Path, definition: Any, db: None, content: bytes | None, arguments: list[str], problem: str
) -> None:
    file = tmp_path / "survey.json"
    if content is not None:
        file.write_bytes(json.dumps(serialise(definition)).encode() if content == b"whole" else content)

    with pytest.raises(CommandError, match=problem):
        run(str(file), *arguments)
    assert not Survey.objects.exists()


def test_responses_and_counts_are_facts_without_personal_data(
    placement: Placement, answered: Callable[..., Any]
) -> None:
    record_response(placement=placement, answered=answered(phone="13800138000"))
    response = Response.objects.get()

    fact, days = REGISTRY["responses"], REGISTRY["placement_days"]
    assert list(fact.rows()) == [
        (
            placement.pk, placement.store_id, response.customer_id, "douyin", response.received_at, "en", 9, False,
            response.submitted_at, None, None, response.choice_id, response.version_id, response.shown_at,
            "first_heard+ which_short_video+ nps+ phone+", None, None, response.device,
        )
    ]  # fmt: skip
    assert list(fact.columns) == [
        "placement_id", "store_id", "customer_id", "channel", "received_at", "language", "nps", "has_dont_remember",
        "submitted_at", "chosen_place", "places", "choice_id", "version_id", "shown_at", "steps",
        "csat", "chose_placebo", "device",
    ]  # fmt: skip
    assert [row[3:] for row in days.rows()] == [(1, 1, 1)]
    assert list(days.columns) == ["placement_id", "store_id", "day", "impressions", "starts", "finishes"]


def test_a_file_that_makes_a_placebo_of_a_choice_is_refused(tmp_path: Path, survey: Survey) -> None:
    written = survey.versions.get().definition
    written["questions"][0]["options"][0]["placebo"] = 0.5
    file = tmp_path / "survey.json"
    file.write_text(json.dumps(written))

    with pytest.raises(CommandError, match="“douyin” was a choice in an earlier version"):
        run(str(file), "--survey", str(survey.pk))
