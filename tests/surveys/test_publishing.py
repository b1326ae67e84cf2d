from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from attribution.evidence import mappings
from attribution.evidence.models import Touchpoint
from surveys.actions import correct_choice_channel, create_first_visit_survey, publish_version, record_response
from surveys.definition import BadDefinition, Definition, Kind, Question, Text
from surveys.errors import BadDefinitionFile, NothingToAsk, SurveyExists
from surveys.mappings import ChoiceSource
from surveys.models import ChoiceChannel, Placement, Survey
from surveys.refusals import problem_in_words

pytestmark = pytest.mark.django_db


def standing() -> set[str]:
    return set(Touchpoint.objects.standing().values_list("channel__slug", flat=True))


def test_versions_are_numbered_and_keep_what_they_said(survey: Survey, definition: Definition) -> None:
    shorter = Definition(definition.questions[:1])

    version = publish_version(survey=survey, definition=shorter)

    assert version.number == 2
    assert [v.questionnaire for v in survey.versions.order_by("number")] == [definition, shorter]


def test_a_definition_that_cannot_be_read_again_is_not_published(survey: Survey) -> None:
    twice = Question("wish", Kind.TEXT, Text("愿望", "A wish"))

    with pytest.raises(BadDefinitionFile, match="'wish' is used twice"):
        publish_version(survey=survey, definition=Definition((twice, twice)))
    assert survey.versions.count() == 1


def test_what_is_wrong_with_a_definition_is_said_in_the_readers_language(survey: Survey) -> None:
    twice = Question("wish", Kind.TEXT, Text("愿望", "A wish"))
    with translation.override("zh-hans"), pytest.raises(BadDefinitionFile) as refused:
        publish_version(survey=survey, definition=Definition((twice, twice)))

    assert refused.value.params["problem"] == "questions[1].key: 'wish' 重复使用了"
    with translation.override("zh-hans"):
        assert problem_in_words(BadDefinition("questions[0].kind", "missing")) == "questions[0].kind: 缺少这一项"


def test_choices_mean_the_channel_whose_slug_they_bear(survey: Survey) -> None:
    meant = ChoiceChannel.objects.values_list("option_key", "channel__slug")

    assert dict(meant) == {"douyin": "douyin", "metro": "metro", "friends": "friends", "other": None}


def test_a_corrected_choice_survives_the_next_version(survey: Survey, definition: Definition, channels: Any) -> None:
    correct_choice_channel(survey=survey, question_key="first_heard", option_key="douyin", channel=channels["metro"])
    publish_version(survey=survey, definition=definition)

    assert ChoiceChannel.objects.get(option_key="douyin").channel == channels["metro"]


def test_correcting_a_choice_moves_all_its_touches(
    placement: Placement, answered: Callable[..., Any], channels: Any, bell: list[None]
) -> None:
    record_response(placement=placement, answered=answered())
    record_response(placement=placement, answered=answered())
    bell.clear()

    def correct(channel: Any) -> int:
        return correct_choice_channel(
            survey=placement.survey, question_key="first_heard", option_key="douyin", channel=channel
        )

    assert (correct(channels["metro"]), standing()) == (2, {"metro"})
    assert bell
    assert (correct(None), standing()) == (2, set())
    assert (correct(None), standing()) == (0, set())
    assert (correct(channels["friends"]), standing()) == (2, {"friends"})


def test_choices_are_a_source_of_mappings(survey: Survey, channels: Any) -> None:
    source = mappings.REGISTRY["choice"]
    rows = {row.key: row for row in source.rows()}
    key = f"choice:{survey.pk}:first_heard:douyin"

    assert isinstance(source, ChoiceSource)
    assert (rows[key].label, rows[key].channel, rows[key].may_mean_none) == (
        "First visit · Douyin", channels["douyin"], True,
    )  # fmt: skip
    assert source.correct(key, channels["metro"]) == 0
    assert ChoiceChannel.objects.get(option_key="douyin").channel == channels["metro"]


def test_the_first_survey_hangs_in_every_store(store: Any, other_store: Any, channels: Any) -> None:
    survey = create_first_visit_survey()

    version = survey.latest_version()
    assert version is not None
    keys = [question.key for question in version.questionnaire.questions]
    assert keys == ["first_heard", "which_short_video", "which_out_of_home", "which_referral", "nps", "phone"]
    assert set(survey.placements.values_list("store__code", flat=True)) == {"xuhui", "jingan"}


def test_the_first_survey_is_made_once(store: Any, channels: Any) -> None:
    create_first_visit_survey()

    with pytest.raises(SurveyExists):
        create_first_visit_survey()
    assert Survey.objects.count() == 1


def test_without_channels_there_is_nothing_to_ask(store: Any) -> None:
    with pytest.raises(NothingToAsk):
        create_first_visit_survey()


def test_without_stores_there_is_nobody_to_ask(channels: Any) -> None:
    with pytest.raises(NothingToAsk):
        create_first_visit_survey()


def test_channels_named_like_the_pinned_answers_are_left_out_and_names_may_miss(store: Any) -> None:
    from attribution.evidence.models import Channel

    Channel.objects.create(slug="other", name_en="Other things", kind="other")
    Channel.objects.create(slug="leaflet", kind="other")
    version = create_first_visit_survey().latest_version()

    assert version is not None
    heard = version.questionnaire.questions[0]
    assert [(option.key, option.label.en) for option in heard.options] == [
        ("leaflet", "leaflet"), ("other", "Something else"), ("dont_remember", "I don’t remember"),
    ]  # fmt: skip
