"""Definitions from JSON and back, and what is refused about them, by place."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.definition import BadDefinition, Kind, Text, parse, serialise

WORD = {"zh-hans": "字", "en": "word"}
YES, NO = {"key": "yes", "label": WORD}, {"key": "no", "label": WORD}
ASK = {"key": "ask", "kind": "choice", "label": WORD, "options": [YES, NO]}
THEN = {"key": "then", "kind": "text", "label": WORD}
HEARD = ASK | {"kind": "channel"}
MANY = ASK | {"kind": "multiple"}
SCALE = THEN | {"kind": "scale", "least": 1, "most": 5, "least_label": WORD, "most_label": WORD}
NUMBER, DATE, NPS = (THEN | {"key": kind, "kind": kind} for kind in ("number", "date", "nps"))
KINDS = "channel, choice, multiple, scale, nps, stars, number, text, longtext, date, phone, email, statement"
PLAIN = "is not 1 to 40 plain letters, digits, hyphens and underscores"


def refusal(*questions: object) -> str:
    with pytest.raises(BadDefinition) as caught:
        parse({"questions": list(questions)})
    return str(caught.value)


@pytest.mark.parametrize("value", [[], {"questions": []}, {"questions": "ask"}, {"questions": [THEN] * 61}])
def test_a_definition_is_an_object_with_a_list(value: object) -> None:
    with pytest.raises(BadDefinition, match=r"write an object with questions|write a list of 1 to 60"):
        parse(value)


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        (7, ": write an object with key, kind, label"),
        ({"key": "a", "kind": "text"}, ".label: missing"),
        (ASK | {"colour": 1}, ".colour: there is no such field"),
        (ASK | {"key": "a.b"}, f".key: 'a.b' {PLAIN}"),
        (ASK | {"key": 7}, f".key: 7 {PLAIN}"),
        (ASK | {"kind": "poem"}, f".kind: choose from {KINDS}, not 'poem'"),
        (ASK | {"kind": []}, f".kind: choose from {KINDS}, not []"),
        (THEN | {"kind": "choice"}, ".options: missing"),
        (ASK | {"kind": "text"}, ".options: a text question has none"),
        (THEN | {"least": 1}, ".least: a text question has none"),
        (ASK | {"options": [YES]}, ".options: write a list of 2 to 40"),
        (ASK | {"options": [YES, YES]}, ".options[1].key: 'yes' is used twice"),
        (ASK | {"options": [YES, NO | {"key": []}]}, f".options[1].key: [] {PLAIN}"),
        (ASK | {"options": [YES, NO | {"pinned": 1}]}, ".options[1].pinned: write true or false"),
        (ASK | {"options": [YES, NO | {"exclusive": True}]},
         ".options[1].exclusive: only an option of a multiple question can be this"),
        (ASK | {"options": [YES, NO | {"placebo": 0.5}]},
         ".options[1].placebo: only an option of a channel question can be this"),
        (ASK | {"required": "yes"}, ".required: write true or false"),
        (ASK | {"label": {"en": "Why?"}}, ".label.zh-hans: missing"),
        (ASK | {"label": WORD | {"en": " "}}, ".label.en: write 1 to 200 characters"),
        (ASK | {"label": WORD | {"en": "x" * 201}}, ".label.en: write 1 to 200 characters"),
        (ASK | {"label": WORD | {"en": 7}}, ".label.en: write 1 to 200 characters"),
        (ASK | {"label": WORD | {"en": "a\0"}}, ".label.en: holds what no database keeps, NUL or half a character"),
        (ASK | {"label": WORD | {"en": "\ud83d"}}, ".label.en: holds what no database keeps, NUL or half a character"),
        (ASK | {"help": WORD | {"en": "x" * 501}}, ".help.en: write 1 to 500 characters"),
        (THEN | {"kind": "statement", "required": True}, ".required: a statement has nothing to answer"),
        # How many are chosen
        (MANY | {"least": 0}, ".least: write a whole number from 1 to 2"),
        (MANY | {"least": True}, ".least: write a whole number from 1 to 2"),
        (MANY | {"most": 3}, ".most: write a whole number from 1 to 2"),
        (MANY | {"least": 2, "most": 1}, ".most: write at least 2"),
        (MANY | {"options": [YES, NO | {"exclusive": True}], "most": 2}, ".most: write a whole number from 1 to 1"),
        (MANY | {"options": [YES | {"text": True}, NO | {"text": True}]},
         ".options: only one option of a multiple question can take text"),
        (MANY | {"options": [YES | {"exclusive": True}, NO | {"exclusive": True}]},
         ".options: write at least 1 that is not exclusive"),
        # Points, numbers and days
        (SCALE | {"most_label": None}, ".most_label: write an object with en, zh-hans"),
        ({name: value for name, value in SCALE.items() if name != "least_label"}, ".least_label: missing"),
        (SCALE | {"most": "7"}, ".most: write a whole number from -10 to 11"),
        (SCALE | {"most": 1}, ".most: a scale has 2 to 11 points"),
        (SCALE | {"least": 0, "most": 11}, ".most: a scale has 2 to 11 points"),
        (NUMBER | {"most": 10**9 + 1}, ".most: write a whole number from -1000000000 to 1000000000"),
        (NUMBER | {"most": -1}, ".most: write at least 0"),
        (NUMBER | {"decimals": 5}, ".decimals: write a whole number from 0 to 4"),
        (DATE | {"earliest": "2026-02-30"}, ".earliest: write a day as 2026-03-02"),
        (DATE | {"earliest": "20260302"}, ".earliest: write a day as 2026-03-02"),
        (DATE | {"latest": 20260302}, ".latest: write a day as 2026-03-02"),
        (DATE | {"earliest": "2026-03-02", "latest": "2026-03-01"},
         ".latest: write days from 1900-01-01 to 2100-12-31, the earliest first"),
        (DATE | {"earliest": "1899-12-31"},
         ".earliest: write days from 1900-01-01 to 2100-12-31, the earliest first"),
        # Placebos
        (HEARD | {"options": [YES, NO, {"key": "c", "label": WORD, "placebo": 0}]},
         ".options[2].placebo: write a share of guests, above 0 and up to 1"),
        (HEARD | {"options": [YES, NO, {"key": "c", "label": WORD, "placebo": "½"}]},
         ".options[2].placebo: write a number"),
        (HEARD | {"options": [YES, NO, {"key": "other", "label": WORD, "placebo": 1}]},
         ".options[2].placebo: 'other' is an honest answer"),
        (HEARD | {"options": [YES, NO | {"placebo": 0.5}]}, ".options: write at least 2 that are no placebo"),
    ],
)  # fmt: skip
def test_a_bad_question_is_refused_by_place(question: object, problem: str) -> None:
    assert refusal(question) == f"questions[0]{problem}"


@pytest.mark.parametrize(
    ("questions", "problem"),
    [
        ([ASK, ASK], "questions[1].key: 'ask' is used twice"),
        ([NPS, NPS | {"key": "b"}], "questions: at most one may be of kind nps"),
        ([THEN | {"kind": "phone"}, ASK], "questions: the phone comes last, so that nobody gives it for nothing"),
        ([THEN | {"kind": "email"}, ASK], "questions: the email comes last, so that nobody gives it for nothing"),
        ([THEN | {"kind": "email"}, ASK | {"kind": "phone"}], "questions[1].options: a phone question has none"),
        ([THEN | {"kind": "email"}, THEN | {"key": "b", "kind": "phone"}],
         "questions: at most one may ask for a phone or an e-mail address"),
    ],
)  # fmt: skip
def test_questions_that_do_not_go_together_are_refused(questions: list[Any], problem: str) -> None:
    assert refusal(*questions) == problem


@pytest.mark.parametrize(
    "icon", ["🎬", "❤️", "👩‍👩‍👧", "👍🏽", "🇨🇳", "1️⃣", "⭐", "🏴\U000e0067\U000e0062\U000e007f", "▶️", "🧋", "🏳️‍🌈"]
)
def test_an_icon_is_one_emoji(icon: str) -> None:
    definition = parse({"questions": [ASK | {"options": [YES | {"icon": icon}, NO]}]})

    assert definition.questions[0].options[0].icon == icon


@pytest.mark.parametrize("icon", ["🎬🎬", "a", "字", "<b>", 7, " ", "🇨", "1"])
def test_an_icon_is_nothing_else(icon: object) -> None:
    problem = refusal(ASK | {"options": [YES | {"icon": icon}, NO]})

    assert problem == "questions[0].options[0].icon: write one emoji, or nothing"


WHICH = {"kind": "text", "label": {"zh-hans": "哪个平台？", "en": "Which platform?"}}


def test_a_clarification_is_a_question_right_after_its_choice() -> None:
    places = [{"key": key, "label": WORD} for key in ("lift", "train")]
    where = {"key": "spot", "kind": "choice", "label": WORD, "required": True, "help": WORD, "options": places}
    asked = ASK | {"options": [YES | {"clarify": WHICH}, NO | {"clarify": where}]}

    definition = parse({"questions": [asked, THEN]})

    assert [question.key for question in definition.questions] == ["ask", "ask-yes", "spot", "then"]
    assert serialise(definition)["questions"][1] == WHICH | {
        "key": "ask-yes", "asked_if": {"question": "ask", "options": ["yes"]},
    }  # fmt: skip
    assert definition.asked({"ask": "no"})[1].key == "spot"
    assert parse(serialise(definition)) == definition


@pytest.mark.parametrize(
    ("clarify", "problem"),
    [
        (WHICH | {"kind": "nps"}, ".kind: choose from choice, text, not 'nps'"),
        (WHICH | {"kind": []}, ".kind: choose from choice, text, not []"),
        ({"kind": "text"}, ".label: missing"),
        (WHICH | {"asked_if": {}}, ".asked_if: there is no such field"),
        (WHICH | {"key": "ask"}, ".key: 'ask' is used twice"),
        (WHICH | {"label": WORD | {"en": ""}}, ".label.en: write 1 to 200 characters"),
        (ASK | {"key": "b", "options": [YES, NO | {"clarify": WHICH}]},
         ".options[1].clarify: a clarification is not clarified again"),
    ],
)  # fmt: skip
def test_a_bad_clarification_is_refused_at_its_option(clarify: object, problem: str) -> None:
    assert refusal(ASK | {"options": [YES, NO | {"clarify": clarify}]}) == f"questions[0].options[1].clarify{problem}"


def test_clarifications_count_as_questions() -> None:
    asked = [
        ASK | {"key": f"ask{number}", "options": [YES | {"clarify": WHICH}, NO | {"clarify": WHICH}]}
        for number in range(21)
    ]

    assert refusal(*asked) == "questions: with all clarifications, write at most 60"


ABOUT = {"question": "ask", "options": ["yes"]}
IN_CIRCLES = [THEN | {"key": "a", "asked_if": {"question": "b", "answered": True}},
              THEN | {"key": "b", "asked_if": {"not": {"question": "c", "answered": True}}},
              THEN | {"key": "c", "asked_if": {"any": [{"question": "d", "answered": True},
                                                       {"question": "a", "answered": True}]}},
              THEN | {"key": "d"}]  # fmt: skip


@pytest.mark.parametrize(
    ("questions", "problem"),
    [
        ([THEN | {"asked_if": ABOUT}], "questions[0].asked_if.question: there is no question 'ask'"),
        ([THEN | {"asked_if": ABOUT | {"question": []}}], "questions[0].asked_if.question: there is no question []"),
        ([THEN | {"asked_if": []}], "questions[0].asked_if: write an object with question"),
        ([THEN | {"asked_if": ABOUT}, ASK],
         "questions[0].asked_if.question: 'ask' comes later than 'then': move it before"),
        ([THEN | {"asked_if": {"all": [{"not": ABOUT}]}}, ASK],
         "questions[0].asked_if.all[0].not.question: 'ask' comes later than 'then': move it before"),
        ([THEN, ASK | {"asked_if": {"question": "then", "options": ["yes"]}}],
         "questions[1].asked_if.question: 'then' has no options"),
        ([ASK, THEN | {"asked_if": ABOUT | {"options": ["maybe"]}}],
         "questions[1].asked_if.options[0]: ask has no option 'maybe'"),
        ([ASK, THEN | {"asked_if": ABOUT | {"options": []}}], "questions[1].asked_if.options: write a list of 1 to 40"),
        ([ASK, THEN | {"asked_if": ABOUT | {"answered": True}}],
         "questions[1].asked_if: write either options, or at_least and at_most, or answered"),
        ([ASK, THEN | {"asked_if": {"question": "ask"}}],
         "questions[1].asked_if: write either options, or at_least and at_most, or answered"),
        ([ASK, THEN | {"asked_if": ABOUT | {"mood": 1}}], "questions[1].asked_if.mood: there is no such field"),
        ([ASK, THEN | {"asked_if": {"question": "ask", "answered": False}}],
         "questions[1].asked_if.answered: write true; its contrary is not: {…}"),
        ([ASK, THEN | {"asked_if": {"question": "ask", "at_least": 1}}],
         "questions[1].asked_if.question: 'ask' has no score or number"),
        ([NPS, THEN | {"asked_if": {"question": "nps", "at_least": "9"}}],
         "questions[1].asked_if.at_least: write a number"),
        ([NPS, THEN | {"asked_if": {"question": "nps", "at_least": float("inf")}}],
         "questions[1].asked_if.at_least: write a number"),
        ([NPS, THEN | {"asked_if": {"question": "nps", "at_least": 9, "at_most": 6}}],
         "questions[1].asked_if.at_most: no number is at least 9 and at most 6"),
        ([ASK | {"asked_if": {"question": "then", "answered": True}}, THEN | {"kind": "phone"}],
         "questions[0].asked_if.question: 'then' leaves no answer to lean on"),
        ([ASK, THEN | {"asked_if": {"any": []}}], "questions[1].asked_if.any: write a list of 1 to 20"),
        ([ASK, THEN | {"asked_if": {"any": [ABOUT], "all": [ABOUT]}}],
         "questions[1].asked_if.any: there is no such field"),
        ([ASK, THEN | {"asked_if": {"not": {"not": {"not": {"not": {"not": ABOUT}}}}}}],
         "questions[1].asked_if.not.not.not.not.not: write rules at most 5 deep"),
        ([ASK | {"asked_if": ABOUT}], "questions: ask → ask: these rules go round in a circle"),
        (IN_CIRCLES, "questions: a → b → c → a: these rules go round in a circle"),
    ],
)  # fmt: skip
def test_a_bad_rule_is_refused_by_place(questions: list[Any], problem: str) -> None:
    assert refusal(*questions) == problem


def test_rules_may_lead_to_one_question_by_two_ways() -> None:
    def after(key: str, *others: str) -> dict[str, Any]:
        return THEN | {"key": key, "asked_if": {"all": [{"question": other, "answered": True} for other in others]}}

    asked = [THEN, after("b", "then"), after("c", "then"), after("d", "b", "c")]

    assert len(parse({"questions": asked}).questions) == 4


@pytest.mark.parametrize(
    ("wording", "problem"),
    [
        ("How was {{dish}}?", "{{dish}} is no earlier question"),
        ("How was {{last}}?", "{{last}} is no earlier question"),
        ("And {{asks}}?", "{{asks}} is no earlier question"),
        ("{{hello}}!", "{{hello}} leaves no answer to show"),
        ("{{ then }}!", "{{then}} may be left out: write {{then|other words}}"),
        ("{{then|}}!", "{{then}} may be left out: write {{then|other words}}"),
    ],
)
@pytest.mark.parametrize("name", ["label", "help"])
def test_a_bad_reference_is_refused_by_place(wording: str, problem: str, name: str) -> None:
    hello = THEN | {"key": "hello", "kind": "statement"}
    asks = THEN | {"key": "asks", name: WORD | {"en": wording}}

    assert refusal(THEN, hello, asks, THEN | {"key": "last"}) == f"questions[2].{name}.en: {problem}"


def test_a_reference_needs_no_other_words_where_an_answer_is_sure() -> None:
    sure = parse({"questions": [THEN | {"required": True}, ASK | {"label": WORD | {"en": "Why {{then}}?"}}]})

    assert sure.questions[1].label == Text("字", "Why {{then}}?")


EVERYTHING: dict[str, Any] = {
    "questions": [
        HEARD | {"options": [YES, NO | {"pinned": True, "text": True},
                             {"key": "radio", "label": WORD, "icon": "📻", "placebo": 0.25}]},
        MANY | {"key": "many", "required": True, "least": 1, "most": 2,
                "options": [YES, NO, {"key": "none", "label": WORD, "exclusive": True}]},
        SCALE | {"key": "scale", "least": 0},
        NPS,
        THEN | {"key": "stars", "kind": "stars", "most_label": WORD, "help": WORD},
        NUMBER | {"least": -5, "most": 5, "decimals": 2},
        THEN | {"asked_if": {"all": [{"any": [ABOUT, {"question": "nps", "at_most": 6}]},
                                     {"not": {"question": "number", "at_least": 1, "at_most": 2.5}}]}},
        THEN | {"key": "long", "kind": "longtext", "asked_if": {"question": "then", "answered": True}},
        DATE | {"earliest": "2026-01-01", "latest": "2026-12-31"},
        THEN | {"key": "thanks", "kind": "statement", "label": WORD | {"en": "Thank you, {{then|dear guest}}."}},
        THEN | {"key": "mail", "kind": "email"},
    ]
}  # fmt: skip


def test_a_definition_survives_json() -> None:
    definition = parse(EVERYTHING)

    assert serialise(definition) == EVERYTHING
    assert parse(serialise(definition)) == definition
    assert {question.kind for question in definition.questions} == set(Kind) - {Kind.CHOICE, Kind.PHONE}


def test_what_is_no_rule_is_not_written() -> None:
    from dataclasses import replace

    from surveys.definition import Definition

    question = parse({"questions": [THEN]}).questions[0]
    with pytest.raises(TypeError, match="no such rule: 7"):
        serialise(Definition((replace(question, asked_if=7),)))  # type: ignore[arg-type]


EXAMPLE = json.loads((Path(__file__).parent / "every_kind.json").read_text())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to everything that stands in parsed JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(found for name, one in inner for found in places(one, (*way, name)))]


def changed(value: Any, way: tuple[Any, ...], to: Any) -> Any:
    if not way:
        return to
    copy = value.copy()
    copy[way[0]] = changed(value[way[0]], way[1:], to)
    return copy


@given(st.sampled_from(places(EXAMPLE) + places(EVERYTHING)), ANYTHING)
def test_whatever_is_written_is_either_refused_by_place_or_survives(way: tuple[Any, ...], instead: Any) -> None:
    for example in (EXAMPLE, EVERYTHING):
        if way not in places(example):
            continue
        with suppress(BadDefinition):
            definition = parse(changed(example, way, instead))
            assert parse(json.loads(json.dumps(serialise(definition)))) == definition
