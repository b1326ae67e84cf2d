"""Runs: who judged what, from which snapshot, with which parameters; and the bell's strokes that no run has heard."""

import uuid
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.jobs import Job
from attribution.runs.querysets import RunQuerySet


class Stroke(models.Model):
    """One ring of the bell, written in the transaction that changed a Fact. A run removes the strokes that it could see
    before it read anything; what is left, or comes later, asks for another run."""

    at = models.DateTimeField(default=timezone.now)


class Run(Job):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    parameters = models.JSONField(_("parameters"), default=dict)
    snapshot = models.JSONField(_("snapshot"), default=dict)  # watermark, rows and checksum per Fact
    excluded = models.JSONField(_("excluded"), default=dict)  # reason → rows, as the engine counted them
    code_version = models.CharField(_("code version"), max_length=40, blank=True)
    seconds = models.FloatField(_("duration"), null=True, blank=True)
    customers = models.PositiveIntegerField(_("customers judged"), null=True, blank=True)
    watermark = models.DateTimeField(_("watermark"), null=True, blank=True)
    # its files are gone; the row stays as a record
    pruned_at = models.DateTimeField(_("files removed at"), null=True, blank=True)

    objects: ClassVar[Any] = RunQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("run"), _("runs")
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state__in=["waiting", "running"]), name="run_open")
        ]
        constraints = [
            # Strokes that come while one waits will be heard by it: a second waiting run would judge the same.
            models.UniqueConstraint(fields=["state"], condition=Q(state="waiting"), name="run_one_waits"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def folder(self) -> Path:
        return Path(settings.SNAPSHOT_DIR) / str(self.uuid)
