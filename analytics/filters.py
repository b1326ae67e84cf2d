"""What a report can be asked for: the filters of its page's address, of its API, command and workbook alike."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics import period as periods
from analytics.judged import default_model
from analytics.period import Period, PeriodError
from attribution.customers.models import Store
from attribution.runs.models import Run
from attribution.runs.words import MODEL_NAMES as MODEL_NAMES

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
EVIDENCE, MARKOV, AUTO = "evidence", "markov", "auto"
ORDER_NAMES = {
    AUTO: _("chosen by the data"),
    "1": _("1 touch"),
    "2": _("2 touches"),
    "3": _("3 touches"),
}


@dataclass(frozen=True)
class Filters:
    """Clean filters. ``store`` is a store's code, or None for all; ``order`` is a key of ORDER_NAMES, for markov."""

    period: Period
    store: str | None
    model: str
    order: str = AUTO

    def to_query(self) -> dict[str, str]:
        """Return what :class:`ReportForm` reads again: parts of an address, or JSON to keep."""
        query = {"start": self.period.start.isoformat(), "end": self.period.end.isoformat(), "model": self.model}
        query |= {"store": self.store} if self.store else {}
        return query | ({"order": self.order} if self.model == MARKOV else {})


class ReportForm(forms.Form):
    """Period, store and model. Days that are given win over the name of a period; without a model it is the run's."""

    period = forms.ChoiceField(label=_("Period"), required=False)
    start = forms.CharField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    end = forms.CharField(label=_("Up to, not including"), required=False, widget=forms.DateInput({"type": "date"}))
    store = forms.ChoiceField(label=_("Store"), required=False)
    model = forms.ChoiceField(label=_("Attribution model"), required=False)

    order = forms.ChoiceField(label=_("Touches remembered"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, label_suffix="")
        stores = [(store.code, store.name) for store in Store.objects.order_by("code")]
        self._choices("period", [("", _("own days")), *PERIOD_NAMES.items()], _("“%(value)s” is no known period."))
        self._choices("store", [("", _("All stores")), *stores], _("There is no store “%(value)s”."))
        self._choices("model", MODEL_NAMES.items(), _("“%(value)s” is no attribution model."))
        self._choices("order", ORDER_NAMES.items(), _("“%(value)s” is not a number of touches from 1 to 3."))

    def _choices(self, name: str, choices: Any, refusal: Any) -> None:
        field: Any = self.fields.get(name)  # a report may go without a model
        if field is not None:
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
        model = cleaned.get("model") or default_model(Run.objects.latest_done())
        return Filters(cleaned["span"], cleaned["store"] or None, model, cleaned.get("order") or AUTO)
