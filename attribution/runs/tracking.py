"""Triggers that mark what changes, in the transaction that changes it: nobody who writes has to remember.

A mark says in which part of a table rows have changed, or which row of a table that others look up in. What is
marked is read again by the next snapshot; what is not, is taken over (`attribution.runs.snapshot`).

Migrations use `Track`. What it makes of the same words must stay the same.
"""

# ruff: noqa: S608 - what is put into SQL are names of ours

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.migrations.operations.base import Operation

from attribution.facts import IDS_A_PART, Cut

EVENTS = ("insert", "update", "delete")
# {row} is NEW, OLD, or a row of a transition table.
KEYS = {
    ("ids", "sqlite"): "{row}.{column} / %d" % IDS_A_PART,  # noqa: UP031 - the braces are filled in later
    ("ids", "postgresql"): "{row}.{column} / %d" % IDS_A_PART,  # noqa: UP031
    ("months", "sqlite"): (
        "CAST(strftime('%Y', {row}.{column}) AS INTEGER) * 12 + CAST(strftime('%m', {row}.{column}) AS INTEGER) - 1"
    ),
    ("months", "postgresql"): (
        "(extract(year FROM {row}.{column} AT TIME ZONE 'UTC') * 12"
        " + extract(month FROM {row}.{column} AT TIME ZONE 'UTC') - 1)::bigint"
    ),
}


def part_triggers(table: str, vendor: str) -> set[str]:
    """Return the names of the triggers that mark the parts of a table."""
    events = EVENTS if vendor == "sqlite" else (*EVENTS, "truncate")
    return {f"mark_{table}_{event}" for event in events}


def row_trigger(table: str) -> str:
    """Return the name of the trigger that marks the rows of a table in which others look up."""
    return f"mark_{table}_row"


class Track(Operation):
    """Mark the changes of a table: of its parts, if it has a ``cut``, and of each row whose ``watched`` columns change.

    An insert or delete of a watched row needs no mark: no row that was there before can have looked it up.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, *, cut: Cut | None = None, watched: Sequence[str] = ()) -> None:
        self.table, self.cut, self.watched = table, cut, tuple(watched)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [self.table], {"cut": self.cut, "watched": self.watched}

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self.database_backwards(app_label, schema_editor, to_state, from_state)  # what an older one made goes first
        for statement in self.statements(schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        vendor = schema_editor.connection.vendor
        names = part_triggers(self.table, vendor) if self.cut else set()
        names |= {row_trigger(self.table)} if self.watched else set()
        for name in sorted(names):
            on = f" ON {self.table}" if vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}", params=None)

    def describe(self) -> str:
        return f"Mark the changes of {self.table}"

    def statements(self, vendor: str) -> Iterator[str]:
        """Yield the SQL that makes the triggers."""
        make = _Sqlite(self.table) if vendor == "sqlite" else _Postgres(self.table)
        if self.cut is not None:
            yield from make.parts(KEYS[self.cut.by, vendor].replace("{column}", self.cut.column))
        if self.watched:
            yield from make.rows(self.watched)


class _Sqlite:
    """Row by row. What stands already with the stamp 0 is not written again: a flood costs a look into an index."""

    def __init__(self, table: str) -> None:
        self.table = table

    def parts(self, key: str) -> Iterator[str]:
        for event, rows in zip(EVENTS, (("NEW",), ("OLD", "NEW"), ("OLD",)), strict=True):
            marks = " ".join(self._mark("part", key.replace("{row}", row)) for row in rows)
            yield f"CREATE TRIGGER mark_{self.table}_{event} AFTER {event.upper()} ON {self.table} BEGIN {marks} END"

    def rows(self, watched: Sequence[str]) -> Iterator[str]:
        changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in ("id", *watched))
        yield (
            f"CREATE TRIGGER {row_trigger(self.table)} AFTER UPDATE ON {self.table} WHEN {changed}"
            f" BEGIN {self._mark('row', 'OLD.id')} END"
        )

    def _mark(self, kind: str, key: str) -> str:
        # Without a conflict clause, since that of the statement that fired the trigger would take its place.
        known = f"source = '{self.table}' AND kind = '{kind}' AND key = {key} AND stamp = 0"
        return (
            f"INSERT INTO runs_mark (source, kind, key, stamp) SELECT '{self.table}', '{kind}', {key}, 0"
            f" WHERE {key} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runs_mark WHERE {known});"
        )


class _Postgres:
    """Once a statement. The stamp is the transaction's number, so that nobody waits for another's mark."""

    def __init__(self, table: str) -> None:
        self.table = table

    def parts(self, key: str) -> Iterator[str]:
        name = f"mark_{self.table}_parts"
        new, old = (self._mark("part", key.replace("{row}", "r"), f"{age}_rows r") for age in ("new", "old"))
        yield (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF TG_OP <> 'DELETE' THEN {new} END IF; IF TG_OP <> 'INSERT' THEN {old} END IF; RETURN NULL; END $$"
        )
        seen = ("NEW TABLE AS new_rows", "OLD TABLE AS old_rows NEW TABLE AS new_rows", "OLD TABLE AS old_rows")
        for event, tables in zip(EVENTS, seen, strict=True):
            yield (
                f"CREATE TRIGGER mark_{self.table}_{event} AFTER {event.upper()} ON {self.table}"
                f" REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )
        yield from self._emptied()

    def _emptied(self) -> Iterator[str]:
        """SQLite deletes row by row; TRUNCATE is a statement of its own kind."""
        name = f"mark_{self.table}_truncate"
        yield (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO runs_mark (source, kind, key, stamp)"
            f" VALUES ('{self.table}', 'all', 0, txid_current()) ON CONFLICT DO NOTHING; RETURN NULL; END $$"
        )
        yield (f"CREATE TRIGGER {name} AFTER TRUNCATE ON {self.table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()")

    def rows(self, watched: Sequence[str]) -> Iterator[str]:
        name = row_trigger(self.table)
        before, after = (", ".join(f"{row}.{column}" for column in watched) for row in ("r", "n"))
        changed = f"old_rows r JOIN new_rows n USING (id) WHERE ({before}) IS DISTINCT FROM ({after})"
        yield (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" {self._mark('row', 'id', changed)} RETURN NULL; END $$"
        )
        yield (
            f"CREATE TRIGGER {name} AFTER UPDATE ON {self.table} REFERENCING OLD TABLE AS old_rows"
            f" NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )

    def _mark(self, kind: str, key: str, rows: str) -> str:
        return (
            f"INSERT INTO runs_mark (source, kind, key, stamp) SELECT * FROM (SELECT DISTINCT '{self.table}', '{kind}',"
            f" {key} AS key, txid_current() FROM {rows}) found WHERE key IS NOT NULL ON CONFLICT DO NOTHING;"
        )
