"""Tablets at the counter: how each is set up, when it was last heard of; files of answers that one could not send."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attribution.jobs import Job
from surveys.models.placement import Placement

SHORTEST_IDLE, LONGEST_IDLE = 15, 600  # seconds
SILENT_AFTER = timedelta(minutes=5)  # it says every minute that it lives


class Kiosk(models.Model):
    """The tablet of a place. Without a row it is set up as usual, and was never heard of."""

    class Partial(models.TextChoices):
        SUBMIT = "submit", _("keep what was answered")
        DISCARD = "discard", _("forget it")

    placement = models.OneToOneField(Placement, models.CASCADE, related_name="kiosk", verbose_name=_("placement"))
    idle_seconds = models.PositiveSmallIntegerField(
        _("seconds without a touch"),
        default=30,
        validators=[MinValueValidator(SHORTEST_IDLE), MaxValueValidator(LONGEST_IDLE)],
    )
    partial = models.CharField(_("when a guest walks away"), max_length=7, choices=Partial, default=Partial.SUBMIT)
    pin = models.CharField(max_length=128, blank=True)  # hashed as passwords are
    wrong_pins = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    # What it said last.
    seen_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(null=True)
    unsent = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    battery = models.PositiveSmallIntegerField(null=True)  # percent

    class Meta:
        verbose_name, verbose_name_plural = _("tablet"), _("tablets")
        constraints = [
            models.CheckConstraint(
                condition=Q(idle_seconds__range=(SHORTEST_IDLE, LONGEST_IDLE)), name="kiosk_idle_15_to_600"
            )
        ]

    def __str__(self) -> str:
        return str(self.placement)

    def opens_with(self, pin: str) -> bool:
        return bool(self.pin) and check_password(pin, self.pin)

    def is_locked_at(self, moment: datetime) -> bool:
        return self.locked_until is not None and moment < self.locked_until

    def is_silent_at(self, moment: datetime) -> bool:
        """Whether it should be heard of, and is not: one that was never switched on is not missed."""
        is_late = self.seen_at is not None and moment - self.seen_at > SILENT_AFTER
        return is_late and self.placement.is_open_at(moment)


class AnswerFile(Job):
    """Answers that staff saved on a tablet as a file, brought here for the worker to take in."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(_("file"), upload_to="answers/")
    name = models.CharField(max_length=200)
    handed_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    taken = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    # Those that could not be taken: [id, code, question or nothing] each, the first so many; and how many in all.
    rejected = models.PositiveIntegerField(default=0)
    rejections = models.JSONField(default=list)

    class Meta:
        verbose_name, verbose_name_plural = _("file of answers"), _("files of answers")
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state__in=["waiting", "running"]), name="answerfile_open")
        ]
