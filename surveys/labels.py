"""The words of choices, for staff: data name them by key alone."""

from django.utils.translation import get_language

from surveys.models import SurveyVersion


def choice_labels() -> dict[tuple[int, str, str], str]:
    """Return (survey id, question key, option key) → the label in the reader's language, as it was last published."""
    language = get_language() or "zh-hans"
    labels = {}
    for version in SurveyVersion.objects.order_by("number"):
        for question in version.questionnaire.questions:
            for option in question.options:
                labels[version.survey_id, question.key, option.key] = option.label.in_language(language)
    return labels
