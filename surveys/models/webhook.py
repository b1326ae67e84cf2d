"""Other programs that hear of responses, and what was sent to them."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.customers.identities import open_sealed
from surveys.models.survey import Survey

BOTH_SECRETS = timedelta(hours=24)  # so long after a change messages carry a signature under the old secret too


class Webhook(models.Model):
    """An address that hears of each response; its secret is sealed, since whoever has it can speak in our name."""

    url = models.URLField(_("address"), max_length=500)
    survey = models.ForeignKey(Survey, models.CASCADE, null=True, blank=True, verbose_name=_("survey"))
    is_active = models.BooleanField(_("on"), default=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    sealed = models.BinaryField(editable=False)
    sealed_before = models.BinaryField(null=True, editable=False)
    changed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("webhook"), _("webhooks")

    def __str__(self) -> str:
        return self.url

    @property
    def secret(self) -> str:
        return open_sealed(bytes(self.sealed))

    def secrets(self) -> list[str]:
        """Return the secrets under which messages are signed now: the new one first."""
        before, changed = self.sealed_before, self.changed_at
        if before is not None and changed is not None and timezone.now() - changed < BOTH_SECRETS:
            return [self.secret, open_sealed(bytes(before))]
        return [self.secret]


class Delivery(models.Model):
    """A message on its way. The database is the queue: what waits is sent when ``next_at`` has come."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        TAKEN = "taken", _("taken")
        GIVEN_UP = "given_up", _("given up")

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=40, unique=True)
    event = models.CharField(max_length=40)
    body = models.TextField()
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_said = models.CharField(max_length=500, blank=True)
    last_milliseconds = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("message"), _("messages")
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["webhook", "-created_at"], name="delivery_of_webhook"),
        ]

    def __str__(self) -> str:
        return self.message_id
