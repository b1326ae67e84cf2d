"""What marketers type on the pages of spend and tracked links."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from attribution.customers.models import Store
from attribution.errors import DomainError
from attribution.evidence.actions import SpendValue
from attribution.evidence.models import Campaign, Channel, Spend, TrackedLink
from attribution.money import exponent, parse_money


def day_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)


def usable(rows: QuerySet, current: Any) -> QuerySet:
    """Return the active rows, and the one that is chosen already."""
    return rows.filter(Q(is_active=True) | Q(pk=current)) if current else rows.filter(is_active=True)


class CampaignField(forms.ModelChoiceField):
    """A campaign, shown with its channel."""

    def __init__(self) -> None:
        campaigns = Campaign.objects.select_related("channel").order_by("channel__position", "channel_id", "pk")
        super().__init__(campaigns, label=_("Campaign"), required=False)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.channel.name} · {obj.name}"


class SpendForm(forms.Form):
    channel = forms.ModelChoiceField(Channel.objects.none(), label=_("Channel"))
    amount = forms.CharField(
        label=_("Amount"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    first_day = day_field(_("First day"))
    last_day = day_field(
        _("Last day"),
        required=False,
        help_text=_("Leave empty for a single day. An amount for several days is spread evenly over them."),
    )
    campaign = CampaignField()
    store = forms.ModelChoiceField(
        Store.objects.none(), label=_("Store"), required=False, help_text=_("Only if it was spent for one store.")
    )
    impressions = forms.IntegerField(label=_("Impressions"), required=False, min_value=0, max_value=2**53)
    clicks = forms.IntegerField(label=_("Clicks"), required=False, min_value=0, max_value=2**53)
    note = forms.CharField(label=_("Note"), required=False, max_length=200)
    request_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    value: SpendValue

    def __init__(self, *args: Any, spend: Spend | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = (_written(spend) if spend else {"request_id": uuid.uuid4()}) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = usable(Channel.objects.all(), spend and spend.channel_id)  # type: ignore[attr-defined]
        self.fields["store"].queryset = usable(Store.objects.all(), spend and spend.store_id)  # type: ignore[attr-defined]

    def clean_amount(self) -> int:
        try:
            return parse_money(self.cleaned_data["amount"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> None:
        if self.errors:
            return
        typed = dict(self.cleaned_data)
        typed["last_day"] = typed["last_day"] or typed["first_day"]
        typed["amount_minor"] = typed.pop("amount")
        typed.pop("request_id")
        self.value = SpendValue(**typed)
        try:
            self.value.check()
        except DomainError as error:
            self.add_error(error.field, str(error))


def _written(spend: Spend) -> dict[str, Any]:
    """Return a stored entry as it would be typed."""
    names = ("first_day", "last_day", "impressions", "clicks", "note")
    typed = {name: getattr(spend, name) for name in names}
    typed |= {"channel": spend.channel_id, "campaign": spend.campaign_id, "store": spend.store_id}
    return typed | {"amount": f"{Decimal(spend.amount_minor).scaleb(-exponent()):f}"}


class SpendFilter(forms.Form):
    """Which entries the list shows; kept in the address, so that a list can be sent to somebody."""

    channel = forms.ModelChoiceField(
        Channel.objects.all(), to_field_name="slug", label=_("Channel"), required=False, empty_label=_("all")
    )
    start = day_field(_("From"), required=False)
    end = day_field(_("To"), required=False)

    def clean(self) -> None:
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if start and end and end < start:
            self.add_error("end", _("The last day lies before the first."))

    def narrow(self, rows: QuerySet[Spend]) -> QuerySet[Spend]:
        """Return the entries of the channel that touch the days asked for; what was not understood narrows nothing."""
        self.full_clean()
        asked = self.cleaned_data
        if channel := asked.get("channel"):
            rows = rows.filter(channel=channel)
        if start := asked.get("start"):
            rows = rows.filter(last_day__gte=start)
        if end := asked.get("end"):
            rows = rows.filter(first_day__lte=end)
        return rows


class LinkForm(forms.ModelForm):
    campaign = CampaignField()

    class Meta:
        model = TrackedLink
        fields = ("name_zh_hans", "name_en", "channel", "campaign", "store", "spot", "destination")
        help_texts = {
            "destination": _("A page of ours such as /s/…, or a whole address such as https://…"),
            "store": _("Only if it hangs in one store."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        link = self.instance
        self.fields["channel"].queryset = usable(Channel.objects.all(), link.channel_id)  # type: ignore[attr-defined]
        self.fields["store"].queryset = usable(Store.objects.all(), link.store_id)  # type: ignore[attr-defined]
        if link.pk:
            # Its touches would have to follow: that is done, and shown first, on the page of mappings.
            self.fields["channel"].disabled = True

    def clean(self) -> dict[str, Any] | None:
        if not (self.cleaned_data.get("name_zh_hans") or self.cleaned_data.get("name_en")):
            self.add_error("name_zh_hans", _("Give it a name in one of the languages."))
        return super().clean()


class MappingForm(forms.Form):
    channel = forms.ModelChoiceField(
        Channel.objects.none(), to_field_name="slug", label=_("The right channel"), empty_label=None
    )

    def __init__(self, *args: Any, current: Channel | None, may_mean_none: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["channel"]
        field.queryset = usable(Channel.objects.all(), current and current.pk)
        if may_mean_none:
            field.required, field.empty_label = False, _("no channel")
        self.initial["channel"] = current and current.slug
