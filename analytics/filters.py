"""What a report can be asked for: the filters of its page's address, of its API, command and workbook alike."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics import period as periods
from analytics.period import Period, PeriodError
from attribution.customers.models import Store
from attribution.engine import MODELS
from attribution.engine.models import DEFAULT

PERIOD_NAMES = {
    "last_365_days": _("Last 365 days"),
    "this_year": _("This year"),
    "last_90_days": _("Last 90 days"),
    "last_30_days": _("Last 30 days"),
    "last_month": _("Last month"),
    "this_month": _("This month"),
    "all": _("All days"),
}
PERIOD_ERRORS = {
    "bad_day": _("“%(value)s” is not a day. Write it like 2026-03-01."),
    "out_of_range": _("%(value)s is too far away. Choose days between 1990 and 2199."),
    "ends_too_early": _("The period ends before it begins. Choose a later day for its end."),
    "no_preset": _("“%(value)s” is no known period."),
}
KNOWN_MODEL_NAMES = {
    "precedence": _("Strongest evidence first"),
    "first_touch": _("First touch"),
    "last_touch": _("Last touch"),
    "linear": _("Linear"),
    "position_based": _("Position-based"),
    "time_decay": _("Time decay"),
    "shapley": _("Shapley value"),
    "survey": _("Survey answers only"),
    "coupon": _("Coupons only"),
    "link": _("Tracked links only"),
}
# The default comes first. A model without a name here shows the engine's; one with totals only credits no customer.
MODEL_NAMES = {name: KNOWN_MODEL_NAMES.get(name, name) for name in (DEFAULT, *MODELS) if MODELS[name].per_customer}


@dataclass(frozen=True)
class Filters:
    """Clean filters. ``store`` is a store's code, or None for all."""

    period: Period
    store: str | None
    model: str

    def to_query(self) -> dict[str, str]:
        """Return what :class:`ReportForm` reads again: parts of an address, or JSON to keep."""
        query = {"start": self.period.start.isoformat(), "end": self.period.end.isoformat(), "model": self.model}
        return query | ({"store": self.store} if self.store else {})


class ReportForm(forms.Form):
    """Period, store and model. Days that are given win over the name of a period."""

    period = forms.ChoiceField(label=_("Period"), required=False)
    start = forms.CharField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    end = forms.CharField(label=_("Up to, not including"), required=False, widget=forms.DateInput({"type": "date"}))
    store = forms.ChoiceField(label=_("Store"), required=False)
    model = forms.ChoiceField(label=_("Attribution model"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, label_suffix="")
        stores = [(store.code, store.name) for store in Store.objects.order_by("code")]
        self._choices("period", [("", _("own days")), *PERIOD_NAMES.items()], _("“%(value)s” is no known period."))
        self._choices("store", [("", _("All stores")), *stores], _("There is no store “%(value)s”."))
        self._choices("model", MODEL_NAMES.items(), _("“%(value)s” is no attribution model."))

    def _choices(self, name: str, choices: Any, refusal: Any) -> None:
        field: Any = self.fields[name]
        field.choices = list(choices)
        field.error_messages["invalid_choice"] = refusal

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("start", ""), cleaned.get("end", "")
        if start or end:
            cleaned["span"] = self._own_days(start, end)
        elif not self.errors:
            today = timezone.localdate(timezone=settings.BUSINESS_ZONE)
            name = cleaned["period"] or periods.PRESETS[0]
            cleaned["span"] = periods.preset(name, today, settings.BUSINESS_ZONE, settings.HISTORY_STARTS)
        return cleaned

    def _own_days(self, start: str, end: str) -> Period | None:
        for name, text in (("start", start), ("end", end)):
            if not text:
                self.add_error(name, _("Give both days, or neither."))
                return None
            try:
                periods.parse_day(text)
            except PeriodError as error:
                self.add_error(name, self._refusal(error))
                return None
        try:
            return periods.parse(start, end, settings.BUSINESS_ZONE)
        except PeriodError as error:
            self.add_error("end", self._refusal(error))
            return None

    @staticmethod
    def _refusal(error: PeriodError) -> ValidationError:
        return ValidationError(PERIOD_ERRORS[error.code], code=error.code, params={"value": error.value})

    def filters(self) -> Filters:
        """Return the filters of a valid form."""
        cleaned = self.cleaned_data
        return Filters(cleaned["span"], cleaned["store"] or None, cleaned["model"] or DEFAULT)
