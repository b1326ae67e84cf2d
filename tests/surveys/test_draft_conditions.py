"""Who is asked a question of a draft, in words, and what is said of a question that is not right yet."""

from typing import Any

import pytest

from surveys.builder.form import filled
from surveys.drafts import act, content_of, row_of
from surveys.wordings import condition_words, problems_of
from tests.surveys.test_drafts import meal, option, question, sent


def test_conditions_are_added_on_the_question_before_and_removed():
    content, _ = act(meal(), "why", "rule_add")
    assert row_of(content, "why")["asked_if"] == {  # type: ignore[index]
        "all": [{"question": "stars", "at_most": 3}, {"question": "ate", "options": []}]
    }
    assert problems_of(content) == {"why": {"rule.1": "Choose at least one answer."}}

    content, _ = act(content, "why", "rule_delete:0")
    assert row_of(content, "why")["asked_if"] == {"question": "ate", "options": []}  # type: ignore[index]
    content, _ = act(content, "why", "rules_clear")
    assert "asked_if" not in row_of(content, "why")  # type: ignore[operator]

    content, _ = act(content, "ate", "rule_add")
    assert row_of(content, "ate")["asked_if"] == {"question": "stars", "answered": True}  # type: ignore[index]
    assert act(content, "stars", "rule_add")[0] == content


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"question": "stars", "at_least": 2, "at_most": 3}, "Only if “stars?” is 2 to 3"),
        ({"not": {"question": "stars", "at_most": 3}}, "Only if not (“stars?” is at most 3)"),
        ({"question": "ate", "answered": True}, "Only if “ate?” was answered"),
        ({"question": "ate", "options": ["tea", "gone"]}, "Only if “ate?” is any of “tea”, “(no words yet)”"),
        ({"question": "lost", "answered": True}, "Only if “(a question that is gone)” was answered"),
        (
            {"any": [{"all": [{"question": "stars", "at_least": 4}, {"question": "ate", "answered": True}]},
                     {"not": {"any": [{"question": "ate", "options": ["tea"]}]}}]},
            "Only if “stars?” is at least 4 and “ate?” was answered or not (“ate?” is any of “tea”)",
        ),
    ],
)  # fmt: skip
def test_conditions_are_told_in_words(rule: dict[str, Any], words: str):
    content = meal()
    content["questions"][2]["asked_if"] = rule

    assert condition_words(content, content["questions"][2]) == words


def test_rules_in_a_circle_are_told_by_the_words_of_their_questions():
    content = content_of(
        [
            question("a", "nps", asked_if={"question": "b", "answered": True}),
            question("b", "stars", asked_if={"question": "a", "answered": True}),
        ]
    )

    assert problems_of(content) == {"": {"": "“a?” → “b?” → “a?”: these rules go round in a circle"}}


def test_a_placebo_is_a_percentage_and_never_an_honest_answer():
    def heard(typed: str) -> dict[str, Any]:
        content = content_of([question("heard", "channel", options=[option("tv"), option("tea"), option("other")])])
        form = {"label.en": "heard?", "label.zh-hans": "中heard?"}
        for key in ("tv", "other"):
            form |= {f"option.{key}.en": key, f"option.{key}.zh-hans": key}
        filled(content, "heard", sent(**form, **{"option.other.placebo": typed}), None)
        return content

    assert row_of(heard(" 10 %"), "heard")["options"][2]["placebo"] == 0.1  # type: ignore[index]
    assert problems_of(heard("some"))["heard"] == {
        "option.other.placebo": "Write a share of guests above 0 % and up to 100 %."
    }
    assert problems_of(heard("10"))["heard"] == {"option.other.placebo": "“other” is an honest answer"}
    assert "placebo" not in row_of(heard(""), "heard")["options"][2]  # type: ignore[index]


def test_choices_that_are_too_few_or_all_exclusive_are_told_where_they_stand():
    content, _ = act(meal(), "ate", "option_delete:tea")
    content, _ = act(content, "ate", "option_delete:cake")
    assert problems_of(content)["ate"] == {
        "options": "Write at least two choices, not counting placebos, and at most 40."
    }

    content = meal()
    for one in content["questions"][1]["options"]:
        one["exclusive"] = True
    assert problems_of(content)["ate"] == {"options": "Write at least 1 that is not exclusive"}
