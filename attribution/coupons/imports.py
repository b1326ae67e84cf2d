"""The importer of code lists: the codes that a platform or an agency gives out for one of our batches.

The batch is chosen with the file, or each row names it. A code is taken up once; one that a till has redeemed already,
by the platform's own word, is not taken up as unused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from attribution import facts
from attribution.coupons.actions.batches import day_end
from attribution.coupons.actions.issuing import expiry
from attribution.coupons.actions.judging import LONGEST_OUTSIDE_CODE
from attribution.coupons.codes import normalise
from attribution.coupons.models import Coupon, CouponBatch, Issuer, Redemption
from attribution.customers.imports import Context, Field, Importer, Taken
from attribution.evidence.imports import by_name, plain

HEADINGS = {
    "code": "Code, 券码, Coupon code, Voucher code, Voucher, Coupon, 核销码, 兑换码, 优惠券码, 卡券码, 卡密, 序列号",
    "batch": "Offer, 优惠, Batch, Coupon batch, Campaign, 批次, 券批次, 优惠券批次, 券名称, 商品名称, 活动",
    "last_day": "Last day, 最后一天, 最后有效日, Valid until, Expires, Expiry, Expiry date, 有效期至, 到期日, "
    "到期日期, 截止日期, 失效日期",
}
KNOWN = {name: tuple(headings.split(", ")) for name, headings in HEADINGS.items()}
FIELDS = (
    Field("code", _("Code"), KNOWN["code"], required=True, samples=("889123456789", "889123456790"), most=200),
    Field("batch", _("Offer"), KNOWN["batch"], samples=(_("Meituan 10 off"), _("Meituan 10 off"))),
    Field("last_day", _("Last day"), KNOWN["last_day"], type="date", samples=("2027-12-31", "")),
)


@dataclass(frozen=True)
class Row:
    number: int
    code: str
    batch: CouponBatch
    last_day: date | None


class CodesImporter(Importer):
    kind = "codes"
    title = _("Coupon codes")
    fields = FIELDS

    def missing(self, found: Iterable[str], options: Mapping[str, Any]) -> list[str]:
        names = set(found) | ({"batch"} if options.get("batch") else set())
        return [name for name in ("code", "batch") if name not in names]

    def take(self, rows: pd.DataFrame, context: Context) -> Taken:
        taken = Taken()
        batches = _kept_batches(context)
        seen: dict[tuple[str, str], int] = context.memory.setdefault("seen", {})
        read: list[Row] = []
        plain_rows = rows.drop(columns="grp").astype(object).where(rows.notna(), None)
        for number, *cells in plain_rows.itertuples(name=None):
            said = _read(int(number), dict(zip(plain_rows.columns, cells, strict=True)), batches)
            if isinstance(said, str):
                taken.failed[int(number)] = said
                continue
            first = seen.setdefault((said.batch.issuer, said.code), said.number)
            if first != said.number:
                taken.failed[said.number] = gettext("Row %(row)s has the same code.") % {"row": first}
                continue
            read.append(said)
        _write(_new(read, taken), taken)
        return taken


def _kept_batches(context: Context) -> dict[str, CouponBatch]:
    """Return the batches that a row may name, kept for the chunk's transaction: a till redeems before or after it."""
    batches = CouponBatch.objects.select_for_update(no_key=True).exclude(issuer=Issuer.OWN).order_by("pk")
    if chosen := context.options.get("batch"):
        return {"": batches.get(pk=chosen)}
    rows = list(batches)
    return by_name(rows) | {str(batch.pk): batch for batch in rows}


def _read(number: int, cells: dict[str, Any], batches: dict[str, CouponBatch]) -> Row | str:
    """Return what a row says, or why it cannot be taken."""
    code = normalise(cells["code"].removesuffix(".0") if cells["code"].removesuffix(".0").isdigit() else cells["code"])
    if not 1 <= len(code) <= LONGEST_OUTSIDE_CODE or not code.isprintable():
        return gettext("A platform’s code has 1 to 64 characters.")
    batch = batches.get("") or batches.get(plain(cells.get("batch") or ""))
    if batch is None:
        name = (cells.get("batch") or "")[:60]
        return gettext("There is no platform’s offer “%(name)s”. Our own codes are made here.") % {"name": name}
    last_day = None if cells.get("last_day") is None else pd.Timestamp(cells["last_day"]).date()
    if last_day is not None and day_end(last_day) <= timezone.now():
        return gettext("The last day %(day)s is over.") % {"day": last_day}
    return Row(number, code, batch, last_day)


def _new(rows: list[Row], taken: Taken) -> list[Row]:
    """Return the rows whose codes are new; count those that are there, and say why others cannot be."""
    fresh = []
    for issuer in sorted({row.batch.issuer for row in rows}):
        mine = [row for row in rows if row.batch.issuer == issuer]
        codes = [row.code for row in mine]
        known = dict(Coupon.objects.filter(issuer=issuer, code__in=codes).values_list("code", "batch"))
        used = Redemption.objects.standing().filter(issuer=issuer, coupon=None, outside_code__in=codes)
        spent = {one.outside_code: one for one in used.select_related("store")}
        for row in mine:
            if known.get(row.code) == row.batch.pk:
                taken.count("skipped")
            elif row.code in known:
                taken.failed[row.number] = gettext("This code belongs to another of the issuer’s offers already.")
            elif row.code in spent:
                taken.failed[row.number] = _redeemed(spent[row.code])
            else:
                fresh.append(row)
    return fresh


def _redeemed(one: Redemption) -> str:
    at = one.redeemed_at.astimezone(one.store.zoneinfo)
    said = gettext("Redeemed already, at %(time)s in %(store)s: it cannot be taken up as unused.")
    return said % {"time": f"{at:%Y-%m-%d %H:%M}", "store": one.store.name}


def _write(rows: list[Row], taken: Taken) -> None:
    now, coupons = timezone.now(), []
    for batch in {row.batch.pk: row.batch for row in rows}.values():
        mine = [row for row in rows if row.batch.pk == batch.pk]
        room = len(mine) if batch.stock is None else max(0, batch.stock - batch.issued_count)
        for row in mine[room:]:
            said = gettext("The batch’s stock of %(stock)s is full.") % {"stock": f"{batch.stock:,}"}
            taken.failed[row.number] = said
        coupons += [_coupon(row, now) for row in mine[:room]]
        CouponBatch.objects.filter(pk=batch.pk).update(issued_count=F("issued_count") + len(mine[:room]))
        batch.issued_count += len(mine[:room])
    Coupon.objects.bulk_create(coupons, batch_size=1_000)
    taken.count("inserted", len(coupons))
    facts.ring()


def _coupon(row: Row, now: datetime) -> Coupon:
    own_end = None if row.last_day is None else day_end(row.last_day)
    ends = [end for end in (own_end, expiry(row.batch, now)) if end is not None]
    return Coupon(
        batch=row.batch, issuer=row.batch.issuer, code=row.code, issued_at=now, expires_at=min(ends, default=None)
    )
