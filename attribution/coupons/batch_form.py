"""A batch as staff set it up, step by step, and how it will look before it is saved."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from attribution.coupons.models import CouponBatch, Issuer, Kind
from attribution.coupons.words import cashier_terms, guest_terms
from attribution.customers.models import Store
from attribution.errors import DomainError
from attribution.evidence.forms import CampaignField, day_field, usable
from attribution.evidence.models import Channel, new_code
from attribution.hours_form import WEEKDAYS, HoursForm
from attribution.money import exponent, parse_money

STEPS = (
    ("offer", _("The offer")),
    ("when", _("When it holds")),
    ("limits", _("Where and how often")),
    ("look", _("Look it over")),
)
FIELDS = {
    "offer": ("name_zh_hans", "name_en", "issuer", "channel", "campaign", "kind", "face_value", "percent", "cap",
              "item_zh_hans", "item_en", "minimum_spend"),
    "when": ("valid_from", "valid_until", "days_valid", "usual", *(day for day, _label in WEEKDAYS)),
    "limits": ("stores", "uses_per_code", "uses_per_customer", "uses_per_day", "stacking", "stock", "budget",
               "is_claimable"),
    "look": (),
}  # fmt: skip
FIXED = (
    "issuer", "channel", "campaign", "kind", "face_value", "percent", "cap", "item_zh_hans", "item_en",
    "minimum_spend", "days_valid", "uses_per_code",
)  # fmt: skip
MONEY = {"face_value": "face_value_minor", "cap": "cap_minor", "minimum_spend": "minimum_spend_minor",
         "budget": "budget_minor"}  # fmt: skip
OF_A_KIND = {
    Kind.AMOUNT: ("face_value",),
    Kind.PERCENT: ("percent",),
    Kind.FREE_ITEM: ("face_value",),
}


class MoneyField(forms.CharField):
    """An amount as people write it; its value is minor units, None for nothing typed."""

    def __init__(self, label: Any, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label=label, required=False, max_length=40, widget=widget, **options)

    def clean(self, value: Any) -> int | None:  # minor units in place of the text
        typed = str(super().clean(value)).strip()
        if not typed:
            return None
        try:
            minor = parse_money(typed)
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error
        if minor < 0:
            raise forms.ValidationError(_("This cannot be negative."))
        return minor


def counted(label: Any, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, **options)


class BatchForm(HoursForm):
    """Every step's fields at once: a step shows its own, and the page carries the others along."""

    token = forms.CharField(min_length=20, max_length=22, widget=forms.HiddenInput)
    campaign = CampaignField()
    face_value = MoneyField(_("Amount"), help_text=_("Off the bill; of a free item, what it costs."))
    percent = forms.IntegerField(label=_("Percent"), required=False, min_value=1, max_value=100)
    cap = MoneyField(_("No more than"), help_text=_("What a share of the bill is never more than."))
    minimum_spend = MoneyField(_("Minimum spend"), help_text=_("The bill before the coupon."))
    budget = MoneyField(_("Budget"), help_text=_("What all its coupons together may give away. Then it stops."))
    valid_from = day_field(_("First day"), required=False)
    valid_until = day_field(_("Last day"), required=False)
    days_valid = counted(
        _("Days after issue"), max_value=3650, help_text=_("A code given out today holds for so many days more.")
    )
    uses_per_code = forms.IntegerField(label=_("Uses of a code"), min_value=1, max_value=1000, initial=1)
    uses_per_customer = counted(
        _("Uses by a customer"), max_value=1000, help_text=_("The till then asks for the guest’s phone.")
    )
    uses_per_day = counted(_("Uses a day"), max_value=10**6, help_text=_("In all stores together."))
    stock = counted(_("Stock"), max_value=10**8, help_text=_("How many codes there may be; empty means no limit."))

    use_required_attribute = False

    class Meta:
        model = CouponBatch
        fields = (
            "name_zh_hans", "name_en", "issuer", "channel", "campaign", "kind", "percent", "item_zh_hans", "item_en",
            "valid_from", "valid_until", "days_valid", "stores", "uses_per_code", "uses_per_customer", "uses_per_day",
            "stacking", "stock", "is_claimable",
        )  # fmt: skip
        widgets = {"stores": forms.CheckboxSelectMultiple, "kind": forms.RadioSelect, "stacking": forms.RadioSelect}
        help_texts = {
            "channel": _("What its coupons are evidence of; none for a thank-you."),
            "stores": _("None means all."),
            "is_claimable": _("At an address that you print or post, one for each phone."),
            "stacking": _("What minds its company is used with an order number only."),
        }

    def __init__(self, *args: Any, is_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        batch: CouponBatch = self.instance
        self.fields["usual"].label = _("Hours in which it holds")
        self.initial["token"] = batch.claim_token if batch.pk else new_code()
        for name, column in MONEY.items():
            minor = getattr(batch, column)
            self.initial[name] = f"{Decimal(minor).scaleb(-exponent()):f}" if minor else ""
        channel, stores = self.fields["channel"], self.fields["stores"]
        channel.queryset = usable(Channel.objects.all(), batch.channel_id)  # type: ignore[attr-defined]
        stores.queryset = Store.objects.filter(is_active=True)  # type: ignore[attr-defined]
        stores.label_from_instance = lambda store: store.name  # type: ignore[attr-defined]
        for name in FIXED if is_fixed else ("issuer", "channel", "campaign") if batch.pk else ():
            self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_names(cleaned)
        self._check_worth(cleaned)
        self._check_days(cleaned)
        if cleaned.get("is_claimable") and cleaned.get("issuer") != Issuer.OWN:
            self.add_error("is_claimable", _("A platform gives out the codes of this batch itself."))
        for name, column in MONEY.items():
            if name in cleaned:
                default = 0 if name in {"face_value", "minimum_spend"} else None
                setattr(self.instance, column, cleaned[name] if cleaned[name] is not None else default)
        return cleaned

    def _check_names(self, cleaned: dict[str, Any]) -> None:
        if not (cleaned.get("name_zh_hans") or cleaned.get("name_en")):
            self.add_error("name_zh_hans", _("Give it a name in one of the languages at least."))

    def _check_worth(self, cleaned: dict[str, Any]) -> None:
        kind = cleaned.get("kind")
        if kind not in Kind.values:
            return
        for name in OF_A_KIND[Kind(kind)]:
            if name not in self.errors and not cleaned.get(name):
                self.add_error(name, _("This says what the coupon is worth: fill it in."))
        if kind == Kind.FREE_ITEM and not (cleaned.get("item_zh_hans") or cleaned.get("item_en")):
            self.add_error("item_zh_hans", _("Say what the guest gets for free."))
        unused: dict[str, Any] = {}
        if kind != Kind.PERCENT:
            unused |= {"percent": None, "cap": None}
        if kind != Kind.FREE_ITEM:
            unused |= {"item_zh_hans": "", "item_en": ""}
        if kind == Kind.PERCENT:
            unused |= {"face_value": None}
        cleaned |= {name: value for name, value in unused.items() if name not in self.errors}
        budget, worth = cleaned.get("budget"), cleaned.get("face_value")
        if budget is not None and budget < (worth or 1):
            self.add_error("budget", _("This is less than one coupon gives."))

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        first, last = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("The last day lies before the first."))
        elif last and self.instance.pk is None and last < timezone.localdate():
            self.add_error("valid_until", _("This day is over already."))

    # ── Step by step ────────────────────────────────────────────────────────────────────────────────────────────────

    def shown(self, step: str) -> dict[str, Any]:
        """Return the step's own fields by name, and the others as hidden ones."""
        own = FIELDS[step]
        for name in ("face_value", "percent"):  # asked for by the kind, which this knows only later
            self.fields[name].required = True
        others = [self[name].as_hidden() for name in self.fields if name not in own]
        return {"fields": {name: self[name] for name in own}, "hidden": others}

    def first_wrong(self, step: str) -> str | None:
        """Return the first step, up to this one, that holds an error."""
        names = [name for name, _label in STEPS]
        wrong = (one for one in names[: names.index(step) + 1] if any(name in self.errors for name in FIELDS[one]))
        return next(wrong, None)

    @property
    def days(self) -> list[Any]:
        return [self[name] for name, _label in WEEKDAYS]


@dataclass(frozen=True)
class Look:
    """How a batch looks in one language, to a guest and to a cashier."""

    language: str
    name: str
    promise: str
    worth: str
    guest: list[str]
    cashier: list[str]


def looks(batch: CouponBatch, stores: list[Store]) -> list[Look]:
    """Return how it looks in both languages, the reader's first."""
    languages = sorted(("zh-hans", "en"), key=lambda code: code != translation.get_language())
    found = []
    for language in languages:
        with translation.override(language):
            found.append(
                Look(language, batch.name, batch.promise, batch.worth, guest_terms(batch, stores),
                     cashier_terms(batch, stores))
            )  # fmt: skip
    return found
