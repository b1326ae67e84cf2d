"""The same partitions, judged side by side on the machines of a cluster."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from attribution.engine.partition import Judged, Terms, judge_partition
from attribution.warehouse import Evidence, Slice

PARTITIONS = 4  # about so many in a slice, which one task takes


@dataclass(frozen=True)
class Task:
    """One slice for one worker: partitions of about ``rows`` rows, results to ``out``, ``memory`` for sorting."""

    customers: Slice
    terms: Terms
    rows: int
    memory: str
    out: Path


# Calls a function for each task, on whatever machine, with a folder for its own files.
Spread = Callable[[Callable[[Task], list[str]], list[Task], Path], list[list[str]]]


def judged_side_by_side(
    evidence: Evidence, terms: Terms, spread: Spread, folder: Path, *, rows: int, memory: str
) -> Iterator[Judged]:
    """Yield the partitions in the order of customers once all are judged; each leaves the folder as it is yielded.

    Parameters
    ----------
    spread : does the work, such as `attribution.warehouse.map_on_cluster` at one address
    folder : empty; every machine sees it
    rows, memory : of a partition, and of a task for sorting
    """
    most = max(evidence.counts["touches_read"], evidence.counts["conversions_read"])
    slices = evidence.slices(folder / "evidence", -(-most // (rows * PARTITIONS)))
    out = folder / "judged"
    out.mkdir()
    tasks = [Task(customers, terms, rows, memory, out) for customers in slices]
    for files in spread(judge_slice, tasks, folder):
        for name in files:
            yield _loaded(out / name)
            (out / name).unlink()


def judge_slice(task: Task) -> list[str]:
    """Judge the partitions of a slice; return the names of their files in order. Twice is the same as once."""
    names = []
    with tempfile.TemporaryDirectory(prefix="wanamaker-") as spill:
        partitions = task.customers.partitions(task.rows, memory=task.memory, spill=Path(spill))
        for number, partition in enumerate(partitions):
            names.append(f"{task.customers.number}-{number}.arrow")
            with tempfile.NamedTemporaryFile(dir=task.out, delete=False) as file:
                _dump(judge_partition(partition, task.terms), file)
            Path(file.name).replace(task.out / names[-1])
    return names


def _dump(judged: Judged, file: Any) -> None:
    """Write what `_loaded` reads: a line of names and counts, then the tables as streams of Arrow."""
    tables = [judged.conversions, *judged.words.values(), *judged.credits.values()]
    head = {"words": [*judged.words], "credits": [*judged.credits], "counts": judged.counts}
    file.write(json.dumps(head).encode() + b"\n")
    for table in tables:
        with pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)


def _loaded(path: Path) -> Judged:
    with path.open("rb") as file:
        head = json.loads(file.readline())
        names = [None, *head["words"], *head["credits"]]
        tables = [pa.ipc.open_stream(file).read_all() for _ in names]
    words = len(head["words"]) + 1
    return Judged(
        conversions=tables[0],
        words=dict(zip(head["words"], tables[1:words], strict=True)),
        credits=dict(zip(head["credits"], tables[words:], strict=True)),
        counts=Counter(head["counts"]),
    )
