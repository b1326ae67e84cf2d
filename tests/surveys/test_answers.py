"""What each kind of question takes as an answer, and what is kept of it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.definition import AnswersRefused, Definition, Kind, Option, Question, Text

ANY = Text("字", "word")
DISHES = (
    Option("noodles", ANY),
    Option("rice", ANY),
    Option("soup", ANY),
    Option("other", ANY, is_pinned=True, takes_text=True),
    Option("none", ANY, is_pinned=True, is_exclusive=True),
)
ATE = Question("ate", Kind.MULTIPLE, ANY, options=DISHES)
TWO = Question("two", Kind.MULTIPLE, ANY, options=DISHES, least=2, most=3)
SCALE = Question("scale", Kind.SCALE, ANY, least=-1, most=3)
STARS = Question("stars", Kind.STARS, ANY)
NUMBER = Question("number", Kind.NUMBER, ANY)
PRICE = Question("price", Kind.NUMBER, ANY, least=-5, most=1500, decimals=2)
LINE = Question("line", Kind.TEXT, ANY, is_required=True)
STORY = Question("story", Kind.LONGTEXT, ANY)
DAY = Question("day", Kind.DATE, ANY)
SPRING = Question("spring", Kind.DATE, ANY, earliest=date(2026, 3, 1), latest=date(2026, 5, 31))
HELLO = Question("hello", Kind.STATEMENT, ANY)
MAIL = Question("mail", Kind.EMAIL, ANY)


@pytest.mark.parametrize(
    ("question", "said", "kept"),
    [
        (ATE, ["soup", "noodles", "soup"], ["noodles", "soup"]),
        (ATE, ["none"], ["none"]),
        (TWO, ["none"], ["none"]),
        (TWO, ["rice", "soup"], ["rice", "soup"]),
        (SCALE, "-1", -1),
        (SCALE, 3, 3),
        (STARS, "5", 5),
        (NUMBER, " 12 ", 12),
        (NUMBER, "１２", 12),
        (NUMBER, "1,234,567", 1234567),
        (NUMBER, "7.0", 7),
        (NUMBER, 7.0, 7),
        (NUMBER, "٣", 3),
        (NUMBER, "+0", 0),
        (PRICE, "12.5", 12.5),
        (PRICE, "-5", -5),
        (PRICE, 1500, 1500),
        (STORY, " a \r\n\r\n\r\n\r\n b\tc \n", "a\n\nb c"),
        (STORY, "字" * 2000, "字" * 2000),
        (DAY, "2026-03-02", "2026-03-02"),
        (DAY, "2026/3/2", "2026-03-02"),
        (DAY, "２０２６年3月2日", "2026-03-02"),
        (SPRING, "2026-03-01", "2026-03-01"),
        (SPRING, "2026-05-31", "2026-05-31"),
    ],
)
def test_an_answer_is_kept(question: Question, said: object, kept: object) -> None:
    assert question.check({question.key: said}) == {question.key: kept}


@pytest.mark.parametrize(
    ("question", "said", "code"),
    [
        (ATE, "soup", "not_a_list"),
        (ATE, ["soup", "pizza"], "unknown_option"),
        (ATE, [["soup"]], "unknown_option"),
        (ATE, ["none", "soup"], "not_alone"),
        (TWO, ["soup"], "too_few"),
        (TWO, ["noodles", "rice", "soup", "other"], "too_many"),
        (SCALE, "4", "not_a_score"),
        (SCALE, "-2", "not_a_score"),
        (STARS, 0, "not_a_score"),
        (STARS, True, "not_a_score"),
        (STARS, 4.0, "not_a_score"),
        (NUMBER, "many", "not_a_number"),
        (NUMBER, "1,23", "not_a_number"),
        (NUMBER, "1e5", "not_a_number"),
        (NUMBER, 1e20, "not_a_number"),
        (NUMBER, float("nan"), "not_a_number"),
        (NUMBER, True, "not_a_number"),
        (NUMBER, [1], "not_a_number"),
        (NUMBER, "1" + " " * 40 + "1", "not_a_number"),
        (NUMBER, "7.5", "too_exact"),
        (NUMBER, "-1", "too_small"),
        (NUMBER, 1_000_000_001, "too_large"),
        (PRICE, "1.234", "too_exact"),
        (PRICE, "-5.01", "too_small"),
        (PRICE, "1500.01", "too_large"),
        (LINE, "\x00", "required"),
        (STORY, "字" * 2001, "too_long"),
        (STORY, 7, "not_text"),
        (DAY, "tomorrow", "not_a_date"),
        (DAY, "2026-02-30", "not_a_date"),
        (DAY, 20260302, "not_a_date"),
        (DAY, "1899-12-31", "too_early"),
        (DAY, "2101-01-01", "too_late"),
        (SPRING, "2026-02-28", "too_early"),
        (SPRING, "2026-06-01", "too_late"),
        (HELLO, "hi", "nothing_to_answer"),
        (MAIL, "a@b.cn", "email_apart"),
    ],
)
def test_what_is_no_answer_is_refused(question: Question, said: object, code: str) -> None:
    with pytest.raises(AnswersRefused) as refused:
        question.check({question.key: said})
    assert refused.value.errors == {question.key: code}


@pytest.mark.parametrize("nothing", [None, "", "  ", []])
@pytest.mark.parametrize("question", [ATE, TWO, SCALE, STARS, NUMBER, STORY, DAY])
def test_what_need_not_be_answered_can_be_left_out(question: Question, nothing: object) -> None:
    assert question.check({question.key: nothing}) == {}


def test_a_story_of_control_characters_is_none() -> None:
    assert STORY.check({"story": "\x00"}) == {}


def test_what_is_typed_beside_one_of_several_is_kept_with_it_alone() -> None:
    typed = {"ate.text": " 饺子 "}

    assert ATE.check({"ate": ["other", "soup"], **typed}) == {"ate": ["soup", "other"], "ate.text": "饺子"}
    assert ATE.check({"ate": ["soup"], **typed}) == {"ate": ["soup"]}


def test_points_are_those_of_the_kind() -> None:
    assert SCALE.points == (-1, 0, 1, 2, 3)
    assert STARS.points == (1, 2, 3, 4, 5)
    assert Question("nps", Kind.NPS, ANY).points == (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    assert NUMBER.points == ()


def test_not_remembering_is_an_option_never_a_word() -> None:
    forgot = Option("dont_remember", ANY)
    one = Question("one", Kind.CHOICE, ANY, options=(*DISHES, forgot))
    several = Question("several", Kind.MULTIPLE, ANY, options=(*DISHES, forgot))
    definition = Definition((one, several, LINE))

    assert definition.forgot({"one": "dont_remember"})
    assert definition.forgot({"several": ["soup", "dont_remember"]})
    assert not definition.forgot({"one": "soup", "line": "dont_remember"})


EVERY_KIND = Definition((ATE, TWO, SCALE, STARS, NUMBER, PRICE, LINE, STORY, DAY, SPRING, HELLO, MAIL))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([question.key for question in EVERY_KIND.questions] + ["ate.text"]), ANYTHING))
def test_whatever_comes_is_either_refused_or_kept_for_good(answers: dict[str, Any]) -> None:
    errors: dict[str, str] = {}
    try:
        clean = EVERY_KIND.validate(answers)
    except AnswersRefused as refused:
        errors = refused.errors

    assert errors or EVERY_KIND.validate(clean) == clean
    assert errors.keys() <= {question.key for question in EVERY_KIND.questions}
