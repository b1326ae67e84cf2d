"""The thank-you coupon: chosen for a survey, withheld from a share of guests, and counted where it was promised."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from attribution.coupons.models import CouponBatch
from surveys.models import Placement, RewardTrial, Survey, TrialCount
from surveys.rewards import Draw


@transaction.atomic
def choose_reward(*, survey: Survey, batch: CouponBatch | None, percent: int) -> None:
    """Promise a coupon of the batch for each answer, but for this share of guests; another choice is another trial."""
    locked = Survey.objects.select_for_update().get(pk=survey.pk)
    locked.reward_batch = survey.reward_batch = batch
    locked.save(update_fields=["reward_batch"])
    wanted = percent if batch else 0
    running = RewardTrial.objects.filter(survey=survey, ended_at=None)
    if running.filter(batch=batch, percent=wanted).exists():
        return
    running.update(ended_at=timezone.now())
    if batch is not None and wanted:
        RewardTrial.objects.create(survey=survey, batch=batch, percent=wanted)


def count_shown(*, placement: Placement, draw: Draw) -> None:
    if draw.trial_id is None:
        return
    where: dict[str, Any] = {"trial_id": draw.trial_id, "placement": placement, "arm": draw.arm}
    row = TrialCount.objects.filter(**where)
    if not row.update(impressions=F("impressions") + 1):
        TrialCount.objects.get_or_create(**where)
        row.update(impressions=F("impressions") + 1)
