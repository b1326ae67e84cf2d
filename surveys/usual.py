"""PURE. Whether a place's last full day lies outside what is usual there, by its own days before."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

WINDOW_DAYS = 28
LEAST_DAYS = 14  # of history: with fewer nobody knows what is usual
LEAST_SHOWN = 10  # views a day: with fewer, chance does what it likes
SPREADS, DEVIATIONS = 4.0, 3.0  # beyond so many MADs, and beyond so many standard deviations of mere chance

Counts = tuple[int, int]  # shown and finished on a day
NOTHING: Counts = (0, 0)


@dataclass(frozen=True)
class Unusual:
    """``kind``: silent, few, many (views), rate_low, rate_high; what the day had, and the ends of what is usual."""

    kind: str
    value: float
    low: float
    high: float


def unusual(days: Mapping[date, Counts], day: date, first: date) -> list[Unusual]:
    """Return what is unusual about a day; nothing without enough history, which begins on the day ``first``.

    A day is unusual that lies beyond median ± 4 MAD of the 28 days before, beyond what chance alone does to such
    counts, and beyond all four days of its weekday: a place that rests on Mondays is silent as usual.
    """
    window = [day - timedelta(days=back) for back in range(1, WINDOW_DAYS + 1)]
    before = {each: days.get(each, NOTHING) for each in window if each >= first}
    if len(before) < LEAST_DAYS:
        return []
    return _views(before, days.get(day, NOTHING), day) or _rate(before, days.get(day, NOTHING), day)


def _views(before: Mapping[date, Counts], counts: Counts, day: date) -> list[Unusual]:
    views = {each: float(shown) for each, (shown, _finished) in before.items()}
    middle = median(views.values())
    if middle < LEAST_SHOWN:
        return []
    low, high = _range(list(views.values()), math.sqrt(middle))
    side = _side(float(counts[0]), low, high, _same_weekday(views, day))
    kinds = {-1: "few" if counts[0] else "silent", 1: "many"}
    return [Unusual(kinds[side], counts[0], max(low, 0.0), high)] if side else []


def _rate(before: Mapping[date, Counts], counts: Counts, day: date) -> list[Unusual]:
    busy = {each: finished / shown for each, (shown, finished) in before.items() if shown >= LEAST_SHOWN}
    if len(busy) < LEAST_DAYS or counts[0] < LEAST_SHOWN:
        return []
    middle = median(busy.values())
    low, high = _range(list(busy.values()), math.sqrt(middle * (1 - middle) / counts[0]))
    side = _side(counts[1] / counts[0], low, high, _same_weekday(busy, day))
    kinds = {-1: "rate_low", 1: "rate_high"}
    return [Unusual(kinds[side], counts[1] / counts[0], max(low, 0.0), min(high, 1.0))] if side else []


def _range(values: list[float], deviation: float) -> tuple[float, float]:
    middle = median(values)
    spread = median(abs(value - middle) for value in values)
    half = max(SPREADS * spread, DEVIATIONS * deviation)
    return middle - half, middle + half


def _same_weekday(values: Mapping[date, float], day: date) -> list[float]:
    return [value for each, value in values.items() if each.weekday() == day.weekday()]


def _side(value: float, low: float, high: float, same: list[float]) -> int:
    """Return -1 below what is usual, 1 above, 0 within."""
    if value < low and all(value < one for one in same):
        return -1
    return 1 if value > high and all(value > one for one in same) else 0
