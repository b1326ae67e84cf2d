"""What guests wrote in answer to a question or beside a choice: searched, newest first."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from surveys.definition import Kind, text_key
from surveys.models import Response, Survey
from surveys.results.file import questions
from surveys.results.form import PickForm

PAGE_ROWS = 50


def answers_with_words(survey: Survey) -> list[tuple[str, str]]:
    """Return the key among the answers under which guests write, and the question's words."""
    language = get_language() or "zh-hans"
    found = {}
    for item in questions(survey):
        if item.kind in {Kind.TEXT, Kind.LONGTEXT}:
            found[item.question.key] = item.question.label.plain(language)
        elif item.takes_text:
            found[text_key(item.question.key)] = item.question.label.plain(language)
    return list(found.items())


class WordsForm(PickForm):
    question = forms.ChoiceField(label=_("Question"), required=False)
    search = forms.CharField(
        label=_("Search"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    field_order = ("question", "search")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = answers_with_words(self.survey)
        field: Any = self.fields["question"]
        field.choices = self.keys

    def query(self) -> str:
        return urlencode({name: value for name, value in self.data.items() if name != "page" and value})


def written(survey: Survey, form: WordsForm) -> QuerySet[Response] | list[Response]:
    """Return the submitted responses with ``words`` in answer to the question that was chosen, else the first."""
    if not form.keys:
        return []
    key = form.cleaned_data["question"] or form.keys[0][0]
    rows = form.picked().of(survey).counted()
    rows = rows.annotate(words=KeyTextTransform(key, "answers")).filter(words__isnull=False)
    if form.cleaned_data["search"]:
        rows = rows.filter(words__icontains=form.cleaned_data["search"])
    return rows.select_related("placement__store", "version").order_by("-received_at")
