"""What staff type about a place: where it is, for which device, and when guests may answer there."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attribution.customers.models import Store
from attribution.hours_form import HoursForm
from surveys.models import Placement, Survey


class PlaceHoursForm(HoursForm):
    closed_all_week = _("These are closed all week. To close the place, switch it off below.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["usual"].help_text = _(
            "By the store’s clock, such as 10:00–14:00, 17:00–02:00. Empty: guests may answer at any time."
        )


class PlacementForm(PlaceHoursForm):
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


class EverywhereForm(PlaceHoursForm):
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
