"""How batches stand: their state in a word, and what became of their coupons."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from attribution.coupons.models import CouponBatch, Redemption


@dataclass(frozen=True)
class State:
    name: str
    label: Any
    badge: str


PAUSED = State("paused", _("paused"), "warn")
ENDED = State("ended", _("ended"), "bad")
NOT_YET = State("not_yet", _("not yet"), "")
SPENT = State("spent", _("budget used up"), "warn")
RUNNING = State("running", _("valid"), "good")


def state_of(batch: CouponBatch, now: datetime) -> State:
    if batch.is_over_at(now):
        return ENDED
    if batch.is_paused:
        return PAUSED
    if batch.budget_minor is not None and batch.spent_minor >= batch.budget_minor:
        return SPENT
    today = now.astimezone(settings.BUSINESS_ZONE).date()
    return NOT_YET if batch.valid_from is not None and today < batch.valid_from else RUNNING


@dataclass(frozen=True)
class Counts:
    """``expired``: given out, not used, and no longer valid."""

    issued: int
    claimed: int
    redeemed: int
    voided: int
    expired: int

    @property
    def rate(self) -> float | None:
        return self.redeemed / self.issued if self.issued else None


def counts_of(batch: CouponBatch, now: datetime) -> Counts:
    standing = Redemption.objects.filter(coupon=OuterRef("pk"), is_standing=True)
    over = Q() if batch.is_over_at(now) else Q(expires_at__lte=now)
    return Counts(
        issued=batch.issued_count,
        claimed=batch.coupons.filter(claimed_at__isnull=False).count(),
        redeemed=batch.redeemed_count,
        voided=batch.redemptions.filter(is_standing=False).count(),
        expired=batch.coupons.filter(over, ~Exists(standing)).count(),
    )
