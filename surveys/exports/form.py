"""What staff choose before they export responses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.exports.items import Asked
from surveys.models import Placement
from surveys.results.form import PickForm

FORMATS = {
    "xlsx": _("Excel"),
    "csv": _("CSV in a ZIP (UTF-8)"),
    "gbk": _("CSV in a ZIP (GBK; what it lacks, such as emoji, becomes “?”)"),
}
SHAPES = {
    "wide": _("One row a response"),
    "long": _("One row an answer"),
}
LABELS = {
    "zh-hans": _("in Chinese"),
    "en": _("in English"),
    "keys": _("as keys, for SPSS or R"),
}
MISSINGS = {
    "empty": _("Empty cells"),
    "codes": _("Numbers: −97 not asked, −98 skipped, −99 not reached"),
}


def one_of(label: Any, choices: dict[str, Any]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=list(choices.items()))


class ExportForm(PickForm):
    format = one_of(_("File"), FORMATS)
    shape = one_of(_("Layout"), SHAPES)
    labels = one_of(_("Questions and answers"), LABELS)
    missing = one_of(_("Where an answer is missing"), MISSINGS)
    placement = forms.TypedChoiceField(label=_("Place"), required=False, coerce=int, empty_value=None)
    with_left = forms.BooleanField(
        label=_("Also answers that were begun and not sent"), required=False, widget=forms.CheckboxInput
    )
    is_raw = forms.BooleanField(
        label=_("With guests’ own words, receipts, coupon codes and customer numbers"),
        required=False,
        help_text=_("For managers. Without it, words are shown as “•••”. The file says who asked for it."),
    )
    field_order = ("format", "shape", "labels", "missing", "with_left", "is_raw", "start", "end", "store", "placement")

    def __init__(self, *args: Any, may_be_raw: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Placement.objects.of(self.survey)
        self.choose("placement", _("All places"), [(place.pk, str(place)) for place in places])
        if not may_be_raw:
            del self.fields["is_raw"]

    def asked(self) -> Asked:
        names = Asked.__dataclass_fields__
        return Asked(**{name: value for name, value in self.cleaned_data.items() if name in names})
