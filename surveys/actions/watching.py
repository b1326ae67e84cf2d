"""Alarms: places whose last full day lies outside what is usual there."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from surveys.models import Placement, PlacementAlarm, PlacementDay
from surveys.usual import WINDOW_DAYS, Counts, Unusual, unusual


def watch_placements() -> None:
    """Compare each place's last full day with its own days before. Done again on the same day, it changes nothing."""
    now = timezone.now()
    counted = _counted(now)
    placements = Placement.objects.select_related("survey", "store").annotate(first=Min("days__day"))
    for placement in placements.filter(first__isnull=False):
        day = now.astimezone(placement.store.zoneinfo).date() - timedelta(days=1)
        days = counted.get(placement.pk, {})
        found = [] if _rests(placement, day, now) else unusual(days, day, placement.first)
        _keep(placement, day, days, found)


def _counted(now: datetime) -> dict[int, dict[date, Counts]]:
    """Return each place's counts by day, of the days that are compared."""
    since = now.date() - timedelta(days=WINDOW_DAYS + 3)  # in no zone is a day further away
    counted: dict[int, dict[date, Counts]] = {}
    rows = PlacementDay.objects.filter(day__gte=since)
    for placement, day, shown, finished in rows.values_list("placement", "day", "impressions", "finishes"):
        counted.setdefault(placement, {})[day] = (shown, finished)
    return counted


def _rests(placement: Placement, day: date, now: datetime) -> bool:
    """Whether nothing was to be expected of a place that day, or is any more."""
    week = placement.week
    return placement.has_ended_at(now) or not (week.is_always or week.days[day.weekday()])


@transaction.atomic
def _keep(placement: Placement, day: date, days: dict[date, Counts], found: list[Unusual]) -> None:
    """Raise what is new, bring up to date what lasts, end what has ended."""
    kinds = [one.kind for one in found]
    lasting = PlacementAlarm.objects.filter(placement=placement, ended_at=None)
    lasting.exclude(kind__in=kinds).update(ended_at=timezone.now())
    shown = [each for each, (views, _finished) in days.items() if views and each <= day]
    for one in found:
        values = {"day": day, "value": one.value, "low": one.low, "high": one.high}
        values["last_shown"] = max(shown, default=None)
        PlacementAlarm.objects.update_or_create(
            placement=placement, kind=one.kind, ended_at=None, defaults=values, create_defaults=values | {"since": day}
        )


@transaction.atomic
def acknowledge_alarm(*, alarm: PlacementAlarm, staff: Any) -> None:
    """Note that somebody knows; who was first stays."""
    unseen = PlacementAlarm.objects.filter(pk=alarm.pk, acknowledged_at=None)
    unseen.update(acknowledged_at=timezone.now(), acknowledged_by=staff)
