"""When a question is asked, and what its words say of earlier answers."""

from datetime import date

import pytest

from surveys.definition import (
    AllOf,
    Answered,
    AnyOf,
    Chosen,
    Definition,
    Kind,
    Not,
    Option,
    Question,
    Rule,
    Scored,
    Text,
)

ANY = Text("字", "word")
LIKED = Answered("liked")


@pytest.mark.parametrize(
    ("rule", "answers", "holds"),
    [
        (Chosen("ate", ("soup", "rice")), {"ate": "rice"}, True),
        (Chosen("ate", ("soup", "rice")), {"ate": "noodles"}, False),
        (Chosen("ate", ("soup", "rice")), {"ate": ["noodles", "soup"]}, True),
        (Chosen("ate", ("soup", "rice")), {"ate": ["noodles"]}, False),
        (Chosen("ate", ("soup",)), {}, False),
        (Scored("nps", at_least=9), {"nps": 9}, True),
        (Scored("nps", at_least=9), {"nps": 8}, False),
        (Scored("nps", at_most=6), {"nps": 6}, True),
        (Scored("nps", at_most=6), {"nps": 7}, False),
        (Scored("nps", at_least=1.5, at_most=2.5), {"nps": 2.5}, True),
        (Scored("nps", at_most=6), {}, False),
        (LIKED, {"liked": 0}, True),
        (LIKED, {}, False),
        (Not(LIKED), {}, True),
        (AllOf((LIKED, Chosen("ate", ("soup",)))), {"liked": "a", "ate": "soup"}, True),
        (AllOf((LIKED, Chosen("ate", ("soup",)))), {"liked": "a", "ate": "rice"}, False),
        (AnyOf((LIKED, Chosen("ate", ("soup",)))), {"ate": "soup"}, True),
        (AnyOf((LIKED, Chosen("ate", ("soup",)))), {"ate": "rice"}, False),
    ],
)
def test_a_rule_holds(rule: Rule, answers: dict[str, object], holds: bool) -> None:
    assert rule.holds(answers) is holds


def test_a_rule_tells_on_what_it_leans() -> None:
    rule = AllOf((AnyOf((LIKED, Scored("nps", 1))), Not(Chosen("ate", ("soup",)))))

    assert list(rule.leans_on()) == ["liked", "nps", "ate"]


ATE = Question("ate", Kind.MULTIPLE, ANY, options=(
    Option("soup", Text("汤", "soup")), Option("rice", Text("米饭", "rice")), Option("other", ANY, takes_text=True),
))  # fmt: skip
SOUP = Question("soup", Kind.NPS, ANY, asked_if=Chosen("ate", ("soup",)))
WHY = Question("why", Kind.TEXT, ANY, asked_if=AllOf((Scored("soup", at_most=6), Answered("ate"))))
ELSE = Question("else", Kind.TEXT, ANY, asked_if=Not(Answered("soup")))
BRANCHES = Definition((ATE, SOUP, WHY, ELSE))


def test_an_answer_to_a_question_no_longer_asked_counts_for_no_rule() -> None:
    answers = {"ate": ["soup"], "soup": 3, "why": "cold"}

    assert BRANCHES.without_unasked(answers) == answers
    assert BRANCHES.without_unasked(answers | {"ate": ["rice"], "else": "x"}) == {"ate": ["rice"], "else": "x"}
    assert BRANCHES.asked(answers | {"ate": ["rice"]}) == (ATE, ELSE)
    assert BRANCHES.validate(answers) == answers


SAID = (
    ATE,
    Question("one", Kind.CHOICE, ANY, options=ATE.options),
    Question("score", Kind.STARS, ANY),
    Question("price", Kind.NUMBER, ANY),
    Question("day", Kind.DATE, ANY, earliest=date(2026, 1, 1)),
    Question("line", Kind.TEXT, ANY),
)
WORDS = Definition(SAID)


@pytest.mark.parametrize(
    ("wording", "answers", "zh", "en"),
    [
        ("“{{one}}”", {"one": "soup"}, "“汤”", "“soup”"),
        ("“{{ one | a dish }}”", {}, "“a dish”", "“a dish”"),
        ("“{{one|a dish}}”", {"one": "gone"}, "“a dish”", "“a dish”"),
        ("“{{one}}”", {"one": "other", "one.text": "饺子"}, "“饺子”", "“饺子”"),
        ("“{{one}}”", {"one": "other"}, "“字”", "“word”"),
        ("{{ate}}!", {"ate": ["soup", "rice"]}, "汤、米饭!", "soup, rice!"),
        ("{{score}} of 5", {"score": 4}, "4 of 5", "4 of 5"),
        ("{{price}}", {"price": 1234.5}, "1,234.5", "1,234.5"),
        ("{{day}}", {"day": "2026-03-02"}, "2026年3月2日", "March 2, 2026"),
        ("{{line}}?", {"line": "a\n b"}, "a b?", "a b?"),
        ("{{line}}", {"line": "x" * 61}, "x" * 59 + "…", "x" * 59 + "…"),
        ("{{line}}?", {"line": "مرحبا"}, "\u2068مرحبا\u2069?", "\u2068مرحبا\u2069?"),
        ("{{line}}", {"line": "{{one}}"}, "{{one}}", "{{one}}"),
        ("{{gone}}{{", {}, "{{", "{{"),
    ],
)
def test_words_say_what_was_answered(wording: str, answers: dict[str, object], zh: str, en: str) -> None:
    text = Text(wording, wording)

    assert WORDS.words(text, answers, "zh-hans") == zh
    assert WORDS.words(text, answers, "en") == en


def test_for_a_report_the_words_speak_of_nobody() -> None:
    text = Text("{{one|这道菜}}好吃吗？", "How was {{one}}?")

    assert (text.plain("zh-hans"), text.plain("en")) == ("这道菜好吃吗？", "How was …?")
