"""What has changed since the last snapshot, in the eyes of a read transaction: which parts must be read again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pyarrow as pa
from django.db import connection
from django.db.models import Max

from attribution.facts import Fact
from attribution.runs.models import Mark, Run
from attribution.runs.snapshot.lookups import lookups, main_table
from attribution.runs.snapshot.reader import Reader
from attribution.runs.tracking import part_triggers, row_trigger

AT_ONCE = 1_000  # rows that are looked for in one query
MOST_ROWS = 20_000  # with more changed rows that others look up, reading everything is cheaper
TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT CAST(tgname AS text) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
}


def take() -> None:
    """Give the marks that stand a stamp of their own, in a transaction before the snapshot's: then they can be removed.

    SQLite's triggers leave alone a mark with the stamp 0 that is there already. If a snapshot removed such a mark after
    a later change was left to it, that change would be lost. On PostgreSQL the transaction's number does the same.
    """
    if connection.vendor == "sqlite":
        last = Mark.objects.aggregate(last=Max("stamp"))["last"] or 0
        Mark.objects.filter(stamp=0).update(stamp=last + 1)


@dataclass(frozen=True)
class Marks:
    """The marks that the read transaction sees, and the run whose files hold everything from before them."""

    base: Run | None
    removable: list[int]
    triggers: set[str]
    parts: dict[str, set[int]] = field(default_factory=dict)
    rows: dict[str, set[int]] = field(default_factory=dict)
    emptied: set[str] = field(default_factory=set)

    def is_tracked(self, fact: Fact) -> bool:
        """Whether all triggers stand that mark the Fact's changes: a table that was rebuilt may have lost them."""
        wanted = part_triggers(main_table(fact), connection.vendor) | {row_trigger(way.table) for way in lookups(fact)}
        return wanted <= self.triggers

    def dirty(self, reader: Reader, fact: Fact) -> set[int] | None:
        """Return the parts in which something may have changed; None if that can be any."""
        table = main_table(fact)
        if table in self.emptied or not self.is_tracked(fact):
            return None
        found = set(self.parts.get(table, ()))
        for way in lookups(fact):
            changed = self.rows.get(way.table, set())
            if len(changed) > MOST_ROWS:
                return None
            for rows in _chunks(changed):
                found |= _parts_of(reader, fact, fact.rows().filter(**{f"{way.path}__in": rows}))
        return found


def _parts_of(reader: Reader, fact: Fact, rows: Any) -> set[int]:
    assert fact.cut is not None
    schema = pa.schema([("key", fact.cut.type)])
    batches = reader.batches(rows.order_by().values_list(fact.cut.column), schema)
    return {part for batch in batches for part in fact.cut.parts(batch.column(0)).unique().to_pylist()}


def _chunks(rows: set[int]) -> Iterator[list[int]]:
    left = iter(sorted(rows))
    while some := list(islice(left, AT_ONCE)):
        yield some


def read_marks(reader: Reader) -> Marks:
    """Read the marks, and which run is the base; the first read of the snapshot."""
    schema = pa.schema([("id", pa.int64()), ("source", pa.string()), ("kind", pa.string()), ("key", pa.int64())])
    with_stamp = schema.append(pa.field("stamp", pa.int64()))
    marks = reader.table(Mark.objects.order_by("pk").values_list("id", "source", "kind", "key", "stamp"), with_stamp)
    bases = reader.table(Run.objects.filter(is_base=True).values_list("pk"), pa.schema([("id", pa.int64())]))
    found = Marks(
        base=Run.objects.filter(pk__in=bases["id"].to_pylist()).first(),
        removable=[mark["id"] for mark in marks.to_pylist() if mark["stamp"]],
        triggers=reader.names(TRIGGERS[connection.vendor]),
    )
    for mark in marks.to_pylist():
        if mark["kind"] == "all":
            found.emptied.add(mark["source"])
        else:
            by_source = found.parts if mark["kind"] == "part" else found.rows
            by_source.setdefault(mark["source"], set()).add(mark["key"])
    return found
