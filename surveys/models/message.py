"""Coupons that guests have sent to a phone or an e-mail address."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys.models.response import Response

MOST_PER_COUPON = 3
MOST_PER_ADDRESS = 3  # a day


class CouponMessage(models.Model):
    """One coupon to one address, asked for once. The address is sealed, and erased when the message has ended.

    ``uuid`` is the request's and is handed to the backend, so that a request is sent once however often it is tried.
    The digest counts the messages of a day to one address; it is erased the day after.
    """

    class Channel(models.TextChoices):
        SMS = "sms", _("SMS")
        EMAIL = "email", _("e-mail")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        GIVEN_UP = "given_up", _("given up")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    response = models.ForeignKey(Response, models.CASCADE, related_name="messages")
    turn = models.PositiveSmallIntegerField()  # of the coupon's
    channel = models.CharField(_("way"), max_length=5, choices=Channel)
    language = models.CharField(max_length=10)
    sealed = models.BinaryField(null=True)
    address_digest = models.CharField(max_length=64, null=True)
    day = models.DateField()  # the business's
    turn_of_day = models.PositiveSmallIntegerField()  # of the address's
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(default=timezone.now)
    # While a backend that cannot tell a second try from another message has it: nobody knows whether it was sent.
    handed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=80, blank=True)  # the provider's
    error_code = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("coupon sent"), _("coupons sent")
        constraints = [
            models.UniqueConstraint(fields=["response", "turn"], name="couponmessage_turn_once"),
            models.UniqueConstraint(fields=["address_digest", "day", "turn_of_day"], name="couponmessage_day_once"),
            models.CheckConstraint(condition=Q(turn__range=(1, MOST_PER_COUPON)), name="couponmessage_turns"),
            models.CheckConstraint(
                condition=Q(turn_of_day__range=(1, MOST_PER_ADDRESS)), name="couponmessage_turns_of_day"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", sealed__isnull=False, ended_at=None)
                | Q(state__in=["sent", "given_up"], sealed=None, ended_at__isnull=False),
                name="couponmessage_address_erased_when_ended",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="couponmessage_waiting")]

    def __str__(self) -> str:
        return str(self.uuid)
