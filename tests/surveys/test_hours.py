"""A week's hours: read as people write them, across midnight, by the clock of the store."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from attribution.hours import Hours, HoursError, parse_spans, written

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, tzinfo=SHANGHAI)
LUNCH_AND_NIGHT = ((600, 840), (1020, 1560))  # ten until two, five until two in the morning


def week(**days: tuple[tuple[int, int], ...]) -> Hours:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return Hours(tuple(days.get(name, ()) for name in names))


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("10:00-14:00, 17:00-02:00", LUNCH_AND_NIGHT),
        ("17至2，10：00～14：00", LUNCH_AND_NIGHT),
        ("00:00–24:00", ((0, 1440),)),
        ("9.30 to 11", ((570, 660),)),
        (" ", ()),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert parse_spans(text) == spans


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("all day", "not_hours"), ("10:00", "not_hours"), ("25-26", "no_time"), ("24:00-01:00", "no_time"),
        ("10:60-11:00", "no_time"), ("10-10", "empty"), ("10-14, 13-15", "overlap"), ("20-2, 21-22", "overlap"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(text: str, code: str) -> None:
    with pytest.raises(HoursError) as refused:
        parse_spans(text)

    assert refused.value.code == code


def test_hours_are_written_as_they_are_read() -> None:
    assert written(LUNCH_AND_NIGHT) == "10:00–14:00, 17:00–02:00"
    assert written(((0, 1440),)) == "00:00–24:00"


def test_a_week_without_hours_is_always_open_and_never_opens() -> None:
    assert Hours().is_open_at(MONDAY)
    assert Hours().opens_after(MONDAY) is None
    assert Hours.read([]) == Hours()
    assert Hours().stored() == []


@pytest.mark.parametrize(
    ("day", "hour", "minute", "is_open"),
    [
        (2, 9, 59, False), (2, 10, 0, True), (2, 13, 59, True), (2, 14, 0, False), (2, 23, 59, True),
        (3, 1, 59, True),  # Tuesday's first hours belong to Monday
        (3, 2, 0, False), (3, 10, 0, False),
        (2, 1, 0, False),  # and Monday's to Sunday, which is closed
    ],
)  # fmt: skip
def test_spans_end_where_they_end_and_may_pass_midnight(day: int, hour: int, minute: int, is_open: bool) -> None:
    assert week(mon=LUNCH_AND_NIGHT).is_open_at(MONDAY.replace(day=day, hour=hour, minute=minute)) is is_open


def test_a_sunday_night_ends_on_monday_morning() -> None:
    assert week(sun=((1320, 1500),)).is_open_at(MONDAY.replace(minute=59))


def test_the_next_opening_is_today_later_or_in_a_week() -> None:
    hours = week(mon=LUNCH_AND_NIGHT)

    assert hours.opens_after(MONDAY) == MONDAY.replace(hour=10)
    assert hours.opens_after(MONDAY.replace(hour=14)) == MONDAY.replace(hour=17)
    assert hours.opens_after(MONDAY.replace(hour=17)) == MONDAY.replace(day=9, hour=10)


def test_what_is_stored_is_read_again_and_most_days_are_the_usual_ones() -> None:
    hours = week(mon=((540, 600),), tue=LUNCH_AND_NIGHT, wed=LUNCH_AND_NIGHT, thu=LUNCH_AND_NIGHT, fri=LUNCH_AND_NIGHT)

    assert Hours.read(hours.stored()) == hours
    assert hours.usual == LUNCH_AND_NIGHT
