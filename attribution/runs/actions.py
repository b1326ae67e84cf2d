"""When a run is due, and what it does. The only writers of runs and of the bell's strokes."""

import hashlib
import json
import logging
import shutil
import time
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from attribution import engine
from attribution.jobs import Job, LostLease, wake
from attribution.runs import inputs
from attribution.runs.models import Run, Stroke
from attribution.runs.snapshot import write_facts
from attribution.warehouse import InputError

log = logging.getLogger(__name__)

REST = 5  # the next run starts no sooner than so many times the last one's duration after its end
REST_AFTER_FAILURE = timedelta(minutes=1)
STEPS = 100  # of a run's progress bar: the first half is the snapshot


def hear() -> None:
    """Write a stroke of the bell in the transaction that changes a Fact; wake a worker once it is committed.

    The stroke alone makes sure of a run. The message is left out when an older stroke has sent one already: a flood of
    evidence then rings once.
    """
    woken = Stroke.objects.exists()
    Stroke.objects.create()
    if not woken:
        wake("runs.look")


def look() -> Run | None:
    """Start a run if evidence has changed and it is due, or take up one whose worker died; return what was done."""
    ask()
    if Run.objects.filter(state=Job.State.RUNNING, lease_until__gte=timezone.now()).exists():
        return None
    run = Run.objects.claim_next()
    return None if run is None else execute(run)


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
    rest = timedelta(seconds=REST * (last.seconds or 0))
    return last.finished_at + (max(rest, REST_AFTER_FAILURE) if last.state == Job.State.FAILED else rest)


def execute(run: Run) -> Run:
    """Judge everything once. A run that is done twice, since its first worker died, writes the same again."""
    begun, folder = time.monotonic(), _work_folder(run)
    try:
        with run.failing_as("run_failed"), run.kept_alive():
            heard, watermark = _moment()
            written = write_facts(folder / "facts", lambda done, total: run.renew(done * STEPS // 2 // total, STEPS))
            run.renew(STEPS // 2, STEPS)
            judgement = engine.judge(
                inputs.touches(folder / "facts"),
                inputs.first_sales(folder / "facts", settings.BUSINESS_ZONE),
                folder / "engine",
                capabilities=inputs.capabilities(folder / "facts"),
                parameters=engine.Parameters(lookback=timedelta(days=settings.LOOKBACK_DAYS)),
                watermark=watermark,
            )
            snapshot = {"facts": {name: asdict(fact) for name, fact in written.items()}}
            _finish(run, folder, judgement, snapshot, watermark, heard, time.monotonic() - begun)
    except InputError:
        log.exception("Run %s was refused its input", run.pk)
    except LostLease:
        log.warning("Run %s was taken up by another worker", run.pk)
    finally:
        for attempt in range(1, run.attempts + 1):  # those of workers that were killed too
            shutil.rmtree(_part(run, attempt), ignore_errors=True)
    prune()
    if Stroke.objects.exists():
        ask()
    return run


def _work_folder(run: Run) -> Path:
    """Return an empty folder of this attempt alone: a worker that comes back late cannot spoil another's files."""
    folder = _part(run, run.attempts)
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _part(run: Run, attempt: int) -> Path:
    return Path(f"{run.folder}.part{attempt}")


def _moment() -> tuple[list[int], datetime]:
    """Return the strokes that can be heard now, and a time before which everything written has been committed.

    Both are read before the snapshot is: what rings later asks for another run. SQLite's writers come one after the
    other, and BEGIN IMMEDIATE waits for the one before; PostgreSQL tells the start of the oldest that still writes.
    """
    with transaction.atomic():
        heard = list(Stroke.objects.values_list("pk", flat=True))
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


def _finish(
    run: Run,
    folder: Path,
    judgement: engine.Judgement,
    snapshot: dict[str, Any],
    watermark: datetime,
    heard: list[int],
    seconds: float,
) -> None:
    values = {
        "parameters": judgement.manifest["parameters"],
        "snapshot": snapshot,
        "excluded": {name: rows for name, rows in judgement.counts.items() if rows},
        "code_version": code_version(),
        "seconds": round(seconds, 3),
        "customers": judgement.counts["conversions"],
        "watermark": watermark,
        "progress": STEPS,
    }
    (folder / "manifest.json").write_text(json.dumps(values, indent=1, default=str), encoding="utf-8")
    run.renew()  # a worker that comes back late stops here, before it replaces what another has finished
    shutil.rmtree(run.folder, ignore_errors=True)  # of an attempt that moved its files and died before it said so
    folder.rename(run.folder)
    with transaction.atomic():
        for start in range(0, len(heard), 5_000):
            Stroke.objects.filter(pk__in=heard[start : start + 5_000]).delete()
        run.finish(**values)


@cache
def code_version() -> str:
    """Return what names the arithmetic: a digest of the engine's own sources, the same in a checkout and an image."""
    sources = sorted(Path(engine.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


def prune() -> None:
    """Remove the files of runs that are neither among the newest nor the last of one of the last days."""
    done = Run.objects.filter(state=Job.State.DONE, pruned_at=None)
    kept = set(done.order_by("-pk").values_list("pk", flat=True)[: settings.RUNS_KEPT])
    since = timezone.now() - timedelta(days=settings.RUNS_KEPT_DAILY_DAYS)
    daily = done.filter(finished_at__gte=since).values("finished_at__date").annotate(last=Max("pk"))
    kept.update(row["last"] for row in daily)
    for run in done.exclude(pk__in=kept):
        shutil.rmtree(run.folder, ignore_errors=True)
        run.pruned_at = timezone.now()
        run.save(update_fields=["pruned_at"])
    # Nobody else removes what was begun for a run that was given up after its last worker died.
    in_work = {str(uuid) for uuid in Run.objects.open().values_list("uuid", flat=True)}
    for part in Path(settings.SNAPSHOT_DIR).glob("*.part*"):
        if part.name.partition(".")[0] not in in_work:
            shutil.rmtree(part, ignore_errors=True)
