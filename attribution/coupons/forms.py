"""What cashiers type at the till."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from attribution.coupons import actions
from attribution.coupons.models import CouponBatch, Issuer, Void
from attribution.errors import DomainError
from attribution.money import BadAmount, parse_money


def text(label: Any, *, required: bool = True, most: int = 80, **attrs: str) -> forms.CharField:
    """A line of text without the keyboard's help: codes and numbers are not words."""
    help_off = {"autocomplete": "off", "autocorrect": "off", "spellcheck": "false"}
    return forms.CharField(
        label=label, required=required, max_length=most, widget=forms.TextInput(attrs=help_off | attrs)
    )


def code_field(label: Any) -> forms.CharField:
    return text(label, autocapitalize="characters", enterkeyhint="go")


class BatchField(forms.ModelChoiceField):
    """A platform's offers, each with the platform's name."""

    def __init__(self, **options: Any) -> None:
        offers = CouponBatch.objects.exclude(issuer=Issuer.OWN).filter(is_paused=False, ended_at=None)
        offers = offers.order_by("issuer", "-pk")
        super().__init__(offers, label=_("Offer"), **options)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.get_issuer_display()} · {obj.name}"


class ScanForm(forms.Form):
    code = code_field(_("Coupon code"))


class PlatformForm(forms.Form):
    batch = BatchField()
    code = code_field(_("The platform’s code"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = "platform_%s"  # the page has a field for our own code too
        super().__init__(*args, **kwargs)
        offers = list(self.fields["batch"].queryset[:2])  # type: ignore[attr-defined]
        self.has_offers = bool(offers)
        if len(offers) == 1:
            self.initial["batch"] = offers[0].pk


class RefusableForm(forms.Form):
    """A form whose action may refuse: what was typed stays, and the reason stands where it belongs."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"request_id": uuid.uuid4()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)

    def refuse(self, error: DomainError) -> None:
        is_seen = error.field in self.fields and not self.fields[error.field].widget.is_hidden
        self.add_error(error.field if is_seen else None, str(error))


class RedeemForm(RefusableForm):
    code = forms.CharField(max_length=200, widget=forms.HiddenInput)
    batch = BatchField(required=False, widget=forms.HiddenInput)
    amount = text(_("Bill before the coupon"), most=40, inputmode="decimal", enterkeyhint="next")
    order_number = text(_("Order number"), required=False, most=64, enterkeyhint="next")
    phone = text(_("Guest’s phone"), required=False, most=40, inputmode="tel", enterkeyhint="go")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Paused since it was checked? Then the action says so, and not a hidden field.
        self.fields["batch"].queryset = CouponBatch.objects.exclude(issuer=Issuer.OWN)  # type: ignore[attr-defined]

    def clean_amount(self) -> int:
        try:
            return parse_money(self.cleaned_data["amount"])
        except BadAmount as error:
            raise forms.ValidationError(str(error)) from error

    def values(self) -> dict[str, Any]:
        """Return what ``redeem_coupon`` and ``inspect_coupon`` take."""
        typed = dict(self.cleaned_data)
        typed["amount_minor"] = typed.pop("amount")
        return typed | issued(typed.pop("batch"))

    def refusal(self) -> DomainError:
        """Return what to record where the form itself was not understood."""
        return BadAmount() if "amount" in self.errors else actions.BadInput()

    def issuer(self) -> str:
        return str(issued(self.cleaned_data.get("batch"))["issuer"])

    def meant(self) -> actions.Found | None:
        """Return the coupon that this is about, whether or not it holds by now."""
        code, batch = self.cleaned_data.get("code", ""), self.cleaned_data.get("batch")
        try:
            found = actions.find(code=code, **issued(batch))
        except DomainError:
            return None
        return found if found.batch else None


def issued(batch: CouponBatch | None) -> dict[str, Any]:
    """Return whose coupon it is: a platform's if one of its offers was chosen, else ours."""
    return {"batch": batch, "issuer": batch.issuer if batch else Issuer.OWN.value}


class VoidForm(RefusableForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=Void.Reason.choices, widget=forms.RadioSelect)
    note = text(_("Note"), required=False, most=200)
