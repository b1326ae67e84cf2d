"""Whether a survey's thank-you coupon can be promised: guests are told before they start, not after."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from attribution.coupons.models import Coupon, CouponBatch, Issuer
from surveys.models import Survey


@dataclass(frozen=True)
class Reward:
    batch: CouponBatch
    is_left: bool


def reward_of(survey: Survey, now: datetime) -> Reward | None:
    """Return what is promised for an answer, and whether any is left; None where nothing is."""
    batch = survey.reward_batch
    if batch is None:
        return None
    has_stock = batch.stock is None or batch.issued_count < batch.stock
    is_over = batch.valid_until is not None and now.astimezone(settings.BUSINESS_ZONE).date() > batch.valid_until
    return Reward(batch, has_stock and not is_over and not batch.is_paused and batch.issuer == Issuer.OWN)


def last_day_of(coupon: Coupon) -> date | None:
    """Return the last day on which the coupon can be used, or None if it holds for ever."""
    days = [] if coupon.batch.valid_until is None else [coupon.batch.valid_until]
    if coupon.expires_at is not None:  # the first moment at which it no longer holds
        days.append((coupon.expires_at - timedelta(microseconds=1)).astimezone(settings.BUSINESS_ZONE).date())
    return min(days, default=None)
