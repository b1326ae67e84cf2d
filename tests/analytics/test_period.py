"""Periods: half-open, whole days, in the business's zone."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.filters import PERIOD_NAMES
from analytics.period import PRESETS, Period, PeriodError, parse, preset

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = dt.date(2026, 3, 15)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_a_period_holds_its_first_day_and_not_its_end():
    march = parse("2026-03-01", "2026-04-01", SHANGHAI)

    assert (march.days, march.last_day) == (31, day("2026-03-31"))
    # Midnight in Shanghai is 16:00 UTC of the day before.
    assert [moment.isoformat() for moment in march.bounds] == ["2026-02-28T16:00:00+00:00", "2026-03-31T16:00:00+00:00"]


def test_a_day_on_which_the_clocks_change_is_still_one_day():
    # On 29 March 2026 Berlin goes from UTC+1 to UTC+2: the day has 23 hours.
    start, end = parse("2026-03-29", "2026-03-30", ZoneInfo("Europe/Berlin")).bounds

    assert end - start == dt.timedelta(hours=23)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("2026-03-01", "2026-03-01", "ends_too_early"),
        ("2026-03-02", "2026-03-01", "ends_too_early"),
        ("2026-02-30", "2026-03-01", "bad_day"),
        ("yesterday", "2026-03-01", "bad_day"),
        ("1889-03-01", "2026-03-01", "out_of_range"),
        ("2026-03-01", "2999-03-01", "out_of_range"),
    ],
)
def test_what_is_no_period_is_refused_by_name(start, end, code):
    with pytest.raises(PeriodError) as refusal:
        parse(start, end, SHANGHAI)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("last_90_days", "2025-12-16", "2026-03-16"),
        ("this_month", "2026-03-01", "2026-03-16"),
        ("last_month", "2026-02-01", "2026-03-01"),
        ("last_30_days", "2026-02-14", "2026-03-16"),
        ("last_365_days", "2025-03-16", "2026-03-16"),
        ("this_year", "2026-01-01", "2026-03-16"),
        ("all", "2020-05-01", "2026-03-16"),
    ],
)
def test_a_named_period_ends_with_today_unless_its_name_says_otherwise(name, start, end):
    found = preset(name, TODAY, SHANGHAI, day("2020-05-01"))

    assert (found.start, found.end) == (day(start), day(end))


def test_an_unknown_name_is_no_period():
    with pytest.raises(PeriodError, match="no_preset"):
        preset("last_week", TODAY, SHANGHAI, day("2020-05-01"))


@given(today=st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), name=st.sampled_from(PRESETS))
def test_a_named_period_is_one_on_every_day_of_every_year(today, name):
    found = preset(name, today, SHANGHAI, dt.date(2050, 1, 1))

    assert isinstance(found, Period)
    assert found.start <= today


def test_every_named_period_has_a_name_for_people():
    assert tuple(PERIOD_NAMES) == PRESETS
