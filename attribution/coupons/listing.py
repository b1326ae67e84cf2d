"""A batch's codes as a table, and what stands on its labels."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext

from attribution.coupons.codes import display
from attribution.coupons.models import CodeFile, Coupon, CouponBatch
from attribution.coupons.words import brief_terms
from sheets.table import Column, Table

if TYPE_CHECKING:
    from attribution.coupons.labels import Label

A_PAGE = 5_000


def codes_of(row: CodeFile) -> QuerySet[Coupon]:
    """Return the coupons that a file is asked for: of its run or of all; labels only for what nobody has yet."""
    coupons = Coupon.objects.filter(batch=row.batch_id)
    if row.run is not None:
        coupons = coupons.filter(issued_at=row.run.requested_at)
    if row.is_labels:
        coupons = coupons.filter(claimed_at=None, issued_to=None, redemptions=None)
    return coupons


def pages(coupons: QuerySet[Any]) -> Iterator[Any]:
    """Yield the rows in the order in which they were made; no cursor stays open while they are written."""
    last = 0
    while page := list(coupons.filter(pk__gt=last).order_by("pk")[:A_PAGE]):
        yield from page
        last = page[-1].pk


def code_table(row: CodeFile, progress: Callable[[int], None]) -> Table:
    columns = [
        Column("code", gettext("Code"), emphasis=True),
        Column("scanned", gettext("As scanned"), definition=gettext("The code as its QR picture says it.")),
        Column("state", gettext("State")),
        Column("uses", gettext("Uses"), "integer", definition=gettext("Redemptions that stand.")),
        Column("issued_at", gettext("Issued at"), "datetime"),
        Column("claimed_at", gettext("Claimed at"), "datetime"),
        Column("last_day", gettext("Last day"), "date", definition=gettext("By the business’s clock.")),
    ]
    return Table("codes", gettext("Codes"), columns, _rows(row, progress))


def _rows(row: CodeFile, progress: Callable[[int], None]) -> Iterator[list[Any]]:
    standing = Count("redemptions", filter=Q(redemptions__is_standing=True))
    now = row.requested_at
    for number, coupon in enumerate(pages(codes_of(row).annotate(uses=standing))):
        if number % A_PAGE == 0:
            progress(number)
        coupon.batch = row.batch
        yield [
            display(coupon.code), coupon.code, _state(coupon, row.batch, now), coupon.uses, coupon.issued_at,
            coupon.claimed_at, coupon.last_day,
        ]  # fmt: skip


def _state(coupon: Any, batch: CouponBatch, now: datetime) -> str:
    if coupon.uses >= batch.uses_per_code:
        return gettext("used")
    if batch.is_over_at(now) or (coupon.expires_at is not None and coupon.expires_at <= now):
        return gettext("expired")
    return gettext("with a guest") if coupon.claimed_at else gettext("not claimed")


def label_of(batch: CouponBatch) -> "Label":
    """Return what the labels of a batch say, in both languages."""
    from attribution.coupons.labels import Label

    promise, terms = [], []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            promise.append(batch.promise)
            terms.append("\n".join(brief_terms(batch)))
    return Label(settings.BUSINESS_NAME, (promise[0], promise[1]), (terms[0], terms[1]))
