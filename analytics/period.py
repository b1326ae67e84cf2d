"""A period of whole days in the business's time zone, half-open: METRICS §1."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2200, 1, 1)


class PeriodError(ValueError):
    """A period that is none; ``code`` says why: ``bad_day``, ``out_of_range``, ``ends_too_early`` or ``no_preset``."""

    def __init__(self, code: str, value: str) -> None:
        super().__init__(f"{code}: {value}")
        self.code, self.value = code, value


@dataclass(frozen=True)
class Period:
    """The days from ``start`` up to, but not including, ``end``.

    Raises
    ------
    PeriodError : the end is not after the start, or a day lies outside 1990 to 2200

    Examples
    --------
    >>> march = Period(dt.date(2026, 3, 1), dt.date(2026, 4, 1), ZoneInfo("Asia/Shanghai"))
    >>> march.days, march.last_day.isoformat(), march.bounds[0].isoformat()
    (31, '2026-03-31', '2026-02-28T16:00:00+00:00')
    """

    start: dt.date
    end: dt.date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        for day in (self.start, self.end):
            if not EARLIEST <= day <= LATEST:
                raise PeriodError("out_of_range", day.isoformat())
        if self.end <= self.start:
            raise PeriodError("ends_too_early", self.end.isoformat())

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> dt.date:
        return self.end - dt.timedelta(days=1)

    @property
    def bounds(self) -> tuple[dt.datetime, dt.datetime]:
        """The moments, in UTC, at which the period begins and at which it is over."""
        return midnight(self.start, self.zone), midnight(self.end, self.zone)


def midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the moment, in UTC, at which a day begins in a zone."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def parse(start: str, end: str, zone: ZoneInfo) -> Period:
    """Return the period between two days written as 2026-03-01; ``end`` is the first day that is not in it.

    Raises
    ------
    PeriodError : a text is no day, or see :class:`Period`
    """
    return Period(parse_day(start), parse_day(end), zone)


def parse_day(text: str) -> dt.date:
    """Return the day that a text such as 2026-03-01 names.

    Raises
    ------
    PeriodError : it names none
    """
    try:
        return dt.datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise PeriodError("bad_day", text[:40]) from error


def preset(name: str, today: dt.date, zone: ZoneInfo, history_starts: dt.date) -> Period:
    """Return a period by its name, seen from ``today``, which is its last day unless the name says otherwise.

    Names: see ``PRESETS``. ``all`` begins with the business's history.

    Raises
    ------
    PeriodError : no such name

    Examples
    --------
    >>> last = preset("last_month", dt.date(2026, 3, 15), ZoneInfo("Asia/Shanghai"), dt.date(2020, 1, 1))
    >>> last.start.isoformat(), last.end.isoformat()
    ('2026-02-01', '2026-03-01')
    """
    month, tomorrow = today.replace(day=1), today + dt.timedelta(days=1)
    spans = {
        "this_month": (month, tomorrow),
        "last_month": ((month - dt.timedelta(days=1)).replace(day=1), month),
        "last_30_days": (tomorrow - dt.timedelta(days=30), tomorrow),
        "last_90_days": (tomorrow - dt.timedelta(days=90), tomorrow),
        "last_365_days": (tomorrow - dt.timedelta(days=365), tomorrow),
        "this_year": (today.replace(month=1, day=1), tomorrow),
        "all": (min(history_starts, today), tomorrow),
    }
    if name not in spans:
        raise PeriodError("no_preset", name[:40])
    return Period(*spans[name], zone)


# The first is the one that a page opens with: long enough for somebody to have been followed for 90 days.
PRESETS = ("last_365_days", "this_year", "last_90_days", "last_30_days", "last_month", "this_month", "all")
