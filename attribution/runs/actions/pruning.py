"""Which runs keep their files."""

import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from attribution.jobs import Job
from attribution.runs.models import Recomputation, Run


def prune() -> None:
    """Remove the files of runs that are neither among the newest nor the last of one of the last days.

    The run that the next snapshot takes over from keeps them too, and one that is being recomputed.
    """
    done = Run.objects.filter(state=Job.State.DONE, pruned_at=None)
    kept = set(done.order_by("-pk").values_list("pk", flat=True)[: settings.RUNS_KEPT])
    since = timezone.now() - timedelta(days=settings.RUNS_KEPT_DAILY_DAYS)
    daily = done.filter(finished_at__gte=since).values("finished_at__date").annotate(last=Max("pk"))
    kept.update(row["last"] for row in daily)
    kept.update(Recomputation.objects.open().values_list("run", flat=True))
    for run in done.exclude(pk__in=kept).exclude(is_base=True):
        shutil.rmtree(run.folder, ignore_errors=True)
        run.pruned_at = timezone.now()
        run.save(update_fields=["pruned_at"])
    _remove_what_nobody_works_at()


def _remove_what_nobody_works_at() -> None:
    """Nobody else removes what was begun for a job that was given up after its last worker died."""
    jobs = (*Run.objects.open(), *Recomputation.objects.open())
    in_work = {str(job.uuid) for job in jobs}
    for part in Path(settings.SNAPSHOT_DIR).glob("*.part*"):
        if part.name.partition(".")[0] not in in_work:
            shutil.rmtree(part, ignore_errors=True)
