"""A snapshot: every Fact in one read transaction, and each run's folder whole, though only what has changed is read.

A Fact with a cut is taken over from the last run's folder but for the parts that triggers have marked since
(`attribution.runs.tracking`). Without that folder, with another definition of the Fact, or where a trigger is missing,
the Fact is read whole. A snapshot can prove itself: it then reads everything as well, in the same transaction.
"""

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attribution import facts
from attribution.facts import Fact
from attribution.runs.snapshot.marks import Marks, read_marks
from attribution.runs.snapshot.parts import Before, Written, definition, write_cut, write_small
from attribution.runs.snapshot.proof import differing
from attribution.runs.snapshot.reader import Reader, reading

log = logging.getLogger(__name__)
MANIFEST = "snapshot.json"  # beside the Facts' folder: what the next snapshot needs to know of their parts


@dataclass(frozen=True)
class Snapshot:
    """What was written, the base that it took over from, and which marks are spent once it is the base itself.

    ``proof`` is None, or the Facts that a reading of everything gave otherwise (it was kept then), with the numbers of
    their parts.
    """

    facts: dict[str, Written]
    base: int | None
    marks: list[int] = field(repr=False)
    proof: dict[str, list[int]] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether everything was read."""
        return self.proof is not None or all(one.is_whole for one in self.facts.values())


def write_facts(
    folder: Path, tell: Callable[[int, int], None], *, whole: bool = False, prove: bool = False
) -> Snapshot:
    """Write every registered Fact to ``folder``: ``<name>.parquet``, or ``<name>/<part>.parquet`` if it is cut.

    Parameters
    ----------
    tell : hears of the progress: (done, total)
    whole : read everything, whatever could be taken over
    prove : read everything as well, and keep that if it differs
    """
    proof = None
    with reading() as reader:
        marks = read_marks(reader)
        written = _write(reader, folder, tell, None if whole else marks)
        if prove and not all(one.is_whole for one in written.values()):
            other = folder.with_name("whole")
            again = _write(reader, other, tell, None)
            proof = differing(folder, written, other, again)
            if proof:
                log.error("The incremental snapshot differs from a reading of everything: %s", proof)
                shutil.rmtree(folder)
                other.rename(folder)
                written = again
            else:
                shutil.rmtree(other)
    record = {name: {"definition": one.definition, "parts": one.parts} for name, one in written.items()}
    folder.with_name(MANIFEST).write_text(json.dumps(record), encoding="utf-8")
    return Snapshot(written, None if marks.base is None else marks.base.pk, marks.removable, proof)


def check_facts(folder: Path, tell: Callable[[int, int], None]) -> tuple[dict[str, Written], dict[str, list[int]]]:
    """Write an incremental snapshot and one of everything below ``folder``, in one read transaction, and compare them.

    Returns what was written incrementally, and the Facts that differ with the numbers of their parts. No mark is spent.
    """
    with reading() as reader:
        written = _write(reader, folder / "facts", tell, read_marks(reader))
        again = _write(reader, folder / "whole", tell, None)
    return written, differing(folder / "facts", written, folder / "whole", again)


def _write(reader: Reader, folder: Path, tell: Callable[[int, int], None], marks: Marks | None) -> dict[str, Written]:
    folder.mkdir(parents=True)
    known = {} if marks is None else _known(marks)
    written = {}
    wanted = sorted(facts.REGISTRY.values(), key=lambda fact: fact.name)
    for number, fact in enumerate(wanted):
        tell(number, len(wanted))
        if fact.cut is None:
            written[fact.name] = write_small(reader, fact, folder)
        else:
            before = None if marks is None else _before(reader, fact, marks, known.get(fact.name))
            written[fact.name] = write_cut(reader, fact, folder, before)
    return written


def _known(marks: Marks) -> dict[str, Any]:
    """Return what the base recorded of its Facts; nothing if its files are gone."""
    if marks.base is None:
        return {}
    try:
        known: dict[str, Any] = json.loads((marks.base.folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        log.warning("The files of run %s are gone; everything is read again", marks.base.pk)
        return {}
    return known


def _before(reader: Reader, fact: Fact, marks: Marks, known: dict[str, Any] | None) -> Before | None:
    """Return what can be taken over of a cut Fact, or None if it must be read whole."""
    if known is None or known["definition"] != definition(fact):
        return None
    dirty = marks.dirty(reader, fact)
    if dirty is None:
        return None
    assert marks.base is not None
    parts = {int(part): (rows, sha256) for part, (rows, sha256) in known["parts"].items()}
    return Before(marks.base.folder / "facts" / fact.name, parts, dirty)
