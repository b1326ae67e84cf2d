"""Coupons used, taken back, and refused."""

from datetime import datetime, time, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.coupons.models.batch import CouponBatch, Issuer
from attribution.coupons.models.coupon import Coupon
from attribution.customers.models import Customer, Order, Store


class RedemptionQuerySet(models.QuerySet):
    def standing(self) -> Self:
        return self.filter(is_standing=True)

    def for_store(self, store: Store) -> Self:
        return self.filter(store=store)

    def on_day_of(self, moment: datetime, store: Store) -> Self:
        """Those of the store's calendar day that the moment falls on."""
        day = moment.astimezone(store.zoneinfo).date()
        start, end = (datetime.combine(day + timedelta(days=n), time(), tzinfo=store.zoneinfo) for n in (0, 1))
        return self.filter(redeemed_at__gte=start, redeemed_at__lt=end)


class Redemption(models.Model):
    """A coupon used at a till. Never changed but for ``is_standing``, which its void turns off in the same transaction:
    the database then holds that no use of a code stands twice."""

    coupon = models.ForeignKey(
        Coupon, models.PROTECT, null=True, blank=True, related_name="redemptions", verbose_name=_("coupon")
    )
    # A platform's code without a list of codes: issuer and batch say whose it is.
    batch = models.ForeignKey(CouponBatch, models.PROTECT, related_name="redemptions", verbose_name=_("coupon batch"))
    issuer = models.CharField(_("issuer"), max_length=12, choices=Issuer)
    outside_code = models.CharField(_("platform’s code"), max_length=64, blank=True)
    # which of the code's uses: 1 … uses_per_code
    use = models.PositiveSmallIntegerField(_("which use of the code"), default=1)
    is_standing = models.BooleanField(_("valid"), default=True)
    store = models.ForeignKey(Store, models.PROTECT, verbose_name=_("store"))
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("staff member"))
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="redemptions", verbose_name=_("customer")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="redemptions", verbose_name=_("order")
    )
    # The bill before the coupon, as the cashier typed it; None for what was recorded without one.
    bill_minor = models.PositiveBigIntegerField(_("bill before the coupon"), null=True, blank=True)
    discount_minor = models.PositiveBigIntegerField(_("discount"))
    request_id = models.UUIDField(_("request id"), unique=True)
    request_digest = models.CharField(max_length=64)
    redeemed_at = models.DateTimeField(_("redeemed at"), default=timezone.now)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("redemption"), _("redemptions")
        constraints = [
            models.UniqueConstraint(
                fields=["coupon", "use"], condition=Q(is_standing=True), name="redemption_use_stands_once"
            ),
            models.UniqueConstraint(
                fields=["issuer", "outside_code"],
                condition=Q(is_standing=True, coupon=None),
                name="redemption_outside_code_stands_once",
            ),
            models.CheckConstraint(
                condition=Q(coupon__isnull=False, outside_code="") | (Q(coupon=None) & ~Q(outside_code="")),
                name="redemption_of_coupon_or_outside_code",
            ),
            models.CheckConstraint(condition=Q(use__gte=1), name="redemption_use_counts_from_one"),
        ]
        indexes = [
            models.Index(fields=["store", "redeemed_at"], name="redemption_store_time"),
            models.Index(fields=["batch", "redeemed_at"], name="redemption_batch_time"),
        ]

    def __str__(self) -> str:
        return self.outside_code if self.coupon is None else self.coupon.code

    @property
    def to_pay_minor(self) -> int | None:
        """What the guest pays: the bill less this coupon, and less the others on the same bill."""
        if self.order and self.order.is_provisional:
            return self.order.amount_minor
        return None if self.bill_minor is None else self.bill_minor - self.discount_minor


class Void(models.Model):
    class Reason(models.TextChoices):
        MISTAKE = "mistake", _("entered by mistake")
        CANCELLED = "cancelled", _("order was cancelled")
        WRONG_COUPON = "wrong_coupon", _("wrong coupon")
        OTHER = "other", _("other")

    redemption = models.OneToOneField(Redemption, models.PROTECT, related_name="void", verbose_name=_("redemption"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    note = models.CharField(_("note"), max_length=200, blank=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("staff member"))
    request_id = models.UUIDField(_("request id"), unique=True)
    voided_at = models.DateTimeField(_("voided at"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("void"), _("voids")


class Attempt(models.Model):
    """A try at the till that was refused, and why; the reason is one of a closed list."""

    class Reason(models.TextChoices):
        BAD_CHECK = "bad_check", _("mistyped code")
        UNKNOWN_CODE = "unknown_code", _("unknown code")
        ALREADY_REDEEMED = "already_redeemed", _("already redeemed")
        EXPIRED = "expired", _("expired")
        NOT_YET_VALID = "not_yet_valid", _("not valid yet")
        OTHER_STORE = "other_store", _("not valid in this store")
        BELOW_MINIMUM = "below_minimum", _("order below the minimum spend")
        PAUSED = "paused", _("batch is paused")
        BAD_AMOUNT = "bad_amount", _("not an amount")
        ORDER_CONFLICT = "order_conflict", _("order number belongs to another order")
        WRONG_DAY = "wrong_day", _("not on this weekday")
        WRONG_HOUR = "wrong_hour", _("not at this hour")
        DAILY_LIMIT = "daily_limit", _("the day’s coupons are used up")
        CUSTOMER_LIMIT = "customer_limit", _("used as often as one customer may")
        CUSTOMER_NEEDED = "customer_needed", _("no phone, where each customer is counted")
        BUDGET_SPENT = "budget_spent", _("budget is used up")
        NOT_STACKABLE = "not_stackable", _("not with another coupon of the bill")
        NUMBER_NEEDED = "number_needed", _("no order number, where coupons of a bill are counted")
        REQUEST_REUSED = "request_reused", _("request id used for something else")
        BAD_INPUT = "bad_input", _("not understood")
        TOO_MANY_TRIES = "too_many_tries", _("too many wrong codes")

    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    typed = models.CharField(_("typed"), max_length=64)
    coupon = models.ForeignKey(
        Coupon, models.SET_NULL, null=True, blank=True, related_name="attempts", verbose_name=_("coupon")
    )
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, verbose_name=_("store"))
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("staff member"))
    request_id = models.UUIDField(_("request id"), null=True, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("refused attempt"), _("refused attempts")
        indexes = [
            models.Index(fields=["store", "at"], name="attempt_store_time"),
            models.Index(fields=["at"], condition=Q(reason="unknown_code"), name="attempt_guess_time"),
        ]
