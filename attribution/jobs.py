"""Long work as rows: the database is the queue, Celery is the doorbell.

A :class:`Job` waits, is claimed by one conditional UPDATE (whoever sees the row count 0 knows that somebody else won),
holds a lease that it renews while it makes progress, and ends as done or failed. A worker that dies stops renewing;
after ``JOB_LEASE_SECONDS`` the row can be claimed again, and the work starts over from what is stored. Work must
therefore be such that doing it twice changes nothing.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import IO, Any, Self

from celery import current_app
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MOST_ATTEMPTS = 5


def wake(task: str, *, seconds: float = 0) -> None:
    """Have a worker look by the task of this name, once the transaction is committed.

    A broker that cannot be reached is logged, and no error: what was asked for is a row already, and beat looks anyway.
    """
    transaction.on_commit(lambda: current_app.send_task(task, countdown=seconds), robust=True)


class LostLease(Exception):
    """Another worker has taken the job up; this one must stop without writing anything more."""


class JobQuerySet(models.QuerySet[Any]):
    def due(self) -> Self:
        """What waits, and what was started by a worker that has fallen silent."""
        now = timezone.now()
        return self.filter(
            Q(state=Job.State.WAITING) & (Q(not_before=None) | Q(not_before__lte=now))
            | Q(state=Job.State.RUNNING, lease_until__lt=now)
        ).order_by("requested_at", "pk")

    def open(self) -> Self:
        return self.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])

    def claim_next(self) -> Any | None:
        """Return one due job, now running under our lease, or None. Never returns one job to two callers."""
        for row in self.due()[:10]:
            if row.claim():
                return row
        return None


class Job(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING, editable=False)
    requested_at = models.DateTimeField(_("requested at"), default=timezone.now, editable=False)
    not_before = models.DateTimeField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    progress = models.PositiveIntegerField(_("progress"), default=0, editable=False)  # in units of total
    total = models.PositiveIntegerField(_("total"), null=True, blank=True, editable=False)
    # A code with parameters, not a sentence: the reader's language is known only when it is read.
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error_params = models.JSONField(default=dict, blank=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def percent(self) -> int | None:
        return None if not self.total else min(100, self.progress * 100 // self.total)

    def claim(self) -> bool:
        """Take this job if it is still as we read it; a job tried too often fails instead of running for ever."""
        now = timezone.now()
        same = type(self).objects.filter(pk=self.pk, state=self.state, attempts=self.attempts)
        if self.state == self.State.RUNNING:
            same = same.filter(lease_until__lt=now)
        if self.attempts >= MOST_ATTEMPTS:
            same.update(state=self.State.FAILED, finished_at=now, error_code="worker_died")
            return False
        won = same.update(
            state=self.State.RUNNING,
            attempts=F("attempts") + 1,
            started_at=now,
            lease_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
        )
        if won:
            self.refresh_from_db()
        return bool(won)

    def _mine(self) -> models.QuerySet:
        return type(self).objects.filter(pk=self.pk, state=self.State.RUNNING, attempts=self.attempts)

    def renew(self, progress: int | None = None, total: int | None = None) -> None:
        """Say that we are alive, and how far we are; raise :class:`LostLease` if the job is no longer ours."""
        until = timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
        values: dict[str, Any] = {"lease_until": until}
        if progress is not None:
            values["progress"] = self.progress = progress
        if total is not None:
            values["total"] = self.total = total
        if not self._mine().update(**values):
            raise LostLease

    def finish(self, **values: Any) -> None:
        """End as done, writing ``values`` with it; raise :class:`LostLease` if the job is no longer ours."""
        self._end(self.State.DONE, values)

    def fail(self, code: str, **params: Any) -> None:
        self._end(self.State.FAILED, {"error_code": code, "error_params": params})

    def _end(self, state: str, values: dict[str, Any]) -> None:
        values |= {"state": state, "finished_at": timezone.now(), "lease_until": None}
        if not self._mine().update(**values):
            raise LostLease
        for name, value in values.items():
            setattr(self, name, value)

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Renew the lease from beside while one long step runs that cannot do it itself."""
        stop = threading.Event()

        def renew_until_stopped() -> None:
            try:
                while not stop.wait(settings.JOB_LEASE_SECONDS / 4):
                    self.renew()
            except LostLease:
                pass  # the step's own next renewal, or its end, says so where it matters
            finally:
                connection.close()

        beside = threading.Thread(target=renew_until_stopped, daemon=True)
        beside.start()
        try:
            yield
        finally:
            stop.set()
            beside.join()

    @contextmanager
    def failing_as(self, code: str) -> Iterator[None]:
        """Record an unforeseen error on the row, then let it out to the worker's log."""
        try:
            yield
        except LostLease:
            raise
        except Exception as error:
            self.fail(code, error=type(error).__name__)
            raise


class FileJob(Job):
    """A job whose end is a file, in the field ``file``, that is kept for a week."""

    KEPT = timedelta(days=7)
    AT_ONCE = 100

    class Meta:
        abstract = True

    def store(self, name: str, source: IO[bytes]) -> str:
        """Store the file under its name, in the place of what an attempt that died has left; return where it is."""
        default_storage.delete(name)
        return str(default_storage.save(name, File(source)))

    @classmethod
    def remove_old(cls) -> int:
        """Remove what was asked for longer ago than files are kept, with the files; return how many."""
        old = cls.objects.filter(requested_at__lt=timezone.now() - cls.KEPT).exclude(state=Job.State.RUNNING)
        rows: list[Any] = list(old[: cls.AT_ONCE])
        for row in rows:
            if row.file.name:
                default_storage.delete(row.file.name)
            row.delete()
        return len(rows)
