"""Trials: a share of guests is promised no thank-you coupon, to see what the coupon changes."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.coupons.models import CouponBatch
from surveys.models.placement import Placement
from surveys.models.survey import Survey

MOST_PERCENT = 50


class Arm(models.TextChoices):
    WITH = "with", _("with coupon")
    WITHOUT = "without", _("without coupon")


class RewardTrial(models.Model):
    """From a moment until another share or another coupon is chosen: what is compared was always drawn alike."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="trials", verbose_name=_("survey"))
    batch = models.ForeignKey(CouponBatch, models.PROTECT, verbose_name=_("thank-you coupon"))
    percent = models.PositiveSmallIntegerField(_("guests without a coupon (%)"))
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("trial of the coupon"), _("trials of the coupon")
        constraints = [
            models.CheckConstraint(condition=Q(percent__range=(1, MOST_PERCENT)), name="trial_percent_1_to_50"),
            models.UniqueConstraint(fields=["survey"], condition=Q(ended_at=None), name="trial_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} · {self.percent} %"


class TrialCount(models.Model):
    """How often the page of a place was shown, with and without a promise; who went on is among the responses."""

    trial = models.ForeignKey(RewardTrial, models.CASCADE, related_name="counts")
    placement = models.ForeignKey(Placement, models.CASCADE, related_name="+")
    arm = models.CharField(max_length=7, choices=Arm)
    impressions = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "placement", "arm"], name="trialcount_once"),
        ]
