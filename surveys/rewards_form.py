"""What a marketer chooses of the thank-you coupon, and what guests will read of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from attribution.coupons.models import CouponBatch, Issuer
from surveys.kiosk.given import in_each
from surveys.labels import LANGUAGE_NAMES
from surveys.models import Survey
from surveys.models.reward import MOST_PERCENT
from surveys.rewards import Reward, reward_of


class BatchField(forms.ModelChoiceField):
    def label_from_instance(self, batch: Any) -> str:
        left = Reward(batch, False).left
        stock = gettext("no limit") if left is None else gettext("%(left)s left") % {"left": left}
        return f"{batch.name} · {batch.worth} · {stock}"


class RewardForm(forms.Form):
    batch = BatchField(
        CouponBatch.objects.none(),
        label=_("Thank-you coupon"),
        required=False,
        empty_label=_("none"),
        help_text=_("A batch of our own, whose codes can be used once. New ones are made under “Coupons”."),
    )
    percent = forms.IntegerField(
        label=_("Guests without a coupon, in percent"),
        min_value=0,
        max_value=MOST_PERCENT,
        help_text=_(
            "0 to 50, drawn by lot. They are promised nothing and get nothing, which shows what the coupon changes. "
            "Another share or another coupon begins a new comparison."
        ),
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        fit = Q(issuer=Issuer.OWN, uses_per_code=1) | Q(pk=survey.reward_batch_id or 0)
        field: Any = self.fields["batch"]
        field.queryset = CouponBatch.objects.filter(fit).order_by("-pk")


def told_to_guests(survey: Survey, now: datetime) -> Iterator[tuple[str, str, str]]:
    """Yield what guests read before they begin: code and name of the language, and the words."""
    reward = reward_of(survey, now)
    if reward is None:
        return
    amount = in_each(lambda: reward.batch.worth)
    for code, worth in amount.items():
        with translation.override(code):
            if reward.is_left:
                words = gettext("Answer a few short questions and get a coupon worth %(amount)s.") % {"amount": worth}
            else:
                words = gettext(
                    "All thank-you coupons have been given out, so there is none this time. "
                    "We would still love to hear from you."
                )
        yield code, LANGUAGE_NAMES[code], words
