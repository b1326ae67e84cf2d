"""The back office: batches are set up here; coupons, redemptions, voids and refused tries can only be read."""

import csv
from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from attribution.coupons import actions
from attribution.coupons.codes import display
from attribution.coupons.models import Attempt, Coupon, CouponBatch, Redemption, Void
from attribution.errors import DomainError
from attribution.evidence.admin import ReadOnlyAdmin, SetUpAdmin
from attribution.money import exponent, format_money, parse_money

PRINTED = (100, 1_000)
MONEY = ("face_value", "minimum_spend")


class BatchForm(forms.ModelForm):
    """Amounts are typed as amounts, and stored in minor units."""

    face_value = forms.CharField(label=_("Face value"), max_length=40, widget=UnfoldAdminTextInputWidget)
    minimum_spend = forms.CharField(
        label=_("Minimum spend"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = CouponBatch
        fields = (
            "name_zh_hans", "name_en", "issuer", "channel", "campaign", "face_value", "minimum_spend", "valid_from",
            "valid_until", "days_valid", "stores", "uses_per_code", "stock", "is_claimable", "is_paused",
        )  # fmt: skip
        widgets = {"stores": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in MONEY:
            minor = getattr(self.instance, f"{name}_minor")
            if self.instance.pk:
                self.initial[name] = f"{minor / 10 ** exponent():.{exponent()}f}"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in MONEY:
            try:
                minor = parse_money(cleaned.get(name) or "0")
            except DomainError as error:
                self.add_error(name, str(error))
                continue
            if minor < 0:
                self.add_error(name, _("This cannot be negative."))
            setattr(self.instance, f"{name}_minor", minor)
        return cleaned


def print_codes(modeladmin: Any, request: HttpRequest, queryset: QuerySet, count: int) -> HttpResponse | None:
    """Make codes for one batch and hand them over as a file for the printer."""
    if len(batches := list(queryset[:2])) != 1:
        messages.error(request, _("Choose one batch."))
        return None
    try:
        coupons = actions.print_coupons(batch=batches[0], count=count, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return None
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="coupons-{batches[0].pk}.csv"'
    csv.writer(response).writerows([["code"], *([display(coupon.code)] for coupon in coupons)])
    return response


@admin.register(CouponBatch)
class CouponBatchAdmin(SetUpAdmin):
    form = BatchForm
    list_display = ("__str__", "issuer", "channel", "worth", "valid_until", "stock", "issued_count", "is_paused")
    list_filter = ("issuer", "channel", "is_paused", "is_claimable")
    list_select_related = ("channel",)
    search_fields = ("name_zh_hans", "name_en")

    @admin.display(description=_("face value"))
    def worth(self, batch: CouponBatch) -> str:
        return format_money(batch.face_value_minor)

    @admin.display(description=_("address for guests"))
    def claim_address(self, batch: CouponBatch) -> str:
        url = reverse("claim", args=[batch.claim_token])
        return format_html('<a href="{}">{}</a>', url, url) if batch.is_claimable else "—"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        # The channel is corrected on the page of mappings, so that its touches follow; codes were given out as one
        # issuer's.
        return ("channel", "campaign", "issuer", "issued_count", "claim_address") if obj else ()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        for count in PRINTED:
            name = f"print_{count}"
            label = _("Make %(count)d codes for the printer") % {"count": count}
            found[name] = (partial(print_codes, count=count), name, label)
        return found


@admin.register(Coupon)
class CouponAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "batch", "issued_at", "claimed_at", "expires_at")
    list_filter = ("batch",)
    list_select_related = ("batch",)
    search_fields = ("code",)
    exclude = ("claim_digest",)


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "batch", "store", "staff", "discount_minor", "redeemed_at", "is_standing")
    list_filter = ("store", "batch", "is_standing")
    list_select_related = ("coupon", "batch", "store", "staff")
    search_fields = ("coupon__code", "outside_code")
    exclude = ("request_digest",)


@admin.register(Void)
class VoidAdmin(ReadOnlyAdmin):
    list_display = ("redemption", "reason", "note", "staff", "voided_at")
    list_filter = ("reason",)
    list_select_related = ("redemption__coupon", "staff")


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ("at", "typed", "reason", "store", "staff")
    list_filter = ("reason", "store")
    list_select_related = ("store", "staff")
    search_fields = ("typed",)
