"""A questionnaire while it is written: acts on rows, what a page sent, what is missing, and how two states differ."""

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from surveys.builder.form import Edit, filled
from surveys.definition import Kind, parse
from surveys.differences import differences
from surveys.drafts import Offered, act, as_kind, blank_question, content_of, kinds_for, missing_in, row_of
from surveys.questionnaires import QUESTIONNAIRES
from surveys.wordings import condition_words, problems_of


def words(text: str) -> dict[str, str]:
    return {"zh-hans": f"中{text}", "en": text}


def option(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "label": words(key)} | more


def question(key: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": words(f"{key}?")} | more


def meal() -> dict[str, Any]:
    """Stars, then what was eaten, then why (of those who gave few stars), then a phone."""
    return content_of(
        [
            question("stars", "stars"),
            question("ate", "multiple", options=[option("tea"), option("cake"), option("other", pinned=True)]),
            question("why", "text", asked_if={"question": "stars", "at_most": 3}),
            question("phone", "phone"),
        ]
    )


def keys(content: dict[str, Any]) -> list[str]:
    return [row["key"] for row in content["questions"]]


def sent(**fields: Any) -> QueryDict:
    form = QueryDict(mutable=True)
    for name, value in fields.items():
        form.setlist(name.replace("__", "."), value if isinstance(value, list) else [value])
    return form


def said(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    return {one.question: list(one.changes) for one in differences(before, after)}


# ── Acts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_question_stands_after_the_chosen_one_and_never_behind_the_phone():
    content, new = act(meal(), "stars", "add:text")
    assert keys(content) == ["stars", new, "ate", "why", "phone"]

    content, new = act(meal(), "phone", "add:nps")
    assert keys(content) == ["stars", "ate", "why", new, "phone"]


def test_a_phone_is_added_last():
    content, new = act(content_of([question("a", "text"), question("b", "text")]), "a", "add:phone")

    assert keys(content) == ["a", "b", new]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_new_question_of_every_kind_lacks_words_alone(kind: Kind):
    row = blank_question(kind, set())
    for wording in [row["label"], *(one["label"] for one in row.get("options", []))]:
        wording.update(words("x"))
    for name in ("least_label", "most_label"):
        if name in row:
            row[name] = words("x")

    assert parse({"questions": [row]}).questions[0].kind is kind


def test_acts_leave_the_content_that_they_were_given_alone():
    content = meal()
    for do in ("delete", "up", "down", "copy", "add:text", "option_add", "option_delete:tea", "pipe:stars:label"):
        act(content, "ate", do)

    assert content == meal()


def test_questions_move_up_down_and_to_a_place_but_not_beyond_the_ends():
    assert keys(act(meal(), "ate", "up")[0]) == ["ate", "stars", "why", "phone"]
    assert keys(act(meal(), "ate", "down")[0]) == ["stars", "why", "ate", "phone"]
    assert keys(act(meal(), "stars", "up")[0]) == keys(meal())
    assert keys(act(meal(), "phone", "down")[0]) == keys(meal())
    assert keys(act(meal(), "phone", "place:stars:2")[0]) == ["ate", "why", "stars", "phone"]


def test_a_copy_has_a_key_of_its_own_and_a_deleted_one_gives_way_to_its_neighbour():
    content, twin = act(meal(), "ate", "copy")
    assert keys(content) == ["stars", "ate", twin, "why", "phone"]
    assert twin.startswith("multiple-")

    content, next_one = act(meal(), "phone", "delete")
    assert (keys(content), next_one) == (["stars", "ate", "why"], "why")


def test_choices_are_added_before_the_fixed_ones_moved_and_removed():
    def options(do: str) -> list[str]:
        return [one["key"] for one in row_of(act(meal(), "ate", do)[0], "ate")["options"]]  # type: ignore[index]

    assert options("option_add")[:2] == ["tea", "cake"]
    assert options("option_add")[3] == "other"
    assert options("option_add:dont_remember")[-1] == "dont_remember"
    assert options("option_up:cake") == ["cake", "tea", "other"]
    assert options("option_down:tea") == ["cake", "tea", "other"]
    assert options("option_place:other:0") == ["other", "tea", "cake"]
    assert options("option_place:tea:99") == ["cake", "other", "tea"]
    assert options("option_place:tea:-1") == ["cake", "other", "tea"]
    assert options("option_delete:tea") == ["cake", "other"]


def test_asking_more_about_a_choice_adds_a_question_for_those_who_choose_it():
    content, new = act(meal(), "ate", "ask_more:tea")

    assert keys(content) == ["stars", "ate", new, "why", "phone"]
    assert row_of(content, new)["asked_if"] == {"question": "ate", "options": ["tea"]}  # type: ignore[index]


def test_all_channels_become_choices_at_one_stroke_in_place_of_empty_ones():
    content = content_of([blank_question(Kind.CHANNEL, set())])
    key = content["questions"][0]["key"]
    content, _ = act(content, key, "option_add:other")

    content, _ = act(content, key, "channels_add", Offered("tv", "电视", "TV"), Offered("friends", "朋友", "Friends"))

    assert [one["key"] for one in content["questions"][0]["options"]] == ["tv", "friends", "other"]


def test_a_piped_answer_has_other_words_unless_it_is_always_given():
    content, _ = act(meal(), "why", "pipe:ate:label")
    assert row_of(content, "why")["label"]["en"] == "why?{{ate|your choice}}"  # type: ignore[index]

    content["questions"][0]["required"] = True
    content, _ = act(content, "why", "pipe:stars:help")
    assert row_of(content, "why")["help"] == {"zh-hans": "{{stars}}", "en": "{{stars}}"}  # type: ignore[index]
    assert problems_of(content) == {}


@pytest.mark.parametrize(
    "do", ["nonsense", "add:nonsense", "place", "rule_delete:x", "option_up", "option_place:tea", "pipe:gone:label"]
)
def test_a_button_that_no_page_has_changes_nothing(do: str):
    assert act(meal(), "ate", do) == (meal(), "ate")


# ── What a page sent ────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_typed_is_kept_whether_it_is_right_or_not():
    content = meal()
    filled(content, "ate", sent(label__en="What?", **{"label.zh-hans": ""}, least="two", most="2"), None)

    row = row_of(content, "ate")
    assert row is not None
    assert (row["label"], row["least"], row["most"]) == ({"zh-hans": "", "en": "What?"}, "two", 2)
    assert problems_of(content)["ate"] == {
        "label.zh-hans": "Words are missing here.",
        "least": "Write a whole number from 1 to 3",
    }


def test_choices_keep_their_keys_when_they_are_renamed():
    content = meal()
    form = {"label.en": "ate?", "label.zh-hans": "中ate?", "option.tea.en": "Milk tea", "option.tea.zh-hans": "奶茶"}
    filled(content, "ate", sent(**form, **{"option.tea.icon": "🧋", "option.tea.exclusive": "on"}), None)

    assert row_of(content, "ate")["options"][0] == {  # type: ignore[index]
        "key": "tea", "label": {"zh-hans": "奶茶", "en": "Milk tea"}, "icon": "🧋", "exclusive": True,
    }  # fmt: skip


def test_choices_stand_still_or_go_about_as_the_page_says():
    content = meal()
    form = {"label.en": "ate?", "label.zh-hans": "中ate?"}
    filled(content, "ate", sent(**form, order="written"), None)
    assert [one.get("pinned") for one in row_of(content, "ate")["options"]] == [True, True, True]  # type: ignore[index]

    filled(content, "ate", sent(**form, order="random"), None)
    assert [one.get("pinned") for one in row_of(content, "ate")["options"]] == [None, None, True]  # type: ignore[index]


def test_conditions_are_read_as_the_page_sends_them():
    content = meal()
    form = {"label.en": "why?", "label.zh-hans": "中why?", "joined": "any", "rule": ["0", "1", "2"]}
    form |= {"rule.0.question": "stars", "rule.0.how": "between", "rule.0.least": "1", "rule.0.most": ""}
    form |= {"rule.1.question": "ate", "rule.1.how": "none", "rule.1.options": ["tea", "gone"]}
    form |= {"rule.2.question": "ate", "rule.2.how": "unanswered"}
    filled(content, "why", sent(**form), None)

    row = row_of(content, "why")
    assert row is not None
    assert row["asked_if"] == {
        "any": [
            {"question": "stars", "at_least": 1},
            {"not": {"question": "ate", "options": ["tea"]}},
            {"not": {"question": "ate", "answered": True}},
        ]
    }
    assert condition_words(content, row) == (
        "Only if “stars?” is at least 1 or “ate?” is none of “tea” or “ate?” was left out"
    )


def test_a_published_question_becomes_only_what_is_answered_alike():
    published = question("why", "text")

    assert kinds_for(published, published) == [Kind.LONGTEXT, Kind.TEXT]
    assert kinds_for(question("ate", "multiple"), question("ate", "multiple")) == [Kind.MULTIPLE]
    assert set(kinds_for(published, None)) == set(Kind)

    content = meal()
    filled(content, "why", sent(**{"label.en": "why?", "label.zh-hans": "中why?", "kind": "nps"}), published)
    assert row_of(content, "why")["kind"] == "text"  # type: ignore[index]


def test_a_change_of_kind_keeps_what_both_have():
    row = question("ate", "channel", required=True, options=[option("tea", placebo=0.1), option("cake", text=True)])

    assert as_kind(row, Kind.CHOICE)["options"] == [option("tea"), option("cake", text=True)]
    assert as_kind(row, Kind.STATEMENT) == question("ate", "statement")
    assert as_kind(row, Kind.SCALE)["most"] == 5


def test_what_is_typed_and_what_the_button_does_are_one_change():
    edit = Edit(sent(q="why", do="up", label__en="Why so?", **{"label.zh-hans": "为什么？"}), content_of([]))

    content = edit(meal())

    assert keys(content) == ["stars", "why", "ate", "phone"]
    assert row_of(content, "why")["label"]["en"] == "Why so?"  # type: ignore[index]


# ── What is missing, and what differs ───────────────────────────────────────────────────────────────────────────────


def test_all_missing_words_are_found_at_once():
    row = question("ate", "choice", options=[option("tea"), option("cake")])
    row["help"] = {"zh-hans": "请选", "en": ""}
    row["options"][1]["label"] = {"zh-hans": " ", "en": ""}

    assert missing_in(row) == [("help", "en"), ("option.cake", "zh-hans"), ("option.cake", "en")]


def test_a_mistake_stands_at_its_field_in_the_words_of_the_page():
    content = meal()
    content["questions"][1]["options"][0]["icon"] = "tea"
    assert problems_of(content) == {"ate": {"option.tea.icon": "Write one emoji, or nothing."}}

    content, _ = act(meal(), "stars", "down")
    content, _ = act(content, "stars", "down")
    assert problems_of(content) == {"why": {"rule.0": "Choose a question that comes before this one."}}

    content, _ = act(meal(), "stars", "delete")
    assert problems_of(content) == {"why": {"rule.0": "Choose a question that comes before this one."}}

    assert problems_of(content_of([])) == {"": {"": "Add at least one question."}}


def test_a_second_question_of_a_single_kind_is_told_by_its_name():
    content = content_of([question("a", "nps"), question("b", "nps")])

    assert problems_of(content) == {"": {"": "At most one may be of kind “Recommendation (NPS)”"}}


def test_differences_name_each_question_that_changed():
    after, _ = act(meal(), "stars", "delete")
    after, _new = act(after, "why", "add:nps")
    row_of(after, "why")["label"]["en"] = "Why so?"  # type: ignore[index]
    row_of(after, "why").pop("asked_if")  # type: ignore[union-attr]
    row_of(after, "ate")["options"][1]["label"]["en"] = "Pie"  # type: ignore[index]
    row_of(after, "ate")["options"].pop(0)  # type: ignore[index]

    assert said(meal(), after) == {
        "ate?": ["Choices removed: tea.", "Choice (English): “cake” became “Pie”."],
        "Why so?": ["Wording (English): “why?” became “Why so?”.", "Now asked of everybody."],
        "How likely are you to recommend us to a friend?": ["New question: Recommendation (NPS)."],
        "stars?": ["Removed."],
    }


def test_the_fewest_questions_are_called_moved():
    after, _ = act(meal(), "why", "place:why:0")

    assert said(meal(), after) == {"why?": ["Moved to place 1."]}
    assert said(meal(), meal()) == {}


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_every_questionnaire_to_begin_with_is_whole(name: str):
    from surveys.definition import Text
    from surveys.firstvisit import ChannelChoice

    rows = QUESTIONNAIRES[name]([ChannelChoice("tv", Text("电视", "TV"), "other")])

    assert problems_of(content_of(rows)) == ({} if rows else {"": {"": "Add at least one question."}})


DOES = [
    "add:nps", "add:channel", "add:phone", "add:statement", "copy", "delete", "up", "down", "place:ate:0", "option_add",
    "option_add:other", "option_delete:tea", "option_up:other", "ask_more:cake", "rule_add", "rule_delete:0",
    "rules_clear", "pipe:ate:label", "pipe:phone:help", "channels_add", "go:ate", "nonsense:1:2:3",
]  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(["stars", "ate", "why", "phone", "gone"]), st.sampled_from(DOES)), max_size=12)
)
def test_whatever_is_pressed_in_whatever_order_can_be_judged_and_told(pressed: list[tuple[str, str]]):
    content = meal()
    for key, do in pressed:
        content, _ = act(content, key, do)

    problems = problems_of(content)
    differences(meal(), content)
    for row in content["questions"]:
        condition_words(content, row)
    if not problems:
        assert len(parse({"questions": content["questions"]}).questions) == len(content["questions"])
