"""Where touches get their channel from, and how a wrong one is put right.

A touch names the mapping that gave it its channel (``Touchpoint.mapping_key``): a tracked link, a coupon batch, a
choice of a survey. Links live here; batches and choices live in rooms that this one may not import, so each app
registers its own :class:`Source` from ``AppConfig.ready``, and the page /mappings/ shows them all:

    # coupons/apps.py
    def ready(self):
        mappings.register(coupons.mappings.BatchSource())

``rows`` is read for every view of the page: make it one or two queries (``select_related("channel")``). The page counts
the touches itself, by ``mapping_key``. ``correct`` is the app's action: in one transaction it changes its own row, then
calls ``evidence.actions.recode_touches``, which rings the bell, so that the next run follows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Count
from django.utils.functional import Promise

from attribution.evidence.models import Channel, Touchpoint

REGISTRY: dict[str, "Source"] = {}


@dataclass(frozen=True)
class Mapping:
    """One thing that means a channel: ``key`` is its ``mapping_key``, ``label`` its name in the reader's language.

    ``channel`` None: it means no channel. ``may_mean_none``: the page offers "no channel" for it too.
    """

    key: str
    label: str
    channel: Channel | None
    may_mean_none: bool = False


class Source(Protocol):
    """One kind of mapping. ``name`` is its stable name in addresses and the part of every key before the first ":"
    ("link", "batch", "choice"); ``title`` heads its rows on the page (lazily translated, plural: "Coupon batches")."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str | Promise: ...

    def rows(self) -> Iterable[Mapping]:
        """Return every mapping of this kind, in the order in which the page shows them."""
        ...

    def correct(self, key: str, channel: Channel | None) -> int:
        """Let ``key`` mean ``channel`` from now on and for all its touches; return how many touches changed."""
        ...


def register(source: Source) -> None:
    if source.name in REGISTRY and type(REGISTRY[source.name]) is not type(source):
        raise ValueError(f"two sources of mappings are called {source.name}")
    REGISTRY[source.name] = source


def sources() -> list[Source]:
    return [REGISTRY[name] for name in sorted(REGISTRY)]


def find(key: str) -> tuple[Source, Mapping] | None:
    """Return the mapping of this key and where it comes from, or None if there is none."""
    source = REGISTRY.get(key.partition(":")[0])
    row = next((row for row in source.rows() if row.key == key), None) if source else None
    return (source, row) if source and row else None


def touch_counts() -> dict[str, int]:
    """Return how many touches stand on each mapping; a key with none is left out."""
    counted = Touchpoint.objects.standing().values_list("mapping_key").annotate(Count("pk"))
    return dict(counted.order_by())
