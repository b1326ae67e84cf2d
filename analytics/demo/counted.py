"""How often the demo's questionnaire was shown, by hour and device, and the answers that were begun and left."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from surveys.definition import DONT_REMEMBER
from surveys.models import Placement, PlacementDay, PlacementHour, Response, SurveyVersion

HOURS = {8: 6, 11: 4, 12: 9, 13: 5, 15: 7, 18: 8, 19: 6, 20: 2}
# Language, device, whether in WeChat: how many of a hundred guests.
DEVICES = {
    ("zh-hans", "phone", True): 71,
    ("zh-hans", "phone", False): 14,
    ("en", "phone", False): 8,
    ("en", "phone", True): 4,
    ("zh-hans", "tablet", False): 2,
    ("en", "desktop", False): 1,
}
LEFT_AT = ("first_heard+ nps?", "first_heard+ nps- phone?", "first_heard+ nps+ phone?")


def days(placements: Any, rows: Iterable[Any]) -> Iterator[PlacementDay]:
    for row in rows:
        yield PlacementDay(
            placement=placements[row.store], day=row.day, impressions=row.impressions, starts=row.starts,
            finishes=row.finishes,
        )  # fmt: skip


def hours(placements: Any, rows: Iterable[Any]) -> Iterator[PlacementHour]:
    """Yield the same views, starts and finishes, each in an hour of its day and on a kind of device."""
    for row in rows:
        rng = Random(f"{row.store} {row.day}")  # noqa: S311 - a demo
        counts: dict[Any, list[int]] = {}
        for number in range(row.impressions):
            seen = (_one(rng, HOURS), _one(rng, DEVICES))
            count = counts.setdefault(seen, [0, 0, 0])
            for event, limit in enumerate((row.impressions, row.starts, row.finishes)):
                count[event] += number < limit
        for (hour, (language, device, in_wechat)), (shown, started, finished) in counts.items():
            yield PlacementHour(
                placement=placements[row.store], hour=_at(placements[row.store], row.day, hour), language=language,
                device=device, in_wechat=in_wechat, impressions=shown, starts=started, finishes=finished,
            )  # fmt: skip


def left(placements: Any, version: SurveyVersion, rows: Iterable[Any]) -> Iterator[Response]:
    """Yield the answers that were begun and not finished."""
    for row in rows:
        rng = Random(f"{row.day} {row.store}")  # noqa: S311 - a demo
        for _number in range(row.starts - row.finishes):
            at = _at(placements[row.store], row.day, _one(rng, HOURS)) + timedelta(seconds=rng.randrange(3600))
            yield Response(
                placement=placements[row.store], version=version, language=_one(rng, DEVICES)[0], shown_at=at,
                started_at=at + timedelta(seconds=20), answers={"first_heard": DONT_REMEMBER}, saves=1,
                steps=rng.choice(LEFT_AT),
            )  # fmt: skip


def _one(rng: Random, weights: dict[Any, int]) -> Any:
    return rng.choices(list(weights), list(weights.values()))[0]


def _at(placement: Placement, day: Any, hour: int) -> datetime:
    return datetime.combine(day, time(hour), placement.store.zoneinfo)
