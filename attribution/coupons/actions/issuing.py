"""Coupons given out: one for an answer, one a device for a claim, many for the printer."""

from contextlib import nullcontext
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q

from attribution import facts
from attribution.coupons.actions.races import lost
from attribution.coupons.actions.refusals import BatchOver, BatchPaused, NotClaimable, NotOurs, OutOfStock
from attribution.coupons.codes import new_code
from attribution.coupons.models import Coupon, CouponBatch, Issuer
from attribution.customers.actions import resolve_customer
from attribution.customers.identities import DEVICE, digest
from attribution.customers.models import Customer
from attribution.evidence.actions import adopt_visits

MOST_PRINTED = 10_000


def issue_coupon(*, batch: CouponBatch, customer: Customer | None = None, at: datetime) -> Coupon:
    """Give out one coupon of the batch, to a customer (who has thereby claimed it) or to nobody yet.

    Raises OutOfStock, BatchPaused, BatchOver, NotOurs: before it has written anything, so that whoever catches it may
    go on in the transaction that this was called in.
    """
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        take_from_stock(batch, 1, at)
        return _create(batch, customer=customer, at=at)


@transaction.atomic
def print_coupons(*, batch: CouponBatch, count: int, at: datetime) -> list[Coupon]:
    """Make ``count`` codes (at most 10,000) for the printer, all or none; nobody has claimed them yet."""
    if not 1 <= count <= MOST_PRINTED:
        raise ValueError(count)
    take_from_stock(batch, count, at)
    fresh: set[str] = set()
    while len(fresh) < count:
        fresh.add(new_code())
    end = expiry(batch, at)
    rows = [Coupon(batch=batch, issuer=batch.issuer, code=code, issued_at=at, expires_at=end) for code in fresh]
    facts.ring()
    return Coupon.objects.bulk_create(rows, batch_size=1000)


def claimed_coupon(*, batch: CouponBatch, device: str) -> Coupon | None:
    """Return the coupon of the batch that this device has claimed already."""
    return Coupon.objects.filter(batch=batch, claim_digest=digest(DEVICE, device)).first()


def claim_coupon(*, batch: CouponBatch, device: str, at: datetime) -> Coupon:
    """Give the guest's own device its coupon: one a device and batch, the same one however often it asks.

    Raises NotClaimable, OutOfStock, BatchPaused, BatchOver. The device becomes a customer, and the visits that it made
    become that customer's touches.
    """
    try:
        return _claim(batch, device, at)
    except IntegrityError as error:
        if not lost(error, Coupon, "coupon_claimed_once_a_device"):
            raise
    return _claim(batch, device, at)  # the same device was served meanwhile: its coupon is there now


@transaction.atomic
def _claim(batch: CouponBatch, device: str, at: datetime) -> Coupon:
    if (mine := claimed_coupon(batch=batch, device=device)) is not None:
        return mine
    ensure_claimable(batch, at)
    take_from_stock(batch, 1, at)
    customer = resolve_customer(identities=[(DEVICE, device)], at=at)
    coupon = _create(batch, customer=customer, at=at, claim_digest=digest(DEVICE, device))
    adopt_visits(customer=customer, device=device)
    return coupon


def ensure_claimable(batch: CouponBatch, at: datetime) -> None:
    """Raise what keeps guests from claiming a coupon of the batch now, if anything does."""
    if not batch.is_claimable:
        raise NotClaimable
    ensure_open(batch, at)
    if batch.stock is not None and batch.issued_count >= batch.stock:
        raise OutOfStock


def ensure_open(batch: CouponBatch, at: datetime) -> None:
    if batch.issuer != Issuer.OWN:
        raise NotOurs
    if batch.is_paused:
        raise BatchPaused
    if batch.is_over_at(at):
        raise BatchOver


def take_from_stock(batch: CouponBatch, count: int, at: datetime) -> None:
    """Count the coupons in one conditional update: two guests cannot both get the last one."""
    ensure_open(batch, at)
    enough = Q(stock=None) | Q(issued_count__lte=F("stock") - count)
    if not CouponBatch.objects.filter(enough, pk=batch.pk, is_paused=False).update(
        issued_count=F("issued_count") + count
    ):
        batch.refresh_from_db(fields=["is_paused", "issued_count", "stock"])
        raise BatchPaused if batch.is_paused else OutOfStock


def _create(batch: CouponBatch, *, customer: Customer | None, at: datetime, claim_digest: str | None = None) -> Coupon:
    facts.ring()
    return Coupon.objects.create(
        batch=batch,
        issuer=batch.issuer,
        code=new_code(),
        issued_to=customer,
        issued_at=at,
        claimed_at=None if customer is None else at,
        claim_digest=claim_digest,
        expires_at=expiry(batch, at),
    )


def expiry(batch: CouponBatch, at: datetime) -> datetime | None:
    """Return the end of the last whole day on which the coupon holds, by the business's clock."""
    if batch.days_valid is None:
        return None
    day = at.astimezone(settings.BUSINESS_ZONE).date() + timedelta(days=batch.days_valid + 1)
    return datetime.combine(day, time(), tzinfo=settings.BUSINESS_ZONE)
