"""A week's hours as staff type them."""

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from attribution.hours import Hours, HoursError, Spans, parse_spans, written

WEEKDAYS = (
    ("monday", _("Monday")), ("tuesday", _("Tuesday")), ("wednesday", _("Wednesday")), ("thursday", _("Thursday")),
    ("friday", _("Friday")), ("saturday", _("Saturday")), ("sunday", _("Sunday")),
)  # fmt: skip
CLOSED = {"closed", "关", "休", "休息", "不营业", "-", "–", "—"}
HOURS_ERRORS = {
    "not_hours": _("“%(text)s” are no hours. Write them like 10:00–14:00, 17:00–22:00."),
    "no_time": _("There is no such time as in “%(text)s”. The day goes from 00:00 to 24:00."),
    "empty": _("“%(text)s” ends when it begins. For a whole day write 00:00–24:00."),
    "overlap": _("The hours in “%(text)s” overlap."),
}


class HoursField(forms.CharField):
    """A day's hours as text; its value is their spans, or None for nothing typed."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "10:00–22:00"})
        super().__init__(required=False, max_length=120, widget=widget, **options)

    def clean(self, value: Any) -> Spans | None:  # spans in place of the text
        text = str(super().clean(value)).strip()
        if not text:
            return None
        if text.casefold() in CLOSED:
            return ()
        try:
            return parse_spans(text)
        except HoursError as error:
            raise forms.ValidationError(HOURS_ERRORS[error.code], params={"text": error.text}) from error


class HoursForm(forms.ModelForm):
    """Hours for most days in one field, and the days that differ in their own, of a row that keeps them in ``hours``
    and reads them in ``week``."""

    closed_all_week: Any = _("These are closed all week.")

    usual = HoursField(
        label=_("Hours on most days"),
        help_text=_("By the store’s clock, such as 10:00–14:00, 17:00–02:00. Empty: at any time."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for name, label in WEEKDAYS:
            self.fields[name] = HoursField(label=label)
            self.fields[name].widget.attrs["placeholder"] = gettext("as on most days")
        self._show(self.instance.week)

    def _show(self, week: Hours) -> None:
        if week.is_always:
            return
        self.initial["usual"] = written(week.usual) or pgettext("hours of a day", "closed")
        for (name, _label), spans in zip(WEEKDAYS, week.days, strict=True):
            if spans != week.usual:
                self.initial[name] = written(spans) or pgettext("hours of a day", "closed")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        usual = cleaned.get("usual") or ()
        typed = [cleaned.get(name) for name, _label in WEEKDAYS]
        week = Hours(tuple(usual if spans is None else spans for spans in typed))
        if week.is_always and any(spans is not None for spans in (cleaned.get("usual"), *typed)):
            self.add_error("usual", self.closed_all_week)
        self.instance.hours = week.stored()
        return cleaned

    @property
    def days(self) -> list[Any]:
        return [self[name] for name, _label in WEEKDAYS]

    @property
    def differs(self) -> bool:
        """Whether a day has hours of its own, or something wrong with them."""
        return any(day.value() or day.errors for day in self.days)
