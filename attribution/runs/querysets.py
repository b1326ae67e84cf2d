"""Many runs."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from attribution.jobs import JobQuerySet

if TYPE_CHECKING:
    from attribution.runs.models import Run


class RunQuerySet(JobQuerySet):
    def is_judging(self) -> bool:
        """Whether a living worker judges now."""
        return self.filter(state="running", lease_until__gte=timezone.now()).exists()

    def with_files(self) -> Any:
        return self.filter(state="done", pruned_at=None)

    def latest_done(self) -> "Run | None":
        """The run whose numbers are shown: the newest that is done and still has its files."""
        return self.with_files().order_by("-finished_at", "-pk").first()
