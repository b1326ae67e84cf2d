"""Text as days and moments. What could be two dates is never guessed."""

import datetime as dt
import re
import unicodedata
from typing import Literal

import pandas as pd

from sheets.read.errors import SheetError
from sheets.read.numbers import Parsed, parse_each

Order = Literal["dmy", "mdy"]

_TIME = (
    r"(?:(?:T|\s)*(?P<noon>上午|下午|AM|PM)?\s*(?P<hour>\d{1,2})(?::|时|点)(?P<minute>\d{1,2})(?::|分)?"
    r"(?:(?P<second>\d{1,2})秒?(?P<fraction>\.\d{1,9})?)?\s*(?P<half>AM|PM)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})|年(?P<m>\d{1,2})月(?P<d>\d{1,2})日?"
    r"|(?P<mm>\d{2})(?P<dd>\d{2}))" + _TIME,
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(
    r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})" + _TIME, re.IGNORECASE
)


class DateOrder:
    """Finds out whether a column writes day or month first, from all of it.

    Show it the column chunk by chunk until :attr:`settled`, then ask :meth:`decide`. Only dates like ``01/12/2009``
    leave a question; with dots, ``1.12.2009``, the day is first wherever people write so.
    """

    def __init__(self) -> None:
        self._found: Order | None = None
        self._doubtful: str | None = None

    @property
    def settled(self) -> bool:
        """Whether one date has shown the order."""
        return self._found is not None

    def see(self, text: pd.Series) -> None:
        """Look at some of the column."""
        for one in text.dropna().unique():
            match = _YEAR_LAST.fullmatch(_narrow(one))
            if match is None or match["mark"] == ".":
                continue
            first, second = int(match["one"]), int(match["two"])
            if first > 12 or second > 12:
                self._found = "dmy" if first > 12 else "mdy"
                return
            if first != second:
                self._doubtful = self._doubtful or one

    def decide(self) -> Order | None:
        """Return the order, or None if no date needs one.

        Raises
        ------
        SheetError : ``ambiguous_dates``, when dates need an order and none shows it
        """
        if self._found is None and self._doubtful is not None:
            raise SheetError("ambiguous_dates", value=self._doubtful)
        return self._found


def parse_dates(text: pd.Series, order: Order | None = None) -> Parsed:
    """Return days (``datetime64[s]`` at midnight) of 2026-11-22, 2026/11/22, 2026年11月22日, 20261122, 22.11.2026.

    ``22/11/2026`` is read by ``order`` (see :class:`DateOrder`); a time of day is left out. Code: ``not_a_date``.
    """
    return parse_each(text, lambda value: _moment(value, order, "not_a_date", None).date(), "datetime64[s]")


def parse_datetimes(text: pd.Series, order: Order | None, zone: dt.tzinfo) -> Parsed:
    """Return moments in UTC (``datetime64[us, UTC]``); those without an offset are local times of ``zone``.

    A day alone is its midnight. An hour that clocks skip or repeat is read by the offset before the change. Code:
    ``not_a_datetime``.

    Examples
    --------
    >>> parse_datetimes(pd.Series(["2026-11-22 08:00"]), None, dt.timezone(dt.timedelta(hours=8))).values[0]
    Timestamp('2026-11-22 00:00:00+0000', tz='UTC')
    """

    def read(value: str) -> dt.datetime:
        return _moment(value, order, "not_a_datetime", zone).astimezone(dt.UTC)

    return parse_each(text, read, "datetime64[us, UTC]")


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _moment(text: str, order: Order | None, code: str, zone: dt.tzinfo | None) -> dt.datetime:
    plain = _narrow(text)
    match = _YEAR_FIRST.fullmatch(plain)
    if match is not None:
        year = int(match["year"])
        month = int(match["month"] or match["m"] or match["mm"])
        day = int(match["day"] or match["d"] or match["dd"])
    else:
        match = _YEAR_LAST.fullmatch(plain)
        if match is None:
            raise ValueError(code)
        one, two, year = int(match["one"]), int(match["two"]), int(match["year"])
        day_first = match["mark"] == "." or order == "dmy"
        if not day_first and order is None and one != two:
            raise ValueError(code)
        day, month = (one, two) if day_first else (two, one)
    try:
        return _with_time(dt.datetime(year, month, day), match, zone)  # noqa: DTZ001 - the zone follows
    except (ValueError, OverflowError) as error:
        raise ValueError(code) from error


def _with_time(day: dt.datetime, match: re.Match[str], zone: dt.tzinfo | None) -> dt.datetime:
    if not 1900 <= day.year <= 2200:
        raise ValueError("beyond any shop's books")
    hour = int(match["hour"] or 0)
    half = (match["noon"] or match["half"] or "").upper()
    if half:
        hour = hour % 12 + (12 if half in ("PM", "下午") else 0) if 1 <= hour <= 12 else hour
    moment = day.replace(
        hour=hour,
        minute=int(match["minute"] or 0),
        second=int(match["second"] or 0),
        microsecond=int(float(match["fraction"] or 0) * 1_000_000),
    )
    offset = match["offset"]
    if offset is None:
        return moment.replace(tzinfo=zone)
    if offset.upper() == "Z":
        return moment.replace(tzinfo=dt.UTC)
    return dt.datetime.fromisoformat(moment.isoformat() + offset)
