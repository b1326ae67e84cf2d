"""Facts: the tables that may leave the database for the engine, and the bell that says that one has changed.

No Fact carries personal data: a customer is its number, nothing else. Each app declares its Facts in its ``facts.py``
and registers them in ``AppConfig.ready``; a snapshot writes every registered Fact as Parquet.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

CHANGED: list[Callable[[], None]] = []
REGISTRY: dict[str, "Fact"] = {}


IDS_A_PART = 2**16  # the triggers of old migrations know it too


@dataclass(frozen=True)
class Cut:
    """How a large Fact is cut into parts, so that a snapshot reads again only those in which something changed.

    ``column`` of the Fact's main table says to which part a row belongs: ``ids`` puts 65,536 numbers in a part, and
    ``months`` (of a time, UTC) one month. It hardly ever changes, is never NULL in the Fact, and grows as rows come in.
    """

    column: str = "id"
    by: Literal["ids", "months"] = "ids"

    @property
    def type(self) -> pa.DataType:
        return pa.int64() if self.by == "ids" else pa.timestamp("us")

    def parts(self, values: pa.Array) -> pa.Array:
        """Return the part of each value of the column: int64."""
        if self.by == "ids":
            return pc.shift_right(values, IDS_A_PART.bit_length() - 1)
        return pc.add(pc.multiply(pc.year(values), 12), pc.subtract(pc.month(values), 1))

    def bounds(self, first: int, last: int) -> tuple[Any, Any]:
        """Return the column's lowest value in the part ``first``, and the lowest after the part ``last``."""
        if self.by == "ids":
            return first * IDS_A_PART, (last + 1) * IDS_A_PART
        low, high = (datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in (first, last + 1))
        return low, high


@dataclass(frozen=True)
class Fact:
    """A named table of typed columns.

    ``columns`` maps a column's name to its Arrow type (times are ``timestamp[us]``, UTC; money int64 minor units).
    ``rows`` returns a Django ``values_list`` queryset with exactly these columns in this order. ``people`` maps the
    columns that are customers to the relation that they come from: who was merged leaves as the one that is left. A
    large Fact has a ``cut``; triggers then mark the parts that change (`attribution.runs.tracking`).
    """

    name: str
    columns: dict[str, pa.DataType]
    rows: Callable[[], Any] = field(compare=False)
    cut: Cut | None = None
    people: dict[str, str] = field(default_factory=dict)

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(list(self.columns.items()))


def register(*facts: Fact) -> None:
    for fact in facts:
        if REGISTRY.get(fact.name, fact) != fact:
            raise ValueError(f"two Facts are called {fact.name}")
        REGISTRY[fact.name] = fact


def on_change(listener: Callable[[], None]) -> None:
    """Have ``listener`` called, inside the writer's transaction, whenever a Fact changes."""
    if listener not in CHANGED:
        CHANGED.append(listener)


def ring() -> None:
    """Say, inside the transaction that changes a Fact, that it changes."""
    for listener in CHANGED:
        listener()
