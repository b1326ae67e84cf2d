"""PURE. The hours of a week in which something holds or is open, and the parts of a day, by the clock of the store."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

DAY = 24 * 60  # minutes
# The parts of a store's day, each by the hour at which it begins; the last one ends when the first begins.
DAY_PARTS = (("morning", 6), ("lunch", 11), ("afternoon", 14), ("evening", 17), ("night", 21))
_BEGUN = " ".join(f"WHEN hour >= {hour} THEN {place}" for place, (_name, hour) in reversed(list(enumerate(DAY_PARTS))))
PART = f"CASE {_BEGUN} ELSE {len(DAY_PARTS) - 1} END"  # SQL: the place in DAY_PARTS of the column hour
Span = tuple[int, int]  # opens and closes, in minutes after the day's midnight; beyond DAY on the next day
Spans = tuple[Span, ...]

# People write 10:00-14:00, 10–14, 10：00～14：00 or 10:00至14:00, and several with a comma of either kind.
_BETWEEN_SPANS = re.compile(r"[,，、;；]")
_SPAN = re.compile(r"(\d{1,2})(?:[:：.](\d{2}))?\s*(?:-|–|—|~|～|至|to)\s*(\d{1,2})(?:[:：.](\d{2}))?")


class HoursError(ValueError):
    """Hours that cannot be meant; ``code`` is one of not_hours, no_time, empty, overlap."""

    def __init__(self, code: str, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(f"{code}: {text}")


@dataclass(frozen=True)
class Hours:
    """Seven days, Monday first, each with its spans. Without any span in the whole week it is always open."""

    days: tuple[Spans, ...] = ((),) * 7

    @classmethod
    def read(cls, stored: Any) -> "Hours":
        """Return the hours that `stored` wrote: nothing, or seven lists of pairs of minutes."""
        return cls(tuple(tuple((opens, closes) for opens, closes in day) for day in stored)) if stored else cls()

    def stored(self) -> list[list[list[int]]]:
        return [] if self.is_always else [[list(span) for span in day] for day in self.days]

    @property
    def is_always(self) -> bool:
        return not any(self.days)

    @property
    def usual(self) -> Spans:
        """The spans that most days have; of equally many, those of the earlier day."""
        return Counter(self.days).most_common(1)[0][0]

    def is_open_at(self, moment: datetime) -> bool:
        """Whether it is open at a moment of the store's own clock.

        Examples
        --------
        >>> late = Hours(((),) * 4 + (((17 * 60, 26 * 60),),) + ((),) * 2)  # Fridays from five until two
        >>> late.is_open_at(datetime(2026, 3, 7, 1, 59)), late.is_open_at(datetime(2026, 3, 7, 2, 0))
        (True, False)
        """
        today, minute = moment.weekday(), moment.hour * 60 + moment.minute
        return (
            self.is_always
            or any(opens <= minute < closes for opens, closes in self.days[today])
            or any(opens <= minute + DAY < closes for opens, closes in self.days[today - 1])
        )

    def opens_after(self, moment: datetime) -> datetime | None:
        """Return when it opens next, by the same clock; None where it always is."""
        for later in range(8):
            day = moment.date() + timedelta(days=later)
            for opens, _closes in self.days[day.weekday()]:
                opening = datetime.combine(day, time(opens // 60, opens % 60), moment.tzinfo)
                if opening > moment:
                    return opening
        return None


def parse_spans(text: str) -> Spans:
    """Return the spans of a day as somebody writes them; what closes before it opens, closes on the next day.

    Examples
    --------
    >>> parse_spans("10:00-14:00, 17–2")
    ((600, 840), (1020, 1560))
    """
    spans = sorted(_span(part.strip()) for part in _BETWEEN_SPANS.split(text) if part.strip())
    for (_opens, closes), (opens, _closes) in pairwise(spans):
        if opens < closes:
            raise HoursError("overlap", text)
    return tuple(spans)


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise HoursError("not_hours", text)
    hour, minute, last_hour, last_minute = (int(number or 0) for number in found.groups())
    opens, closes = hour * 60 + minute, last_hour * 60 + last_minute
    if max(minute, last_minute) > 59 or opens >= DAY or closes > DAY:
        raise HoursError("no_time", text)
    if opens == closes:
        raise HoursError("empty", text)
    return opens, closes if closes > opens else closes + DAY


def written(spans: Spans) -> str:
    """Return spans as they are read and written again.

    Examples
    --------
    >>> written(((600, 840), (1020, 1560)))
    '10:00–14:00, 17:00–02:00'
    """
    return ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in spans)


def _clock(minute: int) -> str:
    hour = 24 if minute == DAY else minute // 60 % 24
    return f"{hour:02}:{minute % 60:02}"
