"""What staff type about a place: where it is, for which device, and when guests may answer there."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from attribution.customers.models import Store
from surveys.hours import Hours, HoursError, Spans, parse_spans, written
from surveys.models import Placement, Survey

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
    """Hours for most days in one field, and the days that differ in their own."""

    usual = HoursField(
        label=_("Hours on most days"),
        help_text=_("By the store’s clock, such as 10:00–14:00, 17:00–02:00. Empty: guests may answer at any time."),
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
            self.add_error("usual", _("These are closed all week. To close the place, switch it off below."))
        self.instance.hours = week.stored()
        return cleaned

    @property
    def days(self) -> list[Any]:
        return [self[name] for name, _label in WEEKDAYS]

    @property
    def differs(self) -> bool:
        """Whether a day has hours of its own, or something wrong with them."""
        return any(day.value() or day.errors for day in self.days)


class PlacementForm(HoursForm):
    """One place. Its last day is one of its store, up to midnight."""

    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    class Meta:
        model = Placement
        fields = ("store", "spot", "mode", "is_open", "is_signed")
        labels = {"is_open": _("Guests may answer here"), "is_signed": _("Sign the address")}
        help_texts = {
            "is_signed": _("Nobody can then make up an address, or a receipt’s number in it; codes printed before no"
                           " longer work."),
        }  # fmt: skip

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.survey = survey
        stores: Any = self.fields["store"]
        stores.queryset = Store.objects.filter(Q(is_active=True) | Q(pk=self.instance.store_id))
        if self.instance.expires_at:
            zone = self.instance.store.zoneinfo
            self.initial["last_day"] = (self.instance.expires_at - timedelta(seconds=1)).astimezone(zone).date()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        store, last = cleaned.get("store"), cleaned.get("last_day")
        if store is not None and "last_day" in cleaned:
            self.instance.expires_at = last and day_end(last, store)
        return cleaned


class EverywhereForm(HoursForm):
    """The same place in many stores."""

    stores = forms.ModelMultipleChoiceField(
        Store.objects.none(), label=_("Stores"), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Placement
        fields = ("spot", "mode", "is_signed")
        labels = PlacementForm.Meta.labels

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["stores"]
        field.queryset = Store.objects.filter(is_active=True)
        field.label_from_instance = lambda store: store.name
        self.initial["stores"] = list(field.queryset.values_list("pk", flat=True))


def day_end(day: date, store: Store) -> datetime:
    """Return the first moment after a day of the store."""
    return datetime.combine(day + timedelta(days=1), time(), store.zoneinfo)
