"""Whether two snapshots of one state say the same."""

from pathlib import Path

import pyarrow.parquet as pq

from attribution.runs.snapshot.parts import Written, file_of


def differing(one: Path, written: dict[str, Written], other: Path, again: dict[str, Written]) -> dict[str, list[int]]:
    """Return the cut Facts of which the folders hold different rows, each with the parts that differ.

    Files of one content may differ where another version of the library wrote them: then the rows are compared.
    """
    found = {}
    for name, first in written.items():
        second = again[name]
        unlike = [
            part
            for part in sorted(first.parts.keys() | second.parts.keys())
            if first.parts.get(part) != second.parts.get(part) and not _same_rows(one / name, other / name, part)
        ]
        if unlike:
            found[name] = unlike
    return found


def _same_rows(one: Path, other: Path, part: int) -> bool:
    files = file_of(one, part), file_of(other, part)
    return all(file.exists() for file in files) and pq.read_table(files[0]).equals(pq.read_table(files[1]))
