"""Why a coupon was refused: one class for each reason of the closed list, and the record of the try.

A refusal says what is wrong in the reader's language and the store's time, whenever it is read.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from attribution.coupons import codes
from attribution.coupons.models import Attempt, Coupon, CouponBatch, Redemption
from attribution.customers.models import Store
from attribution.errors import DomainError
from attribution.money import format_money
from attribution.names import listed

TYPED_KEPT = 64


class OutOfStock(DomainError):
    code = "out_of_stock"
    status = 409
    message = _("All of these coupons have been given out.")


class BatchPaused(DomainError):
    code = "batch_paused"
    status = 409
    message = _("This offer is paused.")


class BatchOver(DomainError):
    code = "batch_over"
    status = 409
    message = _("This offer has ended.")


class NotClaimable(DomainError):
    code = "not_claimable"
    status = 409
    message = _("This offer is closed.")


class BatchUsed(DomainError):
    code = "batch_used"
    status = 409
    message = _("Guests hold or have used coupons of this batch, so it is kept. End it instead.")


class BatchNeeded(DomainError):
    code = "batch_needed"
    status = 409
    message = _("Something still gives out coupons of this batch, such as a survey’s thank-you. Change that first.")


class NotLater(DomainError):
    code = "not_later"
    field = "last_day"
    message = _("Choose a day after %(day)s.")


class TooLow(DomainError):
    code = "too_low"
    message = _("%(used)s are used already: choose no less.")


class BadCount(DomainError):
    code = "bad_count"
    field = "count"
    message = _("Choose a number from 1 to %(most)s.")


class TooFewLeft(DomainError):
    code = "out_of_stock"
    status = 409
    field = "count"
    message = _("The batch’s stock has room for %(left)s more.")


class StillWorking(DomainError):
    code = "still_working"
    status = 409
    message = _("Codes of this batch are being made. Wait until that is done.")


class NotOurs(DomainError):
    code = "not_ours"
    status = 409
    message = _("A platform gives out the codes of this batch itself.")


class Refused(DomainError):
    """A try at the till that was refused; ``code`` is one of ``Attempt.Reason``."""

    field = "code"


class BadCheck(Refused):
    code = Attempt.Reason.BAD_CHECK.value
    message = _("“%(typed)s” is mistyped: look at the code again. It has 11 characters and never 0 O 1 I J L U.")


class UnknownCode(Refused):
    code = Attempt.Reason.UNKNOWN_CODE.value
    status = 404
    message = _("We never gave out the code “%(typed)s”.")


class CouponAlreadyRedeemed(Refused):
    code = Attempt.Reason.ALREADY_REDEEMED.value
    status = 409
    message = _("Used at %(time)s in %(store)s.")


class Expired(Refused):
    code = Attempt.Reason.EXPIRED.value
    status = 409
    message = _("Expired: it was valid until %(day)s.")


class NotYetValid(Refused):
    code = Attempt.Reason.NOT_YET_VALID.value
    status = 409
    message = _("Not valid yet: it holds from %(day)s.")


class OtherStore(Refused):
    code = Attempt.Reason.OTHER_STORE.value
    status = 409
    message = _("Not valid in this store, but in %(stores)s.")


class Paused(Refused):
    code = Attempt.Reason.PAUSED.value
    status = 409
    message = _("This offer is paused.")


class BelowMinimum(Refused):
    code = Attempt.Reason.BELOW_MINIMUM.value
    status = 409
    field = "amount"
    message = _("The bill must be at least %(minimum)s.")


class WrongDay(Refused):
    code = Attempt.Reason.WRONG_DAY.value
    status = 409
    message = _("Not valid on this day of the week. It holds %(hours)s.")


class WrongHour(Refused):
    code = Attempt.Reason.WRONG_HOUR.value
    status = 409
    message = _("Not valid at this hour. Today it holds %(hours)s.")


class DailyLimit(Refused):
    code = Attempt.Reason.DAILY_LIMIT.value
    status = 409
    message = _("Only %(limit)s of this offer hold on one day, and today’s have been used. It can be used tomorrow.")


class CustomerLimit(Refused):
    code = Attempt.Reason.CUSTOMER_LIMIT.value
    status = 409
    field = "phone"
    message = _("One customer may use %(limit)s of this offer, and this one has.")


class CustomerNeeded(Refused):
    code = Attempt.Reason.CUSTOMER_NEEDED.value
    field = "phone"
    message = _("One customer may use %(limit)s of this offer: enter the guest’s phone.")


class BudgetSpent(Refused):
    code = Attempt.Reason.BUDGET_SPENT.value
    status = 409
    message = _("The budget of this offer is used up.")


class NotStackable(Refused):
    code = Attempt.Reason.NOT_STACKABLE.value
    status = 409
    field = "order_number"
    message = _("“%(other)s” was used on this bill already, and the two do not go together.")


class NumberNeeded(Refused):
    code = Attempt.Reason.NUMBER_NEEDED.value
    field = "order_number"
    message = _("This offer does not go with every other coupon: enter the order number.")


class OrderConflict(Refused):
    code = Attempt.Reason.ORDER_CONFLICT.value
    status = 409
    field = "order_number"
    message = _("Number %(number)s belongs to another order: %(amount)s at %(time)s. Look at the receipt again.")


class RequestReused(Refused):
    code = Attempt.Reason.REQUEST_REUSED.value
    status = 422
    field = "request_id"
    message = _("This was entered already at %(time)s, with other figures. Void that entry to correct it.")


class BadInput(Refused):
    code = Attempt.Reason.BAD_INPUT.value


class TooManyTries(Refused):
    code = Attempt.Reason.TOO_MANY_TRIES.value
    status = 429
    message = _("Too many unknown codes. Wait %(minutes)s minutes, or ask the manager.")


class RedemptionAlreadyVoided(DomainError):
    code = "already_voided"
    status = 409
    message = _("Voided already at %(time)s.")


def clock(moment: datetime, store: Store, now: datetime) -> str:
    """Return the store's wall clock, with the day where it is not today: ``14:02`` or ``2026-11-21 14:02``."""
    local, today = moment.astimezone(store.zoneinfo), now.astimezone(store.zoneinfo).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def already_redeemed(last: Redemption, now: datetime, uses: int = 1) -> CouponAlreadyRedeemed:
    message = _("Used %(uses)s times, as often as it may be; last at %(time)s in %(store)s.") if uses > 1 else ""
    time = clock(last.redeemed_at, last.store, now)
    return CouponAlreadyRedeemed(message, time=time, store=last.store, uses=uses)


