"""A coupon used at the till: exactly once, however often the request comes and however many come at once."""

import json
import unicodedata
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from attribution import facts
from attribution.coupons import codes
from attribution.coupons.actions.judging import Usable, ensure_not_guessing, find, judge
from attribution.coupons.actions.limits import count_use, ensure_customer_may, ensure_stackable
from attribution.coupons.actions.orders import ensure_same_sale, left_to_pay, locked_order, use_order
from attribution.coupons.actions.races import lost
from attribution.coupons.actions.refusals import RequestReused, below_minimum, clock, record_refusal
from attribution.coupons.models import CouponBatch, Issuer, Redemption
from attribution.customers.actions.people import Known, as_known, identities_of, resolve_known
from attribution.customers.identities import PHONE
from attribution.customers.models import Customer, Order, Store
from attribution.errors import DomainError
from attribution.evidence.actions import record_touches
from attribution.evidence.models import Touchpoint
from attribution.money import LARGEST_MINOR, BadAmount

LAST_WORDS = ("redemption_use_stands_once", "redemption_outside_code_stands_once", "request_id")


@dataclass(frozen=True)
class Asked:
    """What the till asks for, as plain values: two equal ones are one request."""

    store: int
    code: str
    issuer: str
    batch: int | None
    amount_minor: int
    order_number: str
    phone: str

    def digest(self) -> str:
        """Return a keyed mark: a phone number is too easily guessed for a plain one."""
        said = json.dumps(astuple(self))
        return salted_hmac("redemption", said, secret=settings.IDENTITY_DIGEST_KEY, algorithm="sha256").hexdigest()


def redeem_coupon(
    *,
    code: str,
    store: Store,
    staff: Any,
    request_id: UUID,
    amount_minor: int,
    order_number: str,
    phone: str = "",
    issuer: str = Issuer.OWN,
    batch: CouponBatch | None = None,
    at: datetime | None = None,
) -> Redemption:
    """Use a coupon on a bill, or record the try and raise why not (a ``Refused``, ``BadAmount`` or ``BadPhone``).

    The same ``request_id`` again with the same values returns the same redemption and does nothing.

    Parameters
    ----------
    amount_minor : the bill before the coupon; the discount is what the batch gives on what is left of the bill
    order_number : the receipt's; empty where there is none, and then no order is written
    issuer, batch : for a platform's code, whose it is and which of its offers
    """
    asked = Asked(
        store=store.pk,
        code=codes.normalise(code),
        issuer=issuer,
        batch=batch.pk if batch else None,
        amount_minor=amount_minor,
        order_number=unicodedata.normalize("NFKC", order_number).strip(),
        phone=phone.strip(),
    )
    redeeming = _Redeeming(asked, code, store, staff, request_id, batch, at or timezone.now())
    try:
        return redeeming.once()
    except DomainError as refusal:
        record_refusal(refusal=refusal, typed=code, issuer=issuer, store=store, staff=staff, request_id=request_id)
        raise


@dataclass(frozen=True)
class _Redeeming:
    asked: Asked
    typed: str
    store: Store
    staff: Any
    request_id: UUID
    batch: CouponBatch | None
    at: datetime

    def once(self) -> Redemption:
        """The database's constraints have the last word; whoever loses to them looks again, and sees why."""
        try:
            return self._write()
        except IntegrityError as error:
            if not lost(error, Redemption, *LAST_WORDS):
                raise
        return self._write()

    @transaction.atomic
    def _write(self) -> Redemption:
        found = find(code=self.typed, issuer=self.asked.issuer, batch=self.batch, lock=True)
        if (earlier := Redemption.objects.filter(request_id=self.request_id).first()) is not None:
            return self._repeated(earlier)
        ensure_not_guessing(self.store, self.staff)
        usable = judge(found, self.store, self.at)
        order, discount = self._bill(usable.batch)
        customer = self._customer(usable, order)
        ensure_customer_may(usable.batch, customer)
        count_use(usable.batch, discount)
        order = use_order(
            order,
            store=self.store,
            number=self.asked.order_number,
            bill_minor=self.asked.amount_minor,
            discount_minor=discount,
            customer=customer,
            at=self.at,
        )
        redemption = self._create(usable, order, customer, discount)
        touch(redemption)
        facts.ring()
        return redemption

    def _repeated(self, earlier: Redemption) -> Redemption:
        if earlier.request_digest != self.asked.digest():
            raise RequestReused(time=clock(earlier.redeemed_at, earlier.store, self.at))
        return earlier

    def _bill(self, batch: CouponBatch) -> tuple[Order | None, int]:
        """Return the stored order, if any, and the discount; raise what speaks against this bill."""
        bill = self.asked.amount_minor
        if not 0 <= bill <= LARGEST_MINOR:
            raise BadAmount(field="amount", typed=str(bill))
        if bill < batch.minimum_spend_minor:
            raise below_minimum(batch)
        order = locked_order(store=self.store, number=self.asked.order_number)
        ensure_stackable(batch, order, self.asked.order_number)
        discount = batch.discount_of(left_to_pay(order, bill))
        ensure_same_sale(order, bill_minor=bill, discount_minor=discount, at=self.at)
        return order, discount

    def _customer(self, usable: Usable, order: Order | None) -> Customer | None:
        """Who the coupon was given to; a phone says it more surely; or else whose order it is already."""
        holder = usable.coupon.issued_to if usable.coupon else None
        if self.asked.phone:
            return _with_phone(self.asked.phone, holder, self.at)
        known = holder or (order.customer if order and not order.voided_at else None)
        return known and (known.merged_into or known)

    def _create(
        self, usable: Usable, order: Order | None, customer: Customer | None, discount_minor: int
    ) -> Redemption:
        return Redemption.objects.create(
            coupon=usable.coupon,
            batch=usable.batch,
            issuer=self.asked.issuer,
            outside_code="" if usable.coupon else usable.code,
            use=usable.use,
            store=self.store,
            staff=self.staff,
            customer=customer,
            order=order,
            bill_minor=self.asked.amount_minor,
            discount_minor=discount_minor,
            request_id=self.request_id,
            request_digest=self.asked.digest(),
            redeemed_at=self.at,
        )


def _with_phone(phone: str, holder: Customer | None, at: datetime) -> Customer:
    """Return whose phone it is, joined with whoever the coupon was given to unless that is somebody else's phone's."""
    given = as_known([(PHONE, phone)])
    if holder is not None:
        # We know these by their digests only, which is enough: they have their owner already.
        others = identities_of(holder.merged_into or holder).exclude(kind=PHONE).order_by("kind", "pk")
        given += [Known(row.kind, "", row.digest) for row in others]
    return resolve_known(given, at)


def touch(redemption: Redemption) -> None:
    """Record what the redemption says of what brought its customer; a batch without channel says nothing."""
    if (said := new_touch(redemption)) is not None:
        record_touches(touches=[said])


def new_touch(redemption: Redemption) -> Touchpoint | None:
    batch = redemption.batch
    if batch.channel is None or redemption.customer is None:
        return None
    return Touchpoint(
        customer=redemption.customer,
        channel=batch.channel,
        campaign=batch.campaign,
        kind=Touchpoint.Kind.COUPON,
        occurred_at=redemption.redeemed_at,
        source_key=source_key(redemption),
        mapping_key=batch.mapping_key,
    )


def source_key(redemption: Redemption) -> str:
    return f"redemption:{redemption.pk}"
