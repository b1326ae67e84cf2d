import itertools
from collections import Counter
from typing import Any

import pytest

from surveys.definition import (
    AnswersRefused,
    Chosen,
    Definition,
    Kind,
    Option,
    Question,
    Text,
    parse,
    serialise,
)

ANY = Text("字", "word")
HEARD = Question(
    "heard",
    Kind.CHANNEL,
    Text("哪里？", "Where?"),
    is_required=True,
    options=(
        Option("radio", ANY),
        Option("poster", ANY),
        Option("other", ANY, is_pinned=True, takes_text=True),
        Option("dont_remember", ANY, is_pinned=True),
    ),
)
WHO = Question("who", Kind.TEXT, ANY, asked_if=Chosen("heard", ("radio",)))
SPOT = Question(
    "spot",
    Kind.CHOICE,
    ANY,
    is_required=True,
    options=(Option("lift", ANY), Option("train", ANY)),
    asked_if=Chosen("heard", ("poster",)),
)
NPS = Question("nps", Kind.NPS, ANY, help=Text("助", "help"))
PHONE = Question("phone", Kind.PHONE, ANY)
WHOLE = Definition((HEARD, WHO, SPOT, NPS, PHONE))


def refused(answers: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(AnswersRefused) as caught:
        WHOLE.validate(answers)
    return caught.value.errors


def test_a_text_is_read_in_its_language() -> None:
    assert Text("您好", "Hello").in_language("zh-hans") == "您好"
    assert Text("您好", "Hello").in_language("en") == "Hello"


def test_a_clarification_is_asked_only_after_its_choice() -> None:
    def asked(**answers: object) -> list[str]:
        return [question.key for question in WHOLE.asked(answers)]

    assert asked() == ["heard", "nps", "phone"]
    assert asked(heard="radio") == ["heard", "who", "nps", "phone"]
    assert asked(heard="poster") == ["heard", "spot", "nps", "phone"]
    assert asked(heard="other") == ["heard", "nps", "phone"]


def test_whoever_changes_a_choice_leaves_the_old_branch() -> None:
    old = {"heard": "poster", "who": "阿明", "spot": "lift", "nps": 3, "heard.text": "x", "stray": 1}

    assert WHOLE.without_unasked(old) == {"heard": "poster", "heard.text": "x", "spot": "lift", "nps": 3}


@pytest.mark.parametrize(
    ("answers", "clean"),
    [
        ({"heard": "radio"}, {"heard": "radio"}),
        ({"heard": "radio", "who": "  a\tb\n c  "}, {"heard": "radio", "who": "a b c"}),
        ({"heard": "radio", "who": " \n "}, {"heard": "radio"}),
        ({"heard": "other", "heard.text": " 报纸 "}, {"heard": "other", "heard.text": "报纸"}),
        ({"heard": "other", "heard.text": ""}, {"heard": "other"}),
        ({"heard": "radio", "heard.text": "left over"}, {"heard": "radio"}),
        ({"heard": "poster", "spot": "lift", "nps": "10"}, {"heard": "poster", "spot": "lift", "nps": 10}),
        ({"heard": "dont_remember", "nps": 0, "who": None}, {"heard": "dont_remember", "nps": 0}),
        # e + combining acute becomes é; control characters and half a character go, a whole emoji stays
        ({"heard": "radio", "who": "cafe\u0301\x00\ud83d 🎈"}, {"heard": "radio", "who": "café 🎈"}),
    ],
)
def test_answers_are_cleaned(answers: dict[str, object], clean: dict[str, object]) -> None:
    assert WHOLE.validate(answers) == clean


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        ({}, {"heard": "required"}),
        ({"heard": "  "}, {"heard": "required"}),
        ({"heard": "television"}, {"heard": "unknown_option"}),
        ({"heard": ["radio"]}, {"heard": "unknown_option"}),
        ({"heard": "poster"}, {"spot": "required"}),
        ({"heard": "poster", "spot": "roof", "nps": 11}, {"spot": "unknown_option", "nps": "not_a_score"}),
        ({"heard": "radio", "spot": "lift"}, {"spot": "not_asked"}),
        ({"heard": "radio", "mood": "good"}, {"mood": "unknown_question"}),
        ({"heard": "radio", "nps": -1}, {"nps": "not_a_score"}),
        ({"heard": "radio", "nps": True}, {"nps": "not_a_score"}),
        ({"heard": "radio", "nps": 7.0}, {"nps": "not_a_score"}),
        ({"heard": "radio", "nps": "７"}, {"nps": "not_a_score"}),
        ({"heard": "radio", "nps": "010"}, {"nps": "not_a_score"}),
        ({"heard": "radio", "who": 7}, {"who": "not_text"}),
        ({"heard": "other", "heard.text": 7}, {"heard": "not_text"}),
        ({"heard": "radio", "who": "字" * 501}, {"who": "too_long"}),
        ({"heard": "radio", "phone": "13800138000"}, {"phone": "phone_apart"}),
    ],
)
def test_what_is_wrong_is_named_by_question(answers: dict[str, Any], errors: dict[str, str]) -> None:
    assert refused(answers) == errors


