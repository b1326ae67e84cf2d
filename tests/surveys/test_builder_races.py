"""Twenty who save or publish one draft at once: one of them wins, the others are told."""

from typing import Any

import pytest

from surveys.actions.drafting import content_now, edit_draft, publish_draft
from surveys.errors import DraftChanged, NothingChanged
from surveys.models import Draft, Survey
from tests.surveys.test_races import AT_ONCE, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def reworded(content: dict[str, Any]) -> dict[str, Any]:
    row, *others = content["questions"]
    return content | {"questions": [row | {"label": {"zh-hans": "？", "en": "Otherwise?"}}, *others]}


def told(act: Any) -> str:
    try:
        act()
    except (DraftChanged, NothingChanged) as refused:
        return refused.code
    return "done"


def test_of_twenty_who_save_at_once_one_wins(survey: Survey) -> None:
    number = iter(range(AT_ONCE))

    def save() -> str:
        mine = {"zh-hans": "？", "en": f"Number {next(number)}?"}
        return told(
            lambda: edit_draft(
                survey=survey, revision=0, staff=None,
                change=lambda content: content | {"questions": [content["questions"][0] | {"label": mine}]},
            )
        )  # fmt: skip

    got = at_once(save)

    assert sorted(got) == ["done"] + ["draft_changed"] * (AT_ONCE - 1)
    draft = Draft.objects.get()
    assert (draft.revision, draft.steps.count()) == (1, 2)
    assert len(content_now(survey)["questions"]) == 1


def test_of_twenty_who_publish_at_once_one_makes_a_version(survey: Survey) -> None:
    draft = edit_draft(survey=survey, revision=0, change=reworded, staff=None)

    got = at_once(lambda: told(lambda: publish_draft(survey=survey, revision=draft.revision)))

    assert got.count("done") == 1
    assert set(got) <= {"done", "draft_changed", "nothing_changed"}
    assert survey.versions.count() == 2
