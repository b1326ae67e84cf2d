"""Whom a survey takes for the same guest, and for how long."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from surveys.models import SameBy, Survey

HOURS = {"hours": 1, "days": 24}
HOURS_LONG = pgettext_lazy("how long", "hours")
MOST_HOURS = 24 * 3650


class OneAnswerForm(forms.Form):
    by = forms.MultipleChoiceField(
        label=_("The same guest is whoever has the same"),
        choices=SameBy.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Guests on one Wi-Fi are never taken for one. A tablet at the counter is nobody’s own device. "
            "The receipt is the one in the address that was scanned."
        ),
    )
    number = forms.IntegerField(label=_("Counts once in"), min_value=1, max_value=MOST_HOURS, required=False)
    unit = forms.ChoiceField(
        label=_("Hours or days"), choices=[("hours", HOURS_LONG), ("days", _("days")), ("ever", _("once and for all"))]
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "initial": _initial(survey), **kwargs})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "number" in self.errors or cleaned.get("unit") not in HOURS:
            return cleaned
        if not cleaned.get("number"):
            self.add_error("number", _("Write how many hours or days."))
        elif cleaned["number"] * HOURS[cleaned["unit"]] > MOST_HOURS:
            self.add_error("number", _("Ten years at most; beyond, choose once and for all."))
        return cleaned

    def chosen(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        hours = HOURS.get(cleaned["unit"])
        chosen: dict[str, Any] = {f"by_{kind}": kind in cleaned["by"] for kind in SameBy.values}
        return chosen | {"window_hours": hours and cleaned["number"] * hours}


def _initial(survey: Survey) -> dict[str, Any]:
    hours = survey.window_hours
    by = [kind for kind in SameBy.values if getattr(survey, f"by_{kind}")]
    if hours is None:
        return {"by": by, "unit": "ever"}
    is_days = hours % HOURS["days"] == 0 and hours > HOURS["days"]
    return {"by": by, "number": hours // HOURS["days"] if is_days else hours, "unit": "days" if is_days else "hours"}