def test_the_longest_answer_has_500_characters() -> None:
    assert WHOLE.validate({"heard": "radio", "who": "字" * 500})["who"] == "字" * 500


def test_a_refusal_reads_as_text() -> None:
    assert str(AnswersRefused({"a": "required", "b": "too_long"})) == "a: required, b: too_long"


def test_pinned_options_stand_last_in_their_own_order() -> None:
    for seed in range(50):
        assert HEARD.shown_order(str(seed))[2:] == ("other", "dont_remember")


def test_the_same_seed_shows_the_same_order() -> None:
    assert WHOLE.shown_order("a response") == WHOLE.shown_order("a response")
    assert set(WHOLE.shown_order("a response")) == {"heard", "spot"}


RADIO = Option("tv", ANY, placebo=0.25)
TRAP = Question("heard", Kind.CHANNEL, ANY, options=(*HEARD.options, RADIO))


def test_a_placebo_is_shown_to_its_share_by_the_seed_alone() -> None:
    orders = [TRAP.shown_order(str(seed)) for seed in range(4000)]
    shown = sum("tv" in order for order in orders)

    # 4000 draws of 0.25: 1000, standard deviation √(4000 · 0.25 · 0.75) = 27.4; five of them are 137
    assert abs(shown - 1000) < 137
    assert orders == [TRAP.shown_order(str(seed)) for seed in range(4000)]
    assert all(len(order) == 4 + ("tv" in order) for order in orders)


def test_whoever_chooses_a_placebo_is_careless_and_whoever_saw_none_is_not_known() -> None:
    assert TRAP.chose_placebo("tv", ["radio", "tv"]) is True
    assert TRAP.chose_placebo("tv", []) is True
    assert TRAP.chose_placebo("radio", ["radio", "tv"]) is False
    assert TRAP.chose_placebo("radio", ["radio"]) is None
    assert TRAP.chose_placebo(None, ["tv"]) is False


def test_every_order_is_as_likely_as_any_other() -> None:
    question = Question("q", Kind.CHOICE, ANY, options=tuple(Option(key, ANY) for key in "abc"))

    seen = Counter(question.shown_order(str(seed)) for seed in range(6000))

    assert set(seen) == set(itertools.permutations("abc"))
    # 6000 draws of 6 orders: 1000 each, standard deviation √(6000 · 1/6 · 5/6) = 28.9; five of them are 144
    assert all(abs(count - 1000) < 144 for count in seen.values())


def test_questions_are_found_by_key_and_kind() -> None:
    assert WHOLE.question("nps") is NPS
    assert WHOLE.question("mood") is None
    assert WHOLE.first_of(Kind.CHANNEL) is HEARD
    assert Definition((NPS,)).first_of(Kind.PHONE) is None
    assert HEARD.option("radio") == Option("radio", ANY)


def test_a_definition_survives_json() -> None:
    assert parse(serialise(WHOLE)) == WHOLE
