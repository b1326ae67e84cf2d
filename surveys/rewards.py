"""Whether a survey's thank-you coupon can be promised: guests are told before they start, not after."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings

from attribution.coupons.models import Coupon, CouponBatch, Issuer
from surveys.models import Arm, RewardTrial, Survey


@dataclass(frozen=True)
class Reward:
    batch: CouponBatch
    is_left: bool

    @property
    def left(self) -> int | None:
        """How many can still be given out; None without a limit."""
        return None if self.batch.stock is None else max(self.batch.stock - self.batch.issued_count, 0)


@dataclass(frozen=True)
class Draw:
    """What a guest has drawn in a trial of the coupon: promised one, or nothing. Neither where there is no trial."""

    trial_id: int | None = None
    arm: str = ""


NOT_DRAWN = Draw()


def reward_of(survey: Survey, now: datetime) -> Reward | None:
    """Return what is promised for an answer, and whether any is left; None where nothing is."""
    batch = survey.reward_batch
    return None if batch is None else Reward(batch, can_promise(batch, now))


def can_promise(batch: CouponBatch, now: datetime) -> bool:
    has_stock = batch.stock is None or batch.issued_count < batch.stock
    is_over = batch.valid_until is not None and now.astimezone(settings.BUSINESS_ZONE).date() > batch.valid_until
    return has_stock and not is_over and not batch.is_paused and batch.issuer == Issuer.OWN


def promised_to(draw: Draw, survey: Survey, now: datetime) -> Reward | None:
    """Return what the guest is told of: nothing of whoever has drawn nothing."""
    return None if draw.arm == Arm.WITHOUT else reward_of(survey, now)


# ── The guests without a coupon ─────────────────────────────────────────────────────────────────────────────────────


def is_left_out(response: UUID, percent: int) -> bool:
    """Whether a response is among the share that is promised nothing: by its id alone, the same on tablet and server.

    Examples
    --------
    >>> one = UUID("00000000-0000-4000-8000-000000000007")
    >>> [is_left_out(one, percent) for percent in (0, 10, 50)]
    [False, False, True]
    """
    drawn = hashlib.sha256(f"{response}:reward".encode()).digest()
    return int.from_bytes(drawn[:4]) * 100 < percent * 2**32


def trial_of(survey: Survey, now: datetime) -> RewardTrial | None:
    """Return the trial that a guest who begins now takes part in: none while nobody could be promised anything."""
    reward = reward_of(survey, now)
    if reward is None or not reward.is_left:
        return None
    return RewardTrial.objects.filter(survey=survey, batch=reward.batch, ended_at=None).first()


def draw_for(response: UUID, trial: RewardTrial | None) -> Draw:
    if trial is None:
        return NOT_DRAWN
    return Draw(trial.pk, (Arm.WITHOUT if is_left_out(response, trial.percent) else Arm.WITH).value)


def last_day_of(coupon: Coupon) -> date | None:
    """Return the last day on which the coupon can be used, or None if it holds for ever."""
    days = [] if coupon.batch.valid_until is None else [coupon.batch.valid_until]
    if coupon.expires_at is not None:  # the first moment at which it no longer holds
        days.append((coupon.expires_at - timedelta(microseconds=1)).astimezone(settings.BUSINESS_ZONE).date())
    return min(days, default=None)
