"""What staff type about a tablet, and the file of answers that they bring from one."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from surveys.models.kiosk import Kiosk


class KioskForm(forms.ModelForm):
    pin = forms.CharField(
        label=_("New PIN"),
        required=False,
        max_length=8,
        help_text=_("4 to 8 digits, to leave the questionnaire on the tablet. Empty: as it is."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    class Meta:
        model = Kiosk
        fields = ("idle_seconds", "partial")
        help_texts = {
            "idle_seconds": _("Then it starts anew for the next guest: 15 to 600."),
            "partial": _("Answers of a guest who walks away in the middle."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean_pin(self) -> str:
        pin = str(self.cleaned_data["pin"]).strip()
        if pin and not re.fullmatch(r"[0-9]{4,8}", pin):
            raise forms.ValidationError(_("Write 4 to 8 digits."))
        return pin


class AnswerFileForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("As a tablet saves it: answers-….json"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.IMPORT_MAX_BYTES:
            raise forms.ValidationError(_("This file is too large."))
        return file