def budget_short(batch: CouponBatch) -> BudgetSpent:
    left = (batch.budget_minor or 0) - batch.spent_minor
    if left <= 0:
        return BudgetSpent()
    return BudgetSpent(_("The budget of this offer has %(left)s left, less than this coupon gives."), left=Spoken(left))


def below_minimum(batch: CouponBatch) -> BelowMinimum:
    return BelowMinimum(minimum=Spoken(batch.minimum_spend_minor))


class Spoken:
    """An amount or a list of stores, written in the language of whoever reads the message."""

    def __init__(self, *parts: int | Store) -> None:
        self.parts = parts

    def __str__(self) -> str:
        return listed(format_money(part) if isinstance(part, int) else part for part in self.parts)


def record_refusal(
    *, refusal: DomainError, typed: str, issuer: str, store: Store | None, staff: Any, request_id: UUID | None = None
) -> Attempt:
    """Write the refused try, in no transaction but the caller's: what was being redeemed is rolled back already."""
    code = codes.normalise(typed)[:TYPED_KEPT]
    reason = refusal.code if refusal.code in Attempt.Reason.values else Attempt.Reason.BAD_INPUT
    return Attempt.objects.create(
        reason=reason,
        typed=code,
        coupon=Coupon.objects.filter(issuer=issuer, code=code).first(),
        store=store,
        staff=staff,
        request_id=request_id,
    )
