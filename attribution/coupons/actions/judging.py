"""Whether a coupon holds, here and now, or exactly why not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.coupons import codes
from attribution.coupons.actions.limits import ensure_budget_is_left, ensure_day_has_room, ensure_within_hours
from attribution.coupons.actions.refusals import (
    BadCheck,
    BadInput,
    Expired,
    NotYetValid,
    OtherStore,
    Paused,
    Spoken,
    TooManyTries,
    UnknownCode,
    already_redeemed,
    record_refusal,
)
from attribution.coupons.models import Attempt, Coupon, CouponBatch, Issuer, Redemption
from attribution.customers.models import Store
from attribution.errors import DomainError

# Codes that we never gave out, tried within ten minutes. A slip of the hand fails its check and is no guess.
GUESS_WINDOW = timedelta(minutes=10)
GUESSES_PER_STAFF = 10
GUESSES_PER_STORE = 30
LONGEST_OUTSIDE_CODE = 64


@dataclass(frozen=True)
class Usable:
    """A coupon that holds: ours (``coupon``), or a platform's that only its batch and code name. ``use`` is the lowest
    of the code's uses that is still free, counted from one."""

    batch: CouponBatch
    coupon: Coupon | None
    code: str
    use: int = 1

    @property
    def uses_left(self) -> int:
        return self.batch.uses_per_code - self.use + 1 if self.coupon else 1


def inspect_coupon(
    *,
    code: str,
    store: Store,
    staff: Any,
    issuer: str = Issuer.OWN,
    batch: CouponBatch | None = None,
    at: datetime | None = None,
) -> Usable:
    """Return what the coupon is if it holds in this store now; else record the try and raise why not."""
    at = at or timezone.now()
    try:
        found = find(code=code, issuer=issuer, batch=batch)
        ensure_not_guessing(store, staff)
        return judge(found, store, at)
    except DomainError as refusal:
        record_refusal(refusal=refusal, typed=code, issuer=issuer, store=store, staff=staff)
        raise


@dataclass(frozen=True)
class Found:
    """What was typed, and the coupon or the platform's batch that it means, if any."""

    code: str
    issuer: str
    coupon: Coupon | None
    batch: CouponBatch | None

    def standing(self) -> QuerySet[Redemption]:
        if self.coupon is not None:
            return self.coupon.redemptions.filter(is_standing=True)
        return Redemption.objects.filter(issuer=self.issuer, outside_code=self.code, coupon=None, is_standing=True)


def find(*, code: str, issuer: str, batch: CouponBatch | None, lock: bool = False) -> Found:
    """Look the code up, with ``lock`` keeping it and its batch for this transaction; raise BadCheck, BadInput.

    One of our own codes that fails its check is told so before any look-up. A batch may not be re-coded to another
    channel between our reading it and our commit, so it is kept too.
    """
    plain = codes.normalise(code)
    if issuer == Issuer.OWN and not codes.check(plain):
        raise BadCheck(typed=code.strip()[:20])
    if issuer not in Issuer.values or not 1 <= len(plain) <= LONGEST_OUTSIDE_CODE or not plain.isprintable():
        raise BadInput(_("A platform’s code has 1 to 64 characters."))
    coupons, batches = Coupon.objects.all(), CouponBatch.objects.select_related("channel", "campaign")
    if lock:
        coupons = coupons.select_for_update(of=("self",))
        batches = batches.select_for_update(of=("self",), no_key=True)
    coupon = coupons.filter(issuer=issuer, code=plain).first()
    if coupon is not None:
        return Found(plain, issuer, coupon, batches.get(pk=coupon.batch_id))
    if issuer == Issuer.OWN:
        return Found(plain, issuer, None, None)
    ours = batches.filter(issuer=issuer, pk=batch.pk).first() if batch is not None else None
    if ours is None:
        raise BadInput(_("Choose which of the platform’s offers this is."), field="batch")
    # A list with this code may have been imported while we waited for the batch.
    if lock and (coupon := coupons.filter(issuer=issuer, code=plain).first()) is not None:
        return Found(plain, issuer, coupon, batches.get(pk=coupon.batch_id))
    return Found(plain, issuer, None, ours)


def ensure_not_guessing(store: Store, staff: Any) -> None:
    """Raise TooManyTries where somebody tries codes that were never given out, whatever the next one is."""
    lately = Attempt.objects.filter(reason=Attempt.Reason.UNKNOWN_CODE, at__gt=timezone.now() - GUESS_WINDOW)
    guesses = lately.aggregate(staff=Count("pk", filter=Q(staff=staff)), store=Count("pk", filter=Q(store=store)))
    if guesses["staff"] >= GUESSES_PER_STAFF or guesses["store"] >= GUESSES_PER_STORE:
        raise TooManyTries(minutes=GUESS_WINDOW.seconds // 60)


def judge(found: Found, store: Store, at: datetime) -> Usable:
    """Return the coupon with its lowest free use; raise why it does not hold, the most telling reason first."""
    if found.batch is None:
        raise UnknownCode(typed=codes.display(found.code))
    standing = list(found.standing().select_related("store").order_by("redeemed_at", "pk"))
    uses = found.batch.uses_per_code if found.coupon else 1
    free = next((use for use in range(1, uses + 1) if use not in {one.use for one in standing}), None)
    if free is None:
        raise already_redeemed(standing[-1], at, uses)
    _ensure_within_days(found, store, at)
    stores = list(found.batch.stores.all())
    if stores and store not in stores:
        raise OtherStore(stores=Spoken(*stores))
    if found.batch.is_paused:
        raise Paused
    ensure_within_hours(found.batch, store, at)
    ensure_budget_is_left(found.batch)
    ensure_day_has_room(found.batch, at)
    return Usable(found.batch, found.coupon, found.code, free)


def _ensure_within_days(found: Found, store: Store, at: datetime) -> None:
    """Whole days by the store's clock; a coupon's own end is a moment."""
    assert found.batch is not None
    first, last, today = found.batch.valid_from, found.batch.valid_until, at.astimezone(store.zoneinfo).date()
    if found.coupon and found.coupon.expires_at and found.coupon.expires_at <= at:
        end = (found.coupon.expires_at - timedelta(microseconds=1)).astimezone(store.zoneinfo).date()
        raise Expired(day=min(end, last or end))
    if last and today > last:
        raise Expired(day=last)
    if found.batch.ended_at and found.batch.ended_at <= at:
        raise Expired(day=found.batch.ended_at.astimezone(store.zoneinfo).date())
    if first and today < first:
        raise NotYetValid(day=first)
