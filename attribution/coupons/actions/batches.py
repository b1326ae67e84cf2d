"""Batches: set up, changed, paused, extended, ended, and deleted where nobody ever held a coupon of them."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from attribution import facts
from attribution.coupons.actions.refusals import BatchNeeded, BatchUsed, NotLater, Spoken, StillWorking, TooLow
from attribution.coupons.models import Coupon, CouponBatch
from attribution.customers.models import Store
from attribution.jobs import Job

# What is promised with a coupon stays as it is once one has been given out; the rest may be changed at any time.
PROMISED = (
    "issuer", "channel", "campaign", "kind", "face_value_minor", "percent", "cap_minor", "item_zh_hans", "item_en",
    "minimum_spend_minor", "days_valid", "uses_per_code",
)  # fmt: skip
CHANGEABLE = (
    "name_zh_hans", "name_en", "valid_from", "valid_until", "hours", "uses_per_customer", "uses_per_day",
    "budget_minor", "stacking", "stock", "is_claimable",
)  # fmt: skip

AT_ONCE = 5_000


@transaction.atomic
def save_batch(*, batch: CouponBatch, stores: Iterable[Store]) -> CouponBatch:
    """Write a new batch, or the rules of one that is there; raise TooLow for a limit below what is used already."""
    if batch._state.adding:
        batch.save()
    else:
        now = _kept(batch)
        if batch.stock is not None and batch.stock < now.issued_count:
            raise TooLow(field="stock", used=f"{now.issued_count:,}")
        if batch.budget_minor is not None and batch.budget_minor < now.spent_minor:
            raise TooLow(field="budget", used=Spoken(now.spent_minor))
        batch.save(update_fields=CHANGEABLE if is_promised(now) else (*PROMISED, *CHANGEABLE))
    batch.stores.set(stores)
    facts.ring()
    return batch


def is_promised(batch: CouponBatch) -> bool:
    """Whether somebody may hold a coupon of it: its worth is no longer changed."""
    return batch.issued_count > 0 or batch.redemptions.exists()


def pause_batch(*, batch: CouponBatch, is_paused: bool) -> None:
    """Stop giving out and redeeming for a while, or go on."""
    CouponBatch.objects.filter(pk=batch.pk).update(is_paused=is_paused)


def end_batch(*, batch: CouponBatch) -> None:
    """Have all coupons of the batch expire now; extending it takes that back."""
    CouponBatch.objects.filter(pk=batch.pk, ended_at=None).update(ended_at=timezone.now())


@transaction.atomic
def extend_batch(*, batch: CouponBatch, last_day: date) -> None:
    """Let every coupon of the batch hold to the end of a later day at least; raise NotLater for an earlier one."""
    now = _kept(batch)
    today = timezone.now().astimezone(settings.BUSINESS_ZONE).date()
    soonest = today - timedelta(days=1) if now.ended_at else max(today - timedelta(days=1), now.valid_until or today)
    if last_day <= soonest:
        raise NotLater(day=soonest)
    end = day_end(last_day)
    now.coupons.filter(expires_at__lt=end).update(expires_at=end)
    until = None if now.valid_until is None else max(last_day, now.valid_until)
    CouponBatch.objects.filter(pk=batch.pk).update(valid_until=until, ended_at=None)


@transaction.atomic
def delete_batch(*, batch: CouponBatch) -> None:
    """Delete a batch with its codes; raise BatchUsed if a guest holds or ever used one, BatchNeeded, StillWorking.

    The database has the last word: a redemption refers to its batch and its coupon, and neither can go without it.
    """
    now = _kept(batch)
    held = Coupon.objects.filter(Q(claimed_at__isnull=False) | Q(issued_to__isnull=False), batch=now)
    if now.redemptions.exists() or held.exists():
        raise BatchUsed
    if now.code_runs.filter(state__in=[Job.State.WAITING, Job.State.RUNNING]).exists():
        raise StillWorking
    try:
        while some := list(now.coupons.values_list("pk", flat=True)[:AT_ONCE]):
            Coupon.objects.filter(pk__in=some).delete()
        now.delete()
    except ProtectedError as error:
        raise BatchNeeded from error
    facts.ring()


def day_end(day: date) -> datetime:
    """Return the first moment after a day of the business."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=settings.BUSINESS_ZONE)


def _kept(batch: CouponBatch) -> CouponBatch:
    """Return the batch as it is now, kept for this transaction."""
    kept: CouponBatch = CouponBatch.objects.select_for_update().get(pk=batch.pk)
    return kept
