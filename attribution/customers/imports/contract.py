"""What an importer is: a list of columns, and a way to take some rows at once.

The work around it (:mod:`attribution.customers.imports.work`) recognises the columns, reads each cell as its field's
type, brings rows that belong together side by side, opens the transaction and counts. An importer is handed clean rows
only, and answers for each of them.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd
from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise

from attribution.customers.imports import reading
from attribution.errors import DomainError
from sheets.read import DateOrder, Parsed

Type = Literal["text", "integer", "money", "date", "datetime", "quantity", "price"]
REGISTRY: dict[str, "Importer"] = {}


@dataclass(frozen=True)
class Field:
    """One column that a file may have.

    ``label`` heads it in templates and names it in messages; ``headings`` are further names it is known by, in any
    language, compared without case, spaces and punctuation; ``samples`` fill the rows of the template.
    """

    name: str
    label: str | Promise
    headings: tuple[str, ...] = ()
    type: Type = "text"
    required: bool = False
    samples: tuple[str | Promise, ...] = ()
    most: int | None = None  # characters


@dataclass
class Context:
    """What holds for a whole file: what was chosen with it, which fields it has, how its columns write days."""

    options: dict[str, Any]
    mapping: dict[str, str] = field(default_factory=dict)  # field → heading as it stands in the file
    staff: Any = None
    orders: dict[str, Any] = field(default_factory=dict)  # of each column of days: dmy, mdy or None
    memory: dict[str, Any] = field(default_factory=dict)  # what the importer has looked up once for the whole file


@dataclass
class Taken:
    """What became of the rows: each is counted once. ``failed`` says why, by row number, in the uploader's language.

    ``remarks`` count what is worth knowing, by a code of the importer's ``remarks``.
    """

    inserted: int = 0
    updated: int = 0
    skipped: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    remarks: Counter[str] = field(default_factory=Counter)

    def count(self, outcome: str, rows: int = 1) -> None:
        setattr(self, outcome, getattr(self, outcome) + rows)

    @property
    def rows(self) -> int:
        return self.inserted + self.updated + self.skipped + len(self.failed)


class Importer(ABC):
    kind: str
    title: str | Promise
    fields: Sequence[Field]
    remarks: Mapping[str, str | Promise] = {}

    def missing(self, found: Iterable[str], options: Mapping[str, Any]) -> list[str]:
        """Return the fields that a file with these cannot do without."""
        return [one.name for one in self.fields if one.required and one.name not in set(found)]

    def basis(self) -> str:
        """Return a mark of the set-up by which rows are grouped: interrupted work goes on only if it is the same."""
        return ""

    def groups(self, rows: pd.DataFrame, context: Context) -> pd.Series | None:
        """Return, for rows of text by field, what they belong to (NA: to nothing). Groups are taken or fail as one."""
        return None

    def waits(self, rows: pd.DataFrame) -> pd.Series | None:
        """Return which rows' groups are to be taken after all others."""
        return None

    def read(self, rows: pd.DataFrame, context: Context) -> tuple[pd.DataFrame, dict[int, str]]:
        """Return the rows with each cell as its type, and why rows fail, by row number."""
        parsed = {one.name: self.cell(one, rows[one.name], context) for one in self.fields if one.name in rows}
        bad: dict[int, str] = {}
        for one in self.fields:
            if one.name in rows:
                reading.explain(bad, one, rows[one.name], parsed[one.name].errors)
        return pd.DataFrame({name: column.values for name, column in parsed.items()}, index=rows.index), bad

    def cell(self, one: Field, text: pd.Series, context: Context) -> Parsed:
        return reading.parse(one.type, text, context.orders.get(one.name), settings.BUSINESS_ZONE)

    @abstractmethod
    def take(self, rows: pd.DataFrame, context: Context) -> Taken:
        """Write clean rows (whole groups) inside the caller's transaction; doing it twice changes nothing."""


class RowImporter(Importer):
    """For files whose rows stand alone and are few: each is taken for itself, and a refused one stops no other."""

    def begin(self, context: Context) -> Any:
        """Return what all rows of a chunk need, looked up once."""
        return None

    @abstractmethod
    def take_row(self, row: dict[str, Any], known: Any, context: Context) -> str:
        """Write one row, cells by field, blank ones None; return inserted, updated or skipped, or raise DomainError."""

    def take(self, rows: pd.DataFrame, context: Context) -> Taken:
        taken, known = Taken(), self.begin(context)
        plain = rows.drop(columns="grp").astype(object).where(rows.notna(), None)
        for number, *cells in plain.itertuples(name=None):
            try:
                with transaction.atomic():
                    taken.count(self.take_row(dict(zip(plain.columns, cells, strict=True)), known, context))
            except DomainError as error:
                taken.failed[number] = str(error)
        return taken


def register(kind: str, importer: Importer) -> None:
    REGISTRY[kind] = importer


def importer_for(kind: str) -> Importer:
    return REGISTRY[kind]


def day_orders(importer: Importer) -> dict[str, DateOrder]:
    return {one.name: DateOrder() for one in importer.fields if one.type in {"date", "datetime"}}
