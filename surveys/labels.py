"""The words of choices, for staff: data name them by key alone."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from surveys.definition import LANGUAGES
from surveys.models import SurveyVersion

LANGUAGE_NAMES = dict(zip(LANGUAGES, ("中文", "English"), strict=True))
PART_NAMES = {
    "morning": _("morning"),
    "lunch": _("lunchtime"),
    "afternoon": _("afternoon"),
    "evening": _("evening"),
    "night": _("night"),
}


def choice_labels() -> dict[tuple[int, str, str], str]:
    """Return (survey id, question key, option key) → the label in the reader's language, as it was last published."""
    language = get_language() or "zh-hans"
    labels = {}
    for version in SurveyVersion.objects.order_by("number"):
        for question in version.questionnaire.questions:
            for option in question.options:
                labels[version.survey_id, question.key, option.key] = option.label.in_language(language)
    return labels


class QuestionLabel(NamedTuple):
    survey: str
    place: int
    label: str


def question_labels(versions: Iterable[int]) -> dict[tuple[int, str], QuestionLabel]:
    """Return (version id, question key) → its survey's name, its place and wording in the survey's newest version.

    A question that the newest version does not ask has the place and wording of its own version.
    """
    language = get_language() or "zh-hans"
    wanted = set(versions)
    found: dict[tuple[int, str], QuestionLabel] = {}
    newest: dict[tuple[int, str], QuestionLabel] = {}
    surveys = SurveyVersion.objects.filter(pk__in=wanted).values("survey")
    for version in SurveyVersion.objects.filter(survey__in=surveys).select_related("survey").order_by("number"):
        for place, question in enumerate(version.questionnaire.questions):
            label = QuestionLabel(version.survey.name, place, question.label.plain(language))
            newest[version.survey_id, question.key] = label
            if version.pk in wanted:
                found[version.pk, question.key] = label
    of = dict(SurveyVersion.objects.filter(pk__in=wanted).values_list("pk", "survey"))
    return {(version, key): newest[of[version], key] for version, key in found}
