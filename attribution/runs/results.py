"""What a finished run has to say, for whoever measures it."""

from functools import lru_cache
from pathlib import Path

import duckdb

from attribution import facts
from attribution.engine import Judgement
from attribution.runs.models import Run
from attribution.warehouse import snapshot
from attribution.warehouse.snapshot import tables


class RunResults:
    """A run's judgements and the Facts that it judged.

    ``judgement`` answers for acquisition: each customer's first sale; its conversions carry ``store_id``, ``next_at``
    (the first sale on a later day, or null). ``orders`` answers for revenue: every sale; its conversions carry
    ``order_id``, ``store_id`` (how to join them: `attribution.runs.inputs.sales`). It is None for a run from before
    there was one. ``facts()`` is a DuckDB connection with a view per Fact.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.judgement = _judgement(run.uuid.hex, str(run.folder / "engine"))

    @property
    def orders(self) -> Judgement | None:
        folder = self.run.folder / "orders"
        return _judgement(self.run.uuid.hex, str(folder)) if folder.exists() else None

    def facts(self) -> duckdb.DuckDBPyConnection:
        # A run from before a Fact or a column of it was there knows nothing of it, and is shown all the same.
        known = {fact.name: fact.schema for fact in facts.REGISTRY.values()}
        return snapshot(self.run.folder / "facts", known=known)

    def facts_kept(self) -> set[str]:
        """Return the names of the Facts that there were when the run was made; `facts` has all others empty."""
        return set(tables(self.run.folder / "facts"))


@lru_cache(maxsize=8)
def _judgement(name: str, folder: str) -> Judgement:
    return Judgement(Path(folder))
