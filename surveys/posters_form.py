"""What staff choose before they print posters."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.actions.printing import Printed
from surveys.models import Placement

FORMAT_NAMES = {
    "a4": _("A4, for the wall"),
    "a6": _("A6, for the counter"),
    "tent": _("Table tent, an A4 sheet to fold"),
}
LONGEST_CAPTION = 80  # characters


def caption(label: Any, initial: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, initial=initial, required=False, max_length=LONGEST_CAPTION, widget=widget)


class PosterForm(forms.Form):
    place = forms.ModelChoiceField(
        Placement.objects.none(), label=_("Place"), required=False, empty_label=_("all places, a sheet each")
    )
    form = forms.ChoiceField(label=_("Format"), choices=list(FORMAT_NAMES.items()))
    caption_zh_hans = caption(_("Caption in Chinese"), "扫一扫\n告诉我们您的想法")
    caption_en = caption(_("Caption in English"), "Scan to tell us what you think")

    def __init__(self, *args: Any, places: list[Placement], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.places = places
        field: Any = self.fields["place"]
        field.queryset = Placement.objects.filter(pk__in=[place.pk for place in places]).select_related("store")

    def chosen(self) -> list[Placement]:
        """Return the one place, or all."""
        wanted = self.cleaned_data["place"]
        return self.places if wanted is None else [wanted]

    def printed(self, site: str) -> Printed:
        cleaned = self.cleaned_data
        zh_hans, en = ("\n".join(cleaned[name].splitlines()) for name in ("caption_zh_hans", "caption_en"))
        return Printed(cleaned["form"], zh_hans, en, site)
