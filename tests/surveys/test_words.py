"""Guests' own words: coded as they come in, coded anew when rules change, with the evidence that follows."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from attribution.evidence.models import Touchpoint
from surveys.actions import coding as actions
from surveys.actions import record_response
from surveys.coding import Match, Rule
from surveys.models import CodingRule, Recoding, Response
from surveys.words import Words, asked_for_words

pytestmark = pytest.mark.django_db
HEARD = "first_heard"
SOUNDS_DOUYIN = Rule(Match.SOUNDS, "抖音", "douyin")


@pytest.fixture
def wrote(placement: Any, answered: Callable[..., Any]) -> Callable[[str], Response]:
    """Return what makes a guest answer "something else", in words."""

    def answer(text: str) -> Response:
        said = answered(uuid=uuid.uuid4(), device=None, answers={HEARD: "other", f"{HEARD}.text": text})
        return record_response(placement=placement, answered=said)

    return answer


def add(survey: Any, rule: Rule) -> CodingRule:
    return actions.add_rule(survey=survey, question_key=HEARD, rule=rule, staff=None)


def evidence() -> list[str]:
    """Return the channels of the standing touches."""
    return sorted(Touchpoint.objects.standing().values_list("channel__slug", flat=True))


def words(survey: Any) -> Words:
    return Words(survey, asked_for_words(survey)[0])


def test_words_mean_a_channel_from_the_first_answer_after_the_rule(survey: Any, wrote: Callable[[str], Response]):
    add(survey, SOUNDS_DOUYIN)

    response = wrote("在dou音上看到")

    assert response.codes == {HEARD: "douyin"}
    assert response.answers[HEARD] == "other"  # what was answered stays as it was
    assert response.choice is not None
    assert (response.choice.option_key, evidence()) == ("douyin", ["douyin"])


def test_a_new_rule_gives_the_answers_before_it_their_evidence(
    survey: Any, wrote: Callable[[str], Response], bell: list[None]
):
    before, other = wrote("抖音"), wrote("电台")
    assert evidence() == []
    add(survey, SOUNDS_DOUYIN)
    rung = len(bell)

    actions.recode_waiting()

    before.refresh_from_db()
    other.refresh_from_db()
    assert (before.codes, other.codes) == ({HEARD: "douyin"}, {})
    assert evidence() == ["douyin"]
    assert len(bell) > rung  # a run follows
    done = Recoding.objects.get()
    assert (done.state, done.before, done.after, done.changed) == ("done", {"": 2}, {"douyin": 1, "": 1}, 1)
    assert done.rules == [{"match": "sounds", "pattern": "抖音", "option": "douyin"}]


def test_a_removed_rule_takes_its_evidence_with_it_and_keeps_the_trace(survey: Any, wrote: Callable[[str], Response]):
    rule = add(survey, SOUNDS_DOUYIN)
    response = wrote("抖音")
    actions.recode_waiting()

    actions.remove_rule(rule=rule, staff=None)
    actions.recode_waiting()

    response.refresh_from_db()
    assert (response.codes, evidence()) == ({}, [])
    assert response.choice is not None
    assert response.choice.option_key == "other"
    assert Touchpoint.objects.filter(retracted_at__isnull=False).count() == 1


def test_moving_a_rule_up_changes_what_decides(survey: Any, wrote: Callable[[str], Response]):
    add(survey, SOUNDS_DOUYIN)
    second = add(survey, Rule(Match.CONTAINS, "地铁", "metro"))
    wrote("地铁里看抖音")
    assert evidence() == ["douyin"]

    actions.move_rule(rule=second, earlier=True, staff=None)
    actions.recode_waiting()

    assert evidence() == ["metro"]
    actions.move_rule(rule=second, earlier=True, staff=None)  # there is nothing before it
    assert [rule.option_key for rule in CodingRule.objects.all()] == ["metro", "douyin"]


def test_who_wrote_that_they_forgot_has_forgotten(survey: Any, wrote: Callable[[str], Response]):
    add(survey, Rule(Match.CONTAINS, "忘", "dont_remember"))

    assert wrote("忘了").has_dont_remember
    assert evidence() == []


def test_coding_anew_twice_changes_nothing_more(survey: Any, wrote: Callable[[str], Response]):
    wrote("抖音")
    rule = add(survey, SOUNDS_DOUYIN)
    actions.recode_waiting()

    actions.request_recoding(book=rule.book, staff=None)
    actions.recode_waiting()

    assert Recoding.objects.latest("pk").changed == 0
    assert Touchpoint.objects.count() == 1


def test_many_answers_are_coded_some_at_a_time(
    survey: Any, wrote: Callable[[str], Response], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(actions, "A_STEP", 2)
    for _ in range(5):
        wrote("抖音")
    add(survey, SOUNDS_DOUYIN)

    actions.recode_waiting()

    assert evidence() == ["douyin"] * 5
    assert Recoding.objects.get().progress == 5


def test_what_waits_is_not_asked_for_twice(survey: Any):
    add(survey, SOUNDS_DOUYIN)
    add(survey, Rule(Match.EQUALS, "地铁", "metro"))

    assert Recoding.objects.count() == 1


def test_a_failure_is_told_and_can_be_tried_again(
    survey: Any, wrote: Callable[[str], Response], monkeypatch: pytest.MonkeyPatch
):
    wrote("抖音")
    rule = add(survey, SOUNDS_DOUYIN)
    with monkeypatch.context() as broken:
        broken.setattr(actions, "record_touches", lambda **_: (_ for _ in ()).throw(DatabaseError("full")))
        with pytest.raises(DatabaseError):
            actions.recode_waiting()
    assert (Recoding.objects.get().error_code, Response.objects.get().codes) == ("recoding_failed", {})

    actions.request_recoding(book=rule.book, staff=None)
    actions.recode_waiting()

    assert evidence() == ["douyin"]


def test_the_page_counts_suggests_and_previews(survey: Any, wrote: Callable[[str], Response]):
    add(survey, SOUNDS_DOUYIN)
    for text in ("抖音", "dou yin", "地铁", "地铁", "阿姨说的"):
        wrote(text)

    shown = words(survey)

    assert (shown.total, shown.unmapped) == (5, 3)
    assert [(one.text, one.count, likely) for one, likely in shown.suggestions()] == [
        ("地铁", 2, "metro"),
        ("阿姨说的", 1, None),
    ]
    assert [(rule.pattern, hits) for rule, _label, hits in shown.rules()] == [("抖音", 2)]
    preview = shown.preview(Rule(Match.CONTAINS, "地铁", "metro"))
    assert (preview.hits, preview.new, [one.text for one in preview.texts]) == (2, 2, ["地铁"])
    assert {key for key, _label in shown.choices} == {"douyin", "metro", "friends", "dont_remember"}


def test_a_rule_is_previewed_saved_and_removed_on_the_page(
    survey: Any, marketer: Client, wrote: Callable[[str], Response]
):
    wrote("地铁")
    page = f"/surveys/{survey.pk}/words/{HEARD}/"
    rule = {"match": "contains", "pattern": "地铁", "option_key": "metro"}

    preview = marketer.get(page, rule)
    saved = marketer.post(f"{page}add/", rule, follow=True)
    actions.recode_waiting()

    assert preview.context["preview"].new == 1
    assert saved.context["recodings"][0].is_open
    assert evidence() == ["metro"]
    row = CodingRule.objects.get()
    marketer.post(f"{page}change/", {"rule": row.pk, "change": "later"})
    marketer.post(f"{page}change/", {"rule": row.pk, "change": "remove"})
    assert not CodingRule.objects.exists()
    again = marketer.post(f"{page}change/", {"rule": row.pk, "change": "remove"}, follow=True)
    assert "Somebody has removed this rule meanwhile." in again.text


@pytest.mark.parametrize(
    ("match", "pattern", "told"),
    [
        ("contains", "！！", "Write at least one letter, digit or Han character."),
        ("near", "tv", "That is too short for “nearly”"),
        ("contains", "", "This field is required."),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(survey: Any, marketer: Client, match: str, pattern: str, told: str):
    page = f"/surveys/{survey.pk}/words/{HEARD}/"
    answer = marketer.post(f"{page}add/", {"match": match, "pattern": pattern, "option_key": "metro"})

    assert answer.status_code == 400
    assert told in answer.text


def test_words_can_mean_no_option_that_is_not_there(survey: Any, marketer: Client):
    page = f"/surveys/{survey.pk}/words/{HEARD}/"
    for option in ("other", "nowhere"):
        rule = {"match": "contains", "pattern": "x", "option_key": option}
        assert marketer.post(f"{page}add/", rule).status_code == 400


def test_the_words_of_a_survey_without_any_say_so(survey: Any, marketer: Client):
    from surveys.definition import parse
    from surveys.models import SurveyVersion

    assert marketer.get(f"/surveys/{survey.pk}/words/").url == f"/surveys/{survey.pk}/words/{HEARD}/"  # type: ignore[attr-defined]
    plain = {"questions": [{"key": "nps", "kind": "nps", "label": {"zh-hans": "？", "en": "?"}}]}
    parse(plain)
    SurveyVersion.objects.create(survey=survey, number=9, definition=plain)

    assert "takes words of the guest’s own" in marketer.get(f"/surveys/{survey.pk}/words/").text
    assert marketer.get(f"/surveys/{survey.pk}/words/{HEARD}/").status_code == 404


def test_clerks_see_no_words(survey: Any, clerk: Client):
    assert clerk.get(f"/surveys/{survey.pk}/words/{HEARD}/").status_code == 403


def test_the_page_hears_how_far_the_recoding_is_without_counting_the_words(
    survey: Any, marketer: Client, wrote: Callable[[str], Response]
):
    wrote("抖音")
    add(survey, SOUNDS_DOUYIN)
    page = f"/surveys/{survey.pk}/words/{HEARD}/"
    headers = {"HX-Request": "true"}

    with CaptureQueriesContext(connection) as asked:
        waiting = marketer.get(page, headers=headers)
    actions.recode_waiting()
    done = marketer.get(page, headers=headers)

    assert "being coded anew" in waiting.text
    assert not any("surveys_response" in query["sql"] for query in asked)
    assert ("HX-Refresh" in waiting, done["HX-Refresh"]) == (False, "true")
