"""Every kind of question on the guest's page without JavaScript, from the form to what is stored."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from attribution.customers.actions import find_customer
from attribution.customers.models import Consent, Identity
from attribution.evidence.models import Touchpoint
from surveys.actions import correct_choice_channel, publish_version, record_response
from surveys.definition import Definition, parse
from surveys.errors import PlaceboWasChoice
from surveys.facts import RESPONSES
from surveys.models import ChoiceChannel, Placement, Response
from surveys.steps import step_at
from surveys.tickets import new_ticket

pytestmark = pytest.mark.django_db
EXAMPLE = json.loads((Path(__file__).parent / "every_kind.json").read_text())


PLAIN = {"zh-hans": "好吃吗？", "en": "How was it?"}


def without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


@pytest.fixture
def every_kind() -> Definition:
    return parse(EXAMPLE)


@pytest.fixture
def ask(pages: Any, survey: Any) -> Callable[..., Any]:
    """Publish these questions of the example alone, or as changed, and open the page."""

    def publish(*keys: str, **changes: Any) -> Any:
        questions = [one for one in EXAMPLE["questions"] if one["key"] in keys]
        questions = [
            without(one, "asked_if") | ({"label": PLAIN} if one["key"] == "taste" else {}) for one in questions
        ]
        publish_version(survey=survey, definition=parse({"questions": [one | changes for one in questions]}))
        pages.open()
        return pages

    return publish


def stored() -> Any:
    return Response.objects.get().answers


def html(page: Any) -> str:
    return str(page.content.decode())


def test_a_guest_answers_every_kind(pages: Any, survey: Any, every_kind: Definition) -> None:
    publish_version(survey=survey, definition=every_kind)
    pages.open()
    pages.send()  # a statement
    pages.send(answer="douyin")
    assert pages.question == "heard-douyin"
    pages.send(answer="阿明")
    pages.send(answer=["other", "tea"], **{"text-other": "饺子 🥟"})
    assert "How was your Bubble tea, 饺子 🥟?" in html(pages.page)
    pages.send(answer="2")
    pages.send(answer="7")
    pages.send(answer="10")
    assert pages.question == "why"  # for want of stars
    pages.send(answer="شاي\r\n\r\nأكثر")
    pages.send(answer="１２")
    pages.send(answer="1990-02-03")
    pages.send(answer="more tea")
    pages.send(finish="with", email=" Ann@Example.CN ", consent="yes")

    response = Response.objects.get()
    assert response.answers == {
        "heard": "douyin", "heard-douyin": "阿明", "ate": ["tea", "other"], "ate.text": "饺子 🥟", "taste": 2,
        "wait": 7, "nps": 10, "why": "شاي\n\nأكثر", "people": 12, "birthday": "1990-02-03", "wish": "more tea",
    }  # fmt: skip
    assert (response.csat, response.nps, response.choice.option_key) == (2, 10, "douyin")
    assert response.is_submitted
    assert response.customer == find_customer(kind="email", value="ann@example.cn")
    assert Consent.objects.get().text_version == "contact-email-1"


def test_nothing_that_may_be_left_out_has_to_be_answered(pages: Any, survey: Any, every_kind: Definition) -> None:
    publish_version(survey=survey, definition=every_kind)
    pages.open()
    pages.send()
    pages.send(answer="dont_remember")
    for _step in range(6):
        pages.send()
    assert pages.question == "mail"
    pages.send(finish="without", email="ann@example.cn", consent="yes")

    response = Response.objects.get()
    assert response.answers == {"heard": "dont_remember"}
    assert (response.csat, response.chose_placebo is True) == (None, False)
    assert set(Identity.objects.values_list("kind", flat=True)) == {"device"}


@pytest.mark.parametrize(
    ("key", "said", "problem", "wrong"),
    [
        ("ate", ["tea", "noodles", "cake", "other"], "Please choose at most 3.", None),
        ("ate", ["tea", "nothing"], "“Nothing yet” cannot go with another answer.", None),
        ("ate", ["pizza"], "Please choose one of these answers.", None),
        ("wait", "8", "Please choose a number from 1 to 7.", None),
        ("taste", "0", "Please choose a number from 1 to 5.", None),
        ("nps", "11", "Please choose a number from 0 to 10.", None),
        ("people", "a few", "Please write a number, as in 12.", 'value="a few"'),
        ("people", "2.5", "Please round your number, as in 12.", 'value="2.5"'),
        ("people", "0", "Please write a number that is at least 1.", 'value="0"'),
        ("people", "1,000", "Please write a number that is at most 20.", 'value="1,000"'),
        ("birthday", "yesterday", "Please write a day, as in 2026-03-02.", 'value="yesterday"'),
        ("birthday", "1919-12-31", "Please choose a day that is not before January 1, 1920.", 'value="1919-12-31"'),
        ("birthday", "2027-01-01", "Please choose a day that is not after December 31, 2026.", 'value="2027-01-01"'),
        ("why", "<字" * 1001, "Please write at most 2000 characters.", "&lt;字" * 1001),
        ("wish", "x" * 501, "Please write at most 500 characters.", "x" * 501),
        ("mail", "nobody", "“nobody” is not an e-mail address.", 'value="nobody"'),
        ("mail", " ", "Write your e-mail address, or finish without it.", 'value=" "'),
    ],
)
def test_each_error_says_what_to_do_and_keeps_what_was_typed(
    ask: Callable[..., Any], key: str, said: Any, problem: str, wrong: str | None
) -> None:
    pages = ask(key)
    page = pages.send(**({"finish": "with", "email": said, "consent": "yes"} if key == "mail" else {"answer": said}))

    assert page.status_code == 422
    assert problem in html(page)
    assert html(page).count("autofocus") == 1
    assert 'aria-describedby="error' in html(page)
    assert wrong is None or wrong in html(page)
    assert not Response.objects.exists()


def test_ticks_survive_an_error_and_the_other_language(ask: Callable[..., Any]) -> None:
    pages = ask("ate")
    page = pages.send(answer=["other", "nothing"], **{"text-other": "x"})
    chosen = [option.key for option in page.context["step"].options if option.is_chosen]
    assert set(chosen) == {"other", "nothing"}

    page = pages.send(answer=["other", "cake"], language="zh-hans", **{"text-other": "x"})
    assert html(page).count(" checked") == 2
    assert 'name="text-other" value="x"' in html(page)
    assert "最多选 3 项。" in html(page)


def test_going_back_shows_what_was_ticked(ask: Callable[..., Any]) -> None:
    pages = ask("ate", "wish")
    pages.send(answer=["cake", "other"], **{"text-other": "饺子"})
    pages.open("?at=ate")

    assert stored() == {"ate": ["cake", "other"], "ate.text": "饺子"}
    assert html(pages.page).count(" checked") == 2
    assert 'value="饺子"' in html(pages.page)
    pages.send(answer="tea")
    assert stored() == {"ate": ["tea"]}


@pytest.mark.parametrize("kind", ["text", "number", "date", "longtext", "multiple", "stars"])
def test_what_is_required_is_asked_for_in_the_kinds_words(ask: Callable[..., Any], kind: str) -> None:
    key = next(one["key"] for one in EXAMPLE["questions"] if one["kind"] == kind)
    page = ask(key, required=True).send(answer="")

    words = "Please choose an answer." if kind in {"multiple", "stars"} else "Please fill this in."
    assert words in html(page)


def test_what_was_typed_beside_one_of_several_options_goes_with_the_chosen_one(ask: Callable[..., Any]) -> None:
    word = {"zh-hans": "字", "en": "word"}
    options = [{"key": key, "label": word, "text": True} for key in ("paper", "radio", "walk")]
    pages = ask("heard", kind="choice", options=options)
    pages.send(answer="radio", **{"text-paper": "a", "text-radio": "b", "text-walk": "c"})

    assert stored() == {"heard": "radio", "heard.text": "b"}


def test_an_answer_in_the_words_is_escaped(pages: Any, survey: Any) -> None:
    label = {"zh-hans": "为什么是{{wish|它}}？", "en": "Why {{wish|this}}?"}
    why = {"key": "why", "kind": "text", "label": label, "help": label}
    wish = next(one for one in EXAMPLE["questions"] if one["key"] == "wish")
    publish_version(survey=survey, definition=parse({"questions": [wish, why]}))
    pages.open()

    page = pages.send(answer="<b>tea</b>")
    assert "Why &lt;b&gt;tea&lt;/b&gt;?" in html(page)
    assert "<b>tea" not in html(page)


def test_icons_are_for_the_eye_alone(ask: Callable[..., Any]) -> None:
    assert '<span class="icon" aria-hidden="true">🧋</span> Bubble tea' in html(ask("ate").page)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"most": None}, "You can choose several."),
        ({"most": 1}, "Choose 1."),
        ({"least": 2, "most": 2}, "Choose 2."),
        ({"least": 2, "most": 3}, "Choose 2 to 3."),
        ({"least": 2, "most": None}, "Choose at least 2."),
    ],
)
def test_how_many_can_be_chosen_is_said(ask: Callable[..., Any], survey: Any, changes: Any, hint: str) -> None:
    ate = next(one for one in EXAMPLE["questions"] if one["key"] == "ate") | changes
    ate = {name: value for name, value in ate.items() if value is not None}
    definition = parse({"questions": [ate]})
    step = step_at(definition, "", {}, new_ticket(publish_version(survey=survey, definition=definition), ""), "en")

    assert step.hint == hint


@pytest.mark.parametrize(
    ("changes", "keyboard"), [({}, "numeric"), ({"decimals": 1}, "decimal"), ({"least": -5, "decimals": 1}, "text")]
)
def test_a_number_gets_the_keys_that_can_write_it(ask: Callable[..., Any], changes: Any, keyboard: str) -> None:
    assert f'inputmode="{keyboard}"' in html(ask("people", **changes).page)


def test_a_page_left_open_across_a_new_version_keeps_its_questions_and_its_rules(
    pages: Any, survey: Any, every_kind: Definition
) -> None:
    publish_version(survey=survey, definition=every_kind)
    pages.open()
    pages.send()
    pages.send(answer="friends")
    shorter = [one for one in EXAMPLE["questions"] if one["key"] in {"ate", "wish"}]
    del (changed := {**shorter[0]})["most"]
    publish_version(survey=survey, definition=parse({"questions": [changed, shorter[1]]}))

    assert "at most 3" in html(pages.send(answer=["tea", "noodles", "cake", "other"]))
    pages.send(answer=["nothing"])
    assert pages.question == "wait"  # no stars for nothing
    assert Response.objects.get().version.number == 2


# ── Placebos ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def trap(ask: Callable[..., Any]) -> Callable[..., Any]:
    """Ask with a placebo that everybody is shown, or this share of guests."""

    def build(share: float = 1.0) -> Any:
        heard = next(one for one in EXAMPLE["questions"] if one["key"] == "heard")
        options = [option | ({"placebo": share} if "placebo" in option else {}) for option in heard["options"]]
        return ask("heard", options=options)

    return build


def test_a_placebo_is_kept_as_an_answer_and_is_no_evidence(trap: Callable[..., Any], channels: Any) -> None:
    trap().send(answer="cinema")

    response = Response.objects.get()
    assert (response.answers, response.chose_placebo) == ({"heard": "cinema"}, True)
    assert (response.choice, response.chosen_place, response.places) == (None, None, None)
    assert not Touchpoint.objects.exists()
    assert not ChoiceChannel.objects.filter(option_key="cinema").exists()


def test_whoever_saw_a_placebo_and_passed_it_by_is_careful(trap: Callable[..., Any]) -> None:
    trap().send(answer="friends")

    response = Response.objects.get()
    assert response.chose_placebo is False
    assert response.choice.option_key == "friends"


def test_whoever_was_not_shown_the_placebo_cannot_choose_it(trap: Callable[..., Any]) -> None:
    pages = trap(0.000001)

    assert "A cinema advertisement" not in html(pages.page)
    assert "Please choose one of these answers." in html(pages.send(answer="cinema"))
    pages.send(answer="friends")
    assert Response.objects.get().chose_placebo is None


def test_what_guests_could_choose_in_earnest_never_becomes_a_placebo(survey: Any, every_kind: Definition) -> None:
    heard = EXAMPLE["questions"][1]
    real = heard | {"options": [without(one, "placebo") for one in heard["options"]]}
    publish_version(survey=survey, definition=parse({"questions": [real]}))

    with pytest.raises(PlaceboWasChoice, match="“cinema” was a choice in an earlier version"):
        publish_version(survey=survey, definition=every_kind)
    assert survey.versions.count() == 2


def test_a_placebo_that_becomes_a_choice_makes_no_evidence_of_what_was_said_before(
    trap: Callable[..., Any], survey: Any, placement: Placement, answered: Callable[..., Any], channels: Any
) -> None:
    trap().send(answer="cinema")
    old = survey.latest_version()
    heard = EXAMPLE["questions"][1]
    real = [without(one, "placebo") for one in heard["options"]]
    publish_version(survey=survey, definition=parse({"questions": [heard | {"options": real}]}))
    correct_choice_channel(survey=survey, question_key="heard", option_key="cinema", channel=channels["metro"])
    late = record_response(
        placement=placement, answered=answered(version=old, answers={"heard": "cinema"}, device="another")
    )

    assert late.choice is None
    assert not Touchpoint.objects.exists()


def test_contentment_and_carelessness_leave_with_the_facts(
    pages: Any, survey: Any, placement: Placement, answered: Callable[..., Any], every_kind: Definition
) -> None:
    version = publish_version(survey=survey, definition=every_kind)
    for said in ({"heard": "cinema", "taste": 4, "ate": ["tea"]}, {"heard": "friends"}):
        record_response(placement=placement, answered=answered(version=version, answers=said))

    names = list(RESPONSES.columns)
    rows = [dict(zip(names, row, strict=True)) for row in RESPONSES.rows()]
    assert [(row["csat"], row["chose_placebo"]) for row in rows] == [(4, True), (None, None)]


# ── From a program ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def post(manager: Client, placement: Placement, every_kind: Definition) -> Callable[..., Any]:
    publish_version(survey=placement.survey, definition=every_kind)

    def send(answers: dict[str, Any], **more: Any) -> Any:
        from django.utils import timezone

        body = {"placement": placement.token, "answers": answers, "language": "en",
                "submitted_at": timezone.now().isoformat(), **more}  # fmt: skip
        headers = {"Idempotency-Key": f"key-{len(str(answers))}-{id(body)}"}
        return manager.post("/api/v1/responses/", body, content_type="application/json", headers=headers)

    return send


def test_a_program_sends_every_kind(post: Callable[..., Any]) -> None:
    answers = {
        "heard": "cinema", "ate": ["noodles", "tea"], "taste": 5, "wait": 1, "nps": 3, "why": "a\nb", "people": 3,
        "birthday": "1990-02-03", "wish": "more",
    }  # fmt: skip

    assert post(answers, email="ann@example.cn", phone="13800138000", consent=True).status_code == 201
    response = Response.objects.get()
    assert response.answers == answers | {"ate": ["tea", "noodles"]}
    assert (response.csat, response.chose_placebo, response.choice) == (5, True, None)
    assert set(Identity.objects.values_list("kind", flat=True)) == {"email", "phone"}
    assert set(Consent.objects.values_list("text_version", flat=True)) == {"contact-1", "contact-email-1"}


@pytest.mark.parametrize(
    ("answers", "code", "field", "message"),
    [
        ({"ate": "tea"}, "not_a_list", "answers.ate", "The answer to ate is a list of options."),
        ({"hello": "hi"}, "nothing_to_answer", "answers.hello", "hello is a statement and has no answer."),
        ({"mail": "a@b.cn"}, "email_apart", "answers.mail", "An e-mail address is sent in its own field"),
        ({"people": 21}, "too_large", "answers.people", "Please write a number that is at most 20."),
        ({"ate": ["nothing"], "taste": 5}, "not_asked", "answers.taste", "This question is not asked after"),
    ],
)
def test_a_program_is_told_what_is_wrong_by_name(
    post: Callable[..., Any], answers: dict[str, Any], code: str, field: str, message: str
) -> None:
    answer = post({"heard": "friends"} | answers)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (400, code, field)
    assert message in error["message"]
    assert not Response.objects.exists()
