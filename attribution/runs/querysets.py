"""Many runs."""

from typing import TYPE_CHECKING, Any

from attribution.jobs import JobQuerySet

if TYPE_CHECKING:
    from attribution.runs.models import Run


class RunQuerySet(JobQuerySet):
    def with_files(self) -> Any:
        return self.filter(state="done", pruned_at=None)

    def latest_done(self) -> "Run | None":
        """The run whose numbers are shown: the newest that is done and still has its files."""
        return self.with_files().order_by("-finished_at", "-pk").first()
