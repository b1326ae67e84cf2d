"""What staff hand in."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from attribution.customers.imports.contract import REGISTRY
from attribution.customers.imports.messages import tell
from attribution.customers.models import Store


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is in it"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx). Columns are recognised by their headings."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        max_length=255,
    )
    store = forms.ModelChoiceField(
        label=_("Store"),
        queryset=Store.objects.none(),
        required=False,
        empty_label=_("as the file says"),
        help_text=_("For a file that names no store."),
    )
    only_check = forms.BooleanField(label=_("Only check: report every row, but write nothing"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, importer.title) for kind, importer in REGISTRY.items()]  # type: ignore[attr-defined]
        self.fields["store"].queryset = Store.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        size = file.size or 0
        if size > settings.IMPORT_MAX_BYTES:
            sizes = {"found": filesizeformat(size), "limit": filesizeformat(settings.IMPORT_MAX_BYTES)}
            raise forms.ValidationError(tell("too_large", sizes))
        return file
