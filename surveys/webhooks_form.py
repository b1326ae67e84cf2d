"""What managers type about a webhook."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from surveys.models import Webhook


class WebhookForm(forms.ModelForm):
    url = forms.URLField(label=_("Address"), max_length=500, assume_scheme="https")

    class Meta:
        model = Webhook
        fields = ("url", "survey")
        help_texts = {"survey": _("Empty: the responses of every survey.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["url"].widget.attrs |= {"autocomplete": "off", "placeholder": "https://example.com/hook"}
        self.fields["survey"].empty_label = _("All surveys")  # type: ignore[attr-defined]
        self.fields["survey"].label_from_instance = lambda survey: survey.name  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        parts = urlsplit(url)
        if parts.scheme != "https" and not (settings.WEBHOOK_PRIVATE and parts.scheme == "http"):
            raise forms.ValidationError(_("The address must begin with https://: what guests answer travels to it."))
        if parts.username or parts.password:
            raise forms.ValidationError(_("Leave name and password out of the address: messages are signed instead."))
        return url
