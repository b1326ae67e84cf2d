"""A batch of coupons: who issued them, what they are worth, where and when and how often they hold."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from attribution.customers.models import Store
from attribution.evidence.models import Campaign, Channel, new_code
from attribution.hours import Hours
from attribution.money import format_money
from attribution.names import Named


class Issuer(models.TextChoices):
    OWN = "own", _("our own")
    DOUYIN = "douyin", _("Douyin")
    MEITUAN = "meituan", _("Meituan")
    XIAOHONGSHU = "xiaohongshu", _("Xiaohongshu")
    DIANPING = "dianping", _("Dianping")
    OTHER = "other", _("other")


class Kind(models.TextChoices):
    AMOUNT = "amount", _("an amount")
    PERCENT = "percent", _("a share of the bill")
    FREE_ITEM = "free_item", _("a free item")


class Stacking(models.TextChoices):
    ANY = "any", _("with any other")
    OTHERS = "others", _("with others, but only one of these a bill")
    ALONE = "alone", _("alone on its bill")


class CouponBatch(Named):
    # Without a channel a coupon says nothing of what brought its holder: a thank-you for an answer, for instance.
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, verbose_name=_("channel"))
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, verbose_name=_("campaign"))
    issuer = models.CharField(_("issuer"), max_length=12, choices=Issuer, default=Issuer.OWN)
    kind = models.CharField(_("worth"), max_length=9, choices=Kind, default=Kind.AMOUNT)
    # Of a free item what it costs, and of a share of the bill nothing.
    face_value_minor = models.PositiveBigIntegerField(_("face value"))
    percent = models.PositiveSmallIntegerField(_("percent"), null=True, blank=True)
    cap_minor = models.PositiveBigIntegerField(_("at most"), null=True, blank=True)
    item_zh_hans = models.CharField(_("item (Chinese)"), max_length=80, blank=True)
    item_en = models.CharField(_("item (English)"), max_length=80, blank=True)
    minimum_spend_minor = models.PositiveBigIntegerField(_("minimum spend"), default=0)
    valid_from = models.DateField(_("first day"), null=True, blank=True)
    valid_until = models.DateField(_("last day"), null=True, blank=True)
    days_valid = models.PositiveSmallIntegerField(_("days valid after issue"), null=True, blank=True)
    hours = models.JSONField(_("hours"), default=list, blank=True, editable=False)  # as attribution.hours keeps them
    stores = models.ManyToManyField(Store, blank=True, verbose_name=_("stores"), help_text=_("None means all."))
    uses_per_code = models.PositiveSmallIntegerField(_("uses per code"), default=1)
    uses_per_customer = models.PositiveSmallIntegerField(_("uses per customer"), null=True, blank=True)
    uses_per_day = models.PositiveIntegerField(_("uses per day"), null=True, blank=True)
    budget_minor = models.PositiveBigIntegerField(_("budget"), null=True, blank=True)
    stacking = models.CharField(_("with other coupons"), max_length=6, choices=Stacking, default=Stacking.ANY)
    stock = models.PositiveIntegerField(
        _("stock"), null=True, blank=True, help_text=_("How many may be given out; empty means no limit.")
    )
    # Counted in the same transaction as the issue, by a conditional update: two guests cannot share the last one.
    issued_count = models.PositiveIntegerField(_("issued"), default=0, editable=False)
    # What stands, and what it gave away: counted in the same transaction as each redemption and void.
    redeemed_count = models.PositiveIntegerField(_("redeemed"), default=0, editable=False)
    spent_minor = models.PositiveBigIntegerField(_("given away"), default=0, editable=False)
    # Where guests claim one of these themselves: /c/<claim_token>.
    claim_token = models.CharField(max_length=22, unique=True, default=new_code, editable=False)
    is_claimable = models.BooleanField(_("guests may claim one"), default=False)
    is_paused = models.BooleanField(_("paused"), default=False)
    ended_at = models.DateTimeField(
        _("ended at"), null=True, blank=True, editable=False
    )  # by hand, before its last day
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("coupon batch"), _("coupon batches")
        constraints = [
            models.CheckConstraint(condition=Q(uses_per_code__gte=1), name="batch_uses_at_least_one"),
            models.CheckConstraint(
                condition=Q(stock=None) | Q(issued_count__lte=F("stock")), name="batch_stock_not_exceeded"
            ),
            models.CheckConstraint(
                condition=Q(budget_minor=None) | Q(spent_minor__lte=F("budget_minor")),
                name="batch_budget_not_exceeded",
                violation_error_message=_("More than this has been given away already."),
            ),
            models.CheckConstraint(
                condition=Q(kind="percent", percent__gte=1, percent__lte=100) | (~Q(kind="percent") & Q(percent=None)),
                name="batch_percent_of_a_hundred",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="batch_ends_after_it_starts",
                violation_error_message=_("The last day lies before the first."),
            ),
        ]

    @property
    def mapping_key(self) -> str:
        return f"batch:{self.pk}"

    @property
    def week(self) -> Hours:
        return Hours.read(self.hours)

    @property
    def item(self) -> str:
        """The free item, in the reader's language or else the other one."""
        both = (self.item_zh_hans, self.item_en)
        is_chinese = (get_language() or "zh-hans").startswith("zh")
        return (both[0] or both[1]) if is_chinese else (both[1] or both[0])

    @property
    def worth(self) -> str:
        """What it is worth, in the reader's language: ``¥15.00``, ``20%, at most ¥30.00`` or the item."""
        match self.kind:
            case Kind.PERCENT if self.cap_minor:
                return gettext("%(percent)d%%, at most %(cap)s") % self._share()
            case Kind.PERCENT:
                return f"{self.percent}%"
            case Kind.FREE_ITEM:
                return self.item
        return format_money(self.face_value_minor)

    @property
    def promise(self) -> str:
        """What a guest is told that it is worth."""
        match self.kind:
            case Kind.PERCENT if self.cap_minor:
                return gettext("%(percent)d%% off your bill, at most %(cap)s") % self._share()
            case Kind.PERCENT:
                return gettext("%(percent)d%% off your bill") % self._share()
            case Kind.FREE_ITEM:
                return gettext("%(item)s for free") % {"item": self.item}
        return gettext("%(amount)s off your bill") % {"amount": format_money(self.face_value_minor)}

    def _share(self) -> dict[str, Any]:
        return {"percent": self.percent, "cap": format_money(self.cap_minor)}

    def discount_of(self, bill_minor: int) -> int:
        """Return what it takes off a bill, never more than the bill; a share is rounded down to whole minor units.

        Examples
        --------
        >>> CouponBatch(kind="percent", percent=15, cap_minor=3000).discount_of(9999)
        1499
        >>> CouponBatch(kind="percent", percent=15, cap_minor=1000).discount_of(9999)
        1000
        """
        if self.kind != Kind.PERCENT:
            return min(self.face_value_minor, bill_minor)
        share = bill_minor * (self.percent or 0) // 100
        return share if self.cap_minor is None else min(share, self.cap_minor)

    def is_over_at(self, moment: datetime) -> bool:
        """Whether it has ended for good: by hand, or since its last day is over by the business's clock."""
        if self.ended_at is not None and self.ended_at <= moment:
            return True
        return self.valid_until is not None and moment.astimezone(settings.BUSINESS_ZONE).date() > self.valid_until

    def clean(self) -> None:
        if self.campaign and self.campaign.channel_id != self.channel_id:
            raise ValidationError({"campaign": _("This campaign belongs to another channel.")})
