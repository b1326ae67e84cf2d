"""How often a page is shown, started and finished: by place, hour, language and kind of device. No row a view, and
nothing of who it was."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import connection
from django.http import HttpRequest

from surveys.models import Placement, PlacementDay, PlacementHour

Event = Literal["impressions", "starts", "finishes"]
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Seen:
    """What the first view tells of the guest's device; a start and a finish are counted where the view was."""

    language: str = UNKNOWN
    device: str = UNKNOWN
    in_wechat: bool = False

    @property
    def kind(self) -> str:
        """What the device is, and whether the page was read in WeChat: ``phone+wechat``."""
        return self.device + "+wechat" * self.in_wechat

    def written(self) -> list[Any]:
        return [self.language, self.device, int(self.in_wechat)]

    @classmethod
    def read(cls, written: list[Any]) -> "Seen":
        language, device, in_wechat = written
        return cls(str(language), str(device), bool(in_wechat))


NOT_SEEN = Seen()  # by a page of ours


def seen_by(request: HttpRequest, language: str) -> Seen:
    agent = request.headers.get("user-agent", "")
    return Seen(language, device_kind(agent), "MicroMessenger" in agent)


def device_kind(agent: str) -> str:
    """Return what a browser says it runs on: phone, tablet, desktop, or unknown. (An iPad says that it is a Mac.)

    Examples
    --------
    >>> device_kind("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Mobile Safari/537.36")
    'phone'
    """
    if "iPad" in agent or "Tablet" in agent or ("Android" in agent and "Mobile" not in agent):
        return "tablet"
    if "Mobile" in agent or "iPhone" in agent:
        return "phone"
    if any(system in agent for system in ("Windows", "Macintosh", "X11", "CrOS")):
        return "desktop"
    return UNKNOWN


def count(*, placement: Placement, at: datetime, seen: Seen, events: Collection[Event]) -> None:
    """Count on the day and in the hour, in the store, in which the page was first shown; what finished was shown.

    Call it last: until the transaction ends, whoever else counts the same hour waits for it.
    """
    local = at.astimezone(placement.store.zoneinfo)
    _add(PlacementDay, events, placement=placement, day=local.date())
    _add(
        PlacementHour, events, placement=placement, hour=local.replace(minute=0, second=0, microsecond=0),
        language=seen.language, device=seen.device, in_wechat=seen.in_wechat,
    )  # fmt: skip


def _add(model: Any, events: Collection[Event], **where: Any) -> None:
    """Add to the row, which may have to be made, in one statement of the database's own: Django has none for it."""
    table, more = model._meta.db_table, {event: int(event in events) for event in ("impressions", "starts", "finishes")}
    first = more | {"impressions": max(more["impressions"], more["finishes"])}
    names = [model._meta.get_field(name).column for name in where]
    values = [
        model._meta.get_field(name).get_db_prep_save(getattr(value, "pk", value), connection)
        for name, value in where.items()
    ]
    added = {event: f"{table}.{event} + {number}" for event, number in more.items()}
    shown, finished = added["impressions"], added["finishes"]
    added["impressions"] = f"CASE WHEN {shown} < {finished} THEN {finished} ELSE {shown} END"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join([*names, *first])})"  # noqa: S608 - names and numbers are our own
            f" VALUES ({', '.join(['%s'] * len(names))}, {', '.join(map(str, first.values()))})"
            f" ON CONFLICT ({', '.join(names)}) DO UPDATE"
            f" SET {', '.join(f'{event} = {sum_}' for event, sum_ in added.items())}",
            values,
        )
