"""Facts: the tables that may leave the database for the engine, and the bell that says that one has changed.

No Fact carries personal data: a customer is its number, nothing else. Each app declares its Facts in its ``facts.py``
and registers them in ``AppConfig.ready``; a snapshot writes every registered Fact as Parquet.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

CHANGED: list[Callable[[], None]] = []
REGISTRY: dict[str, "Fact"] = {}


@dataclass(frozen=True)
class Fact:
    """A named table of typed columns.

    ``columns`` maps a column's name to its Arrow type (times are ``timestamp[us]``, UTC; money int64 minor units).
    ``rows`` returns a Django ``values_list`` queryset with exactly these columns in this order.
    """

    name: str
    columns: dict[str, pa.DataType]
    rows: Callable[[], Any] = field(compare=False)

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
