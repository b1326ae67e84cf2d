"""A run's kept snapshot, judged again with its recorded parameters: does every number come out the same?"""

import logging
import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from attribution import engine
from attribution.engine import Judgement
from attribution.errors import DomainError
from attribution.jobs import LostLease
from attribution.runs import record
from attribution.runs.models import Recomputation, Run
from attribution.runs.same import unlike
from attribution.runs.snapshot import fact_checksum
from attribution.runs.steps import JUDGEMENTS, Steps, judge_facts

log = logging.getLogger(__name__)

MOST_NUMBERS = 100  # that differ and are named


class NotThere(DomainError):
    code = "run_without_files"
    message = _("This run’s files have been removed, so it cannot be recomputed.")


@transaction.atomic
def ask_again(*, run: Run) -> Recomputation:
    """Have a run recomputed; one that is under way already is returned.

    Raises NotThere for a run that has no files any more, or none yet.
    """
    if not run.has_files or not run.folder.exists():
        raise NotThere
    Recomputation.objects.bulk_create([Recomputation(run=run)], ignore_conflicts=True)
    found: Recomputation = run.recomputations.latest("pk")
    return found


def look_again() -> Recomputation | None:
    """Recompute what waits for it, or what a worker left that died; return what was done."""
    job = Recomputation.objects.claim_next()
    return None if job is None else recompute(job)


def recompute(job: Recomputation) -> Recomputation:
    """Judge again and compare. Nothing of the run changes."""
    begun, folder = time.monotonic(), job.part(job.attempts)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with job.failing_as("recomputation_failed"), job.kept_alive():
            steps = Steps(lambda done: job.renew(done, record.STEPS))
            _judge(job.run, folder, steps)
            findings = _compared(job.run, folder)
            is_same = not (findings["facts"] or findings["altered"] or findings["files"])
            job.finish(
                is_same=is_same,
                findings=findings,
                code_version=record.CODE_VERSION,
                seconds=round(time.monotonic() - begun, 3),
                progress=record.STEPS,
            )
    except LostLease:
        log.warning("Recomputation %s was taken up by another worker", job.pk)
    finally:
        for attempt in range(1, job.attempts + 1):
            shutil.rmtree(job.part(attempt), ignore_errors=True)
    return job


def _judge(run: Run, folder: Path, steps: Steps) -> None:
    parameters = engine.Parameters(**{name: timedelta(seconds=span) for name, span in run.parameters.items()})
    zone = ZoneInfo(run.model_settings["zone"]) if run.model_settings else settings.BUSINESS_ZONE
    assert run.watermark is not None
    judge_facts(run.folder / "facts", folder, parameters, run.watermark, zone, steps)


def _compared(run: Run, folder: Path) -> dict[str, Any]:
    """Return what differs.

    ``facts``: of the snapshot, what is not as it was recorded; ``altered``: the same of the judgements' files;
    ``files``: those that came out otherwise; ``numbers``: new customers that did, by model and channel, then and now.
    """
    kept = [name for name in JUDGEMENTS if (run.folder / name).exists()]  # older runs have no orders
    now = record.checksums(run.folder)
    files = [f"{name}/{file}" for name in kept for file in unlike(run.folder / name, folder / name)]
    return {
        "facts": [
            name
            for name, fact in sorted(run.snapshot["facts"].items())
            if fact_checksum(run.folder / "facts", name) != fact["sha256"]
        ],
        "altered": sorted(name for name, sha256 in run.files.items() if now.get(name) != sha256),
        "files": files,
        "numbers": _numbers(run.results, record.customers(Judgement(folder / "engine"))) if files else [],
    }


def _numbers(results: dict[str, Any], now: dict[str, Any]) -> list[list[Any]]:
    """Return model, channel, customers then and now, of those that differ; the largest differences first."""
    then, nothing = results.get("customers", now), [0.0]  # older runs did not record theirs
    pairs = {(model, channel) for found in (then, now) for model in found for channel in found[model]}
    both = [
        [model, channel, then.get(model, {}).get(channel, nothing)[0], now.get(model, {}).get(channel, nothing)[0]]
        for model, channel in sorted(pairs)
    ]
    different = [row for row in both if row[2] != row[3]]
    return sorted(different, key=lambda row: -abs(row[2] - row[3]))[:MOST_NUMBERS]
