"""Runs: who judged what, from which snapshot, with which parameters; and the bell's strokes that no run has heard."""

import uuid
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.jobs import Job, JobQuerySet
from attribution.runs.querysets import RunQuerySet


class Stroke(models.Model):
    """One ring of the bell, written in the transaction that changed a Fact. A run removes the strokes that it could see
    before it read anything; what is left, or comes later, asks for another run."""

    at = models.DateTimeField(default=timezone.now)


class Mark(models.Model):
    """Something that changed since the last snapshot read it; triggers write it (`attribution.runs.tracking`).

    ``kind`` "part": rows in the part ``key`` of the table ``source``; "row": a row that others look up, by its id;
    "all": the table was emptied. ``stamp`` tells apart what would otherwise be one mark, so that a snapshot removes no
    mark of a change that it did not see: on PostgreSQL the number of the transaction; on SQLite 0 until a snapshot
    takes what there is, and a number of its own from then on.
    """

    source = models.CharField(max_length=63)
    kind = models.CharField(max_length=4)
    key = models.BigIntegerField()
    stamp = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "key", "stamp"], name="mark_once")]


class Filed(Job):
    """A job that has a folder."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True

    @property
    def folder(self) -> Path:
        return Path(settings.SNAPSHOT_DIR) / str(self.uuid)

    def part(self, attempt: int) -> Path:
        """Return the folder in which one attempt works, until all is done."""
        return Path(f"{self.folder}.part{attempt}")


class Run(Filed):
    parameters = models.JSONField(_("parameters"), default=dict)
    model_settings = models.JSONField(_("settings of the models"), default=dict)  # seeds, priors, libraries
    snapshot = models.JSONField(_("snapshot"), default=dict)  # rows and checksum per Fact, and what was taken over
    excluded = models.JSONField(_("excluded"), default=dict)  # reason → rows, as the engine counted them: first orders
    orders_excluded = models.JSONField(_("excluded orders"), default=dict)  # the same of all orders
    results = models.JSONField(default=dict)  # what the models say: see `attribution.runs.record.results`
    files = models.JSONField(default=dict)  # file of the judgements → SHA-256
    timings = models.JSONField(default=dict)  # step → seconds
    peak_memory = models.BigIntegerField(_("peak memory"), null=True, blank=True)  # bytes, of the process
    code_version = models.CharField(_("code version"), max_length=40, blank=True)
    seconds = models.FloatField(_("duration"), null=True, blank=True)
    customers = models.PositiveIntegerField(_("customers judged"), null=True, blank=True)
    watermark = models.DateTimeField(_("watermark"), null=True, blank=True)
    # The one whose files the next snapshot takes over: all that changed since it was read is marked.
    is_base = models.BooleanField(default=False, editable=False)
    read_whole = models.BooleanField(default=False, editable=False)  # the snapshot read everything
    # whether a snapshot that took something over was the same as all read anew; None if that was not tried
    is_proved = models.BooleanField(null=True, editable=False)
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
            models.UniqueConstraint(fields=["is_base"], condition=Q(is_base=True), name="run_one_base"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def has_files(self) -> bool:
        return self.state == self.State.DONE and self.pruned_at is None


class Recomputation(Filed):
    """A run's kept snapshot judged again, to see whether every number comes out the same."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="recomputations", verbose_name=_("run"))
    is_same = models.BooleanField(null=True, editable=False)
    code_version = models.CharField(_("code version"), max_length=40, blank=True)
    seconds = models.FloatField(_("duration"), null=True, blank=True)
    findings = models.JSONField(default=dict)  # see `attribution.runs.actions.recomputing`

    objects: ClassVar[Any] = JobQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("recomputation"), _("recomputations")
        constraints = [
            models.UniqueConstraint(
                fields=["run"], condition=Q(state__in=["waiting", "running"]), name="recomputation_one_at_a_time"
            )
        ]
