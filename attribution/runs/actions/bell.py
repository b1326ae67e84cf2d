"""The bell: what changes a Fact rings it, and the next run answers."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from attribution.jobs import Job, wake
from attribution.rows import has_row
from attribution.runs.models import Run, Stroke

REST_AFTER_FAILURE = timedelta(minutes=1)


def hear() -> None:
    """Write a stroke of the bell in the transaction that changes a Fact, and wake a worker once it is committed.

    A transaction rings once. The stroke alone makes sure of a run. The message is left out when an older stroke has
    sent one already: a flood of evidence then rings once.
    """
    if any(called[1] is _rung for called in connection.run_on_commit):
        return  # a stroke that a savepoint took back is not in the list
    table, at = Stroke._meta.db_table, connection.ops.adapt_datetimefield_value(timezone.now())
    woken = has_row(Stroke)
    with connection.cursor() as cursor:  # in plain SQL, since whoever writes anything comes by here
        cursor.execute(f"INSERT INTO {table} (at) VALUES (%s)", [at])  # noqa: S608 - our own name
    transaction.on_commit(_rung)
    if not woken:
        wake("runs.look")


def _rung() -> None:
    """Stand among what follows the commit as long as the transaction's stroke stands."""


def ask(*, now: bool = False) -> Run | None:
    """Return the run that waits; make one if the bell has rung since, or at once if ``now``."""
    if not (now or Stroke.objects.exists()):
        return Run.objects.filter(state=Job.State.WAITING).first()
    due = None if now else due_at()
    # Whoever asks second finds the first one's row: the database lets only one wait.
    Run.objects.bulk_create([Run(not_before=due)], ignore_conflicts=True)
    waiting = Run.objects.filter(state=Job.State.WAITING)
    if now:
        waiting.update(not_before=None)
    elif due is not None and due > timezone.now():
        wake("runs.look", seconds=(due - timezone.now()).total_seconds())
    return waiting.first()


def due_at() -> datetime | None:
    """Return when the next run may start: a run of a second may follow every five seconds, one of an hour may not."""
    last = Run.objects.exclude(finished_at=None).order_by("-finished_at").first()
    if last is None or last.finished_at is None:
        return None
    rest = timedelta(seconds=settings.RUN_REST * (last.seconds or 0))
    return last.finished_at + (max(rest, REST_AFTER_FAILURE) if last.state == Job.State.FAILED else rest)
