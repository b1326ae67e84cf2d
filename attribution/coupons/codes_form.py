"""What staff choose on a batch's page: how many codes, which file, until when, which list."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.coupons.actions.making import MOST_CODES
from attribution.coupons.models import CodeFile, CodeRun, CouponBatch
from attribution.customers.forms import UploadForm
from attribution.evidence.forms import day_field


class CodesForm(forms.Form):
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_CODES, initial=1000)


class RunField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        at = timezone.localtime(obj.requested_at)
        return _("the %(count)s of %(time)s") % {"count": f"{obj.progress:,}", "time": f"{at:%Y-%m-%d %H:%M}"}


class FileForm(forms.Form):
    form = forms.ChoiceField(label=_("As"), choices=CodeFile.Form.choices)
    run = RunField(CodeRun.objects.none(), label=_("Which codes"), required=False, empty_label=_("all of the batch"))

    def __init__(self, *args: Any, batch: CouponBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["run"].queryset = batch.code_runs.filter(progress__gt=0).order_by("-requested_at")  # type: ignore[attr-defined]


class ExtendForm(forms.Form):
    last_day = day_field(_("New last day"))


class ListForm(UploadForm):
    """A platform's list of codes: what it is, and of which batch, is known already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["kind"], self.fields["store"]
