"""What staff choose of a survey's responses: days, store, place, language, versions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from attribution.customers.models import Store
from surveys.labels import LANGUAGE_NAMES
from surveys.models import Response, Survey
from surveys.results.picked import Picked

MOST_SOURCES = 100  # to choose from


def day(label: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, input_formats=["%Y-%m-%d"])


def whole(value: Any) -> int | None:
    return int(value) if value else None


def sources_of(survey: Survey) -> list[str]:
    """Return where the addresses of a survey's responses were found, as far as they said so."""
    said = Response.objects.filter(version__survey=survey).exclude(source="")
    return list(said.order_by("source").values_list("source", flat=True).distinct()[:MOST_SOURCES])


class PickForm(forms.Form):
    """The filters alone."""

    start = day(_("From"))
    end = day(_("Up to, not including"))
    store = forms.TypedChoiceField(label=_("Store"), required=False, coerce=whole, empty_value=None)
    language = forms.ChoiceField(label=_("Language"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    first_version = forms.TypedChoiceField(label=_("From version"), required=False, coerce=whole, empty_value=None)
    last_version = forms.TypedChoiceField(label=_("Up to version"), required=False, coerce=whole, empty_value=None)

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.survey = survey
        stores = Store.objects.filter(placement__survey=survey).distinct().order_by("code")
        self.choose("store", _("All stores"), [(store.pk, store.name) for store in stores])
        self.choose("language", _("All languages"), LANGUAGE_NAMES.items())
        sources = sources_of(survey)
        self.choose("source", _("All sources"), [(source, source) for source in sources])
        if not sources:
            del self.fields["source"]
        numbers = [(number, number) for number in survey.versions.order_by("number").values_list("number", flat=True)]
        self.choose("first_version", _("the first"), numbers)
        self.choose("last_version", _("the newest"), numbers)
        if len(numbers) < 2:
            del self.fields["first_version"], self.fields["last_version"]

    def choose(self, name: str, everything: Any, choices: Any) -> None:
        field: Any = self.fields[name]
        field.choices = [("", everything), *choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end <= start:
            self.add_error("end", _("The period ends before it begins. Choose a later day for its end."))
        first, last = cleaned.get("first_version"), cleaned.get("last_version")
        if first and last and last < first:
            self.add_error("last_version", _("This version comes before the first one that you chose."))
        return cleaned

    def picked(self) -> Picked:
        names = Picked.__dataclass_fields__
        return Picked(**{name: value for name, value in self.cleaned_data.items() if name in names})


class ResultsForm(PickForm):
    """The filters, by what time is divided, and what is crossed."""

    unit = forms.ChoiceField(
        label=_("Over time by"), required=False, choices=[("month", _("month")), ("week", _("week"))]
    )
    row = forms.ChoiceField(label=_("Row variable"), required=False)
    across = forms.ChoiceField(label=_("Columns"), required=False)

    def __init__(self, *args: Any, axes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("row", "across"):
            self.choose(name, _("choose …"), axes)

    @property
    def filters(self) -> list[Any]:
        return [field for field in self if field.name not in {"row", "across"}]

    @property
    def crossing(self) -> list[Any]:
        return [self["row"], self["across"]]
