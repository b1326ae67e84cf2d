"""The form with which a survey is begun: from a questionnaire of ours, a file, or nothing."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from attribution.evidence.models import Channel
from surveys.actions.publishing import as_choice
from surveys.definition import BadDefinition, parse, serialise
from surveys.questionnaires import QUESTIONNAIRES
from surveys.refusals import problem_in_words

FILE = "file"
LARGEST = 1_000_000
STARTS = (
    ("first_visit", _("First visit: what brought guests here, with your channels as choices")),
    ("satisfaction", _("Satisfaction after the meal: stars, what was good or bad, recommendation")),
    ("profile", _("Five questions on who your guests are")),
    ("empty", _("Empty")),
    (FILE, _("From a file (JSON) that was exported here or elsewhere")),
)


class NameForm(forms.Form):
    name_zh_hans = forms.CharField(label=_("Name (Chinese)"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Name (English)"), max_length=80, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not (cleaned.get("name_zh_hans") or cleaned.get("name_en")):
            raise ValidationError(_("Name it in at least one language."))
        return cleaned


class NewSurveyForm(NameForm):
    start = forms.ChoiceField(label=_("Begin with"), choices=STARTS, widget=forms.RadioSelect, initial="first_visit")
    file = forms.FileField(label=_("File"), required=False, help_text=_("Only if it begins with a file."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        start = cleaned.get("start")
        if start == FILE:
            try:
                cleaned["questions"] = questions_in(cleaned.get("file"))
            except ValidationError as error:
                self.add_error("file", error)
        elif start is not None:
            channels = [as_choice(channel) for channel in Channel.objects.filter(is_active=True)]
            cleaned["questions"] = QUESTIONNAIRES[start](channels)
        return cleaned


def questions_in(file: Any) -> list[dict[str, Any]]:
    """Return the questions that a file holds; refuse by place what is wrong with it."""
    if file is None:
        raise ValidationError(_("Choose the file."))
    if file.size > LARGEST:
        raise ValidationError(_("This file is larger than a questionnaire can be."))
    try:
        return list(serialise(parse(json.loads(file.read().decode("utf-8-sig"))))["questions"])
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        if isinstance(error, BadDefinition):
            raise ValidationError(problem_in_words(error)) from error
        raise ValidationError(_("This is not JSON in UTF-8.")) from error
