"""What a finished run has to say, for whoever measures it."""

from functools import lru_cache
from pathlib import Path

import duckdb

from attribution.engine import Judgement
from attribution.runs.models import Run
from attribution.warehouse import snapshot


class RunResults:
    """A run's judgement and the Facts that it judged.

    ``judgement`` answers for conversions and credits; its conversions carry ``store_id``, ``next_at`` (the first sale
    on a later day, or null). ``facts()`` is a DuckDB connection with a view per Fact.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.judgement = _judgement(run.uuid.hex, str(run.folder / "engine"))

    def facts(self) -> duckdb.DuckDBPyConnection:
        return snapshot(self.run.folder / "facts")


@lru_cache(maxsize=4)
def _judgement(name: str, folder: str) -> Judgement:
    return Judgement(Path(folder))
