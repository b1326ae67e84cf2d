"""What a run does: snapshot, two judgements, and the record of what they were made from."""

import json
import logging
import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from attribution import engine
from attribution.jobs import Job, LostLease
from attribution.runs import record
from attribution.runs.actions.bell import ask
from attribution.runs.actions.pruning import prune
from attribution.runs.memory import PeakMemory
from attribution.runs.models import Mark, Run, Stroke
from attribution.runs.snapshot import Snapshot, take_marks, write_facts
from attribution.runs.steps import Steps, judge_facts
from attribution.warehouse import InputError, WarehouseError

log = logging.getLogger(__name__)

PROOF_EVERY = timedelta(days=1)
SNAPSHOT_STEPS = 50  # of a run's progress bar of 100


def look() -> Run | None:
    """Start a run if evidence has changed and it is due, or take up one whose worker died; return what was done."""
    ask()
    if Run.objects.is_judging():
        return None
    run = Run.objects.claim_next()
    return None if run is None else execute(run)


def ask_after_update() -> Run | None:
    """Ask for a run if the newest one was made by other arithmetic than this: what it says may have changed."""
    latest = Run.objects.latest_done()
    if latest is None or latest.code_version == record.CODE_VERSION:
        return None
    return ask(now=True)


def execute(run: Run, *, whole: bool = False) -> Run:
    """Judge everything once. A run that is done twice, since its first worker died, writes the same again.

    The snapshot takes over what has not changed since the last one, unless ``whole``. Once a day it reads everything as
    well, to prove that nothing was missed.
    """
    begun, folder = time.monotonic(), _work_folder(run)
    try:
        with run.failing_as("run_failed"), run.kept_alive(), PeakMemory() as peak:
            heard, watermark = _moment()
            steps = Steps(lambda done: run.renew(done, record.STEPS))
            snapshot = write_facts(
                folder / "facts",
                lambda done, total: steps.tell("snapshot", done * SNAPSHOT_STEPS // total),
                whole=whole,
                prove=_proof_is_due(),
            )
            parameters = engine.Parameters(lookback=timedelta(days=settings.LOOKBACK_DAYS))
            judge_facts(folder / "facts", folder, parameters, watermark, settings.BUSINESS_ZONE, steps)
            values = record.of_run(folder, snapshot) | {"watermark": watermark, "peak_memory": peak.read()}
            values |= {"timings": steps.seconds(), "seconds": time.monotonic() - begun}
            _finish(run, _Finished(folder, snapshot, heard, values))
    except InputError:
        log.exception("Run %s was refused its input", run.pk)
    except WarehouseError:
        log.exception("Run %s was not judged by its cluster", run.pk)
    except LostLease:
        log.warning("Run %s was taken up by another worker", run.pk)
    finally:
        for attempt in range(1, run.attempts + 1):  # those of workers that were killed too
            shutil.rmtree(run.part(attempt), ignore_errors=True)
    prune()
    if Stroke.objects.exists():
        ask()
    return run


def _proof_is_due() -> bool:
    since = timezone.now() - PROOF_EVERY
    return not Run.objects.filter(state=Job.State.DONE, read_whole=True, finished_at__gte=since).exists()


def _work_folder(run: Run) -> Path:
    """Return an empty folder of this attempt alone: a worker that comes back late cannot spoil another's files."""
    folder = run.part(run.attempts)
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _moment() -> tuple[list[int], datetime]:
    """Return the strokes that can be heard now, and a time before which everything written has been committed.

    Both are read before the snapshot is: what rings later asks for another run. SQLite's writers come one after the
    other, and BEGIN IMMEDIATE waits for the one before; PostgreSQL tells the start of the oldest that still writes.
    """
    with transaction.atomic():
        heard = list(Stroke.objects.values_list("pk", flat=True))
        take_marks()
        now = timezone.now()
        if connection.vendor == "postgresql":  # pragma: no cover - what `make cluster-test` is for
            now = min(now, _oldest_writer() or now)
    return heard, now


def _oldest_writer() -> datetime | None:  # pragma: no cover
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(xact_start) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
        )
        oldest: datetime | None = cursor.fetchone()[0]
    return oldest


@dataclass(frozen=True)
class _Finished:
    folder: Path
    snapshot: Snapshot
    heard: list[int]
    values: dict[str, Any]


def _finish(run: Run, finished: _Finished) -> None:
    values = finished.values | {"seconds": round(finished.values["seconds"], 3), "progress": record.STEPS}
    manifest = json.dumps(values, indent=1, default=str)
    (finished.folder / "manifest.json").write_text(manifest, encoding="utf-8")
    run.renew()  # a worker that comes back late stops here, before it replaces what another has finished
    shutil.rmtree(run.folder, ignore_errors=True)  # of an attempt that moved its files and died before it said so
    finished.folder.rename(run.folder)
    with transaction.atomic():
        for some in _by_thousands(finished.heard):
            Stroke.objects.filter(pk__in=some).delete()
        _become_base(run, finished.snapshot)
        run.finish(**values)


def _become_base(run: Run, snapshot: Snapshot) -> None:
    """Have the next snapshot take over from this one, and remove the marks that it has seen.

    If another run has become the base meanwhile, that stays: the marks from before it are gone.
    """
    if snapshot.base is None:
        if Run.objects.filter(is_base=True).exists():
            return
    elif not Run.objects.filter(pk=snapshot.base, is_base=True).update(is_base=False):
        return
    Run.objects.filter(pk=run.pk).update(is_base=True)
    for some in _by_thousands(snapshot.marks):
        Mark.objects.filter(pk__in=some).delete()


def _by_thousands(numbers: list[int]) -> list[list[int]]:
    return [numbers[start : start + 5_000] for start in range(0, len(numbers), 5_000)]
