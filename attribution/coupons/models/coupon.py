"""One code of a batch."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.coupons.models.batch import CouponBatch, Issuer
from attribution.customers.models import Customer


class Coupon(models.Model):
    batch = models.ForeignKey(CouponBatch, models.PROTECT, related_name="coupons", verbose_name=_("coupon batch"))
    # the batch's, for the constraint
    issuer = models.CharField(_("issuer"), max_length=12, choices=Issuer, default=Issuer.OWN)
    code = models.CharField(_("code"), max_length=64)  # normalised: upper case, no hyphens
    issued_to = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="coupons", verbose_name=_("customer")
    )
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now)
    # When a guest took it (a claim or a thank-you); None for printed codes nobody has taken yet.
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    # Whose device claimed it at /c/<claim_token>; None for every other way of getting one.
    claim_digest = models.CharField(max_length=64, null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("coupon"), _("coupons")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "code"], name="coupon_code_unique_per_issuer"),
            models.UniqueConstraint(fields=["batch", "claim_digest"], name="coupon_claimed_once_a_device"),
        ]
        indexes = [
            models.Index(fields=["batch", "issued_at"], name="coupon_batch_issued"),
            models.Index(fields=["batch"], condition=Q(claimed_at__isnull=False), name="coupon_batch_claimed"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def last_day(self) -> date | None:
        """The last whole day on which it holds, by the business's clock; None without an end."""
        ends = [self.batch.valid_until] if self.batch.valid_until else []
        if self.batch.ended_at:
            ends.append(self.batch.ended_at.astimezone(settings.BUSINESS_ZONE).date())
        if self.expires_at:
            ends.append((self.expires_at - timedelta(microseconds=1)).astimezone(settings.BUSINESS_ZONE).date())
        return min(ends, default=None)
