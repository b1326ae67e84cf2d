"""Days and moments as people write them; what could be two dates is asked about, not guessed."""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from sheets.read import DateOrder, SheetError, parse_dates, parse_datetimes

SHANGHAI = ZoneInfo("Asia/Shanghai")


def text(*values):
    return pd.Series(values, dtype="str")


def day(typed, order=None):
    parsed = parse_dates(text(typed), order)
    return parsed.errors.iloc[0] if len(parsed.errors) else str(parsed.values.iloc[0])[:10]


def moment(typed, order=None, zone=SHANGHAI):
    parsed = parse_datetimes(text(typed), order, zone)
    return parsed.errors.iloc[0] if len(parsed.errors) else parsed.values.iloc[0].isoformat()


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-02", "2026/11/2", "2026.11.02", "2026年11月2日", "2026年11月2", "20261102", "２０２６－１１－０２",
        " 2.11.2026 ", "2026-11-02 18:30", "2026-11-02T18:30:00Z",
    ],
)  # fmt: skip
def test_days_are_read_however_the_year_is_set_apart(typed):
    assert day(typed) == "2026-11-02"


@pytest.mark.parametrize(
    "typed",
    [
        "2026-13-01",
        "2026-02-30",
        "2026-11/02",
        "11-02",
        "2.11.26",
        "yesterday",
        "0026-01-01",
        "9999-01-01",
        "1.13.2026",
    ],
)
def test_what_is_no_day_has_a_code(typed):
    assert day(typed) == "not_a_date"


def test_day_and_month_are_read_by_the_order_of_the_column():
    assert day("01/12/2009", "dmy") == "2009-12-01"
    assert day("01/12/2009", "mdy") == "2009-01-12"
    assert day("01/12/2009") == "not_a_date"
    assert day("05-05-2009") == "2009-05-05"
    assert day("13/01/2009", "mdy") == "not_a_date"


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["01/12/2009 07:45", "13/12/2009 07:45"], "dmy"),
        (["01/12/2009", "12/13/2009"], "mdy"),
        (["2009-12-01", None, "1.12.2009", "05/05/2009"], None),
    ],
)
def test_the_whole_column_says_which_order_it_has(column, order):
    found = DateOrder()
    for one in column:
        found.see(text(one))
    assert (found.decide(), found.settled) == (order, order is not None)


def test_a_column_that_never_says_is_refused_with_the_remedy():
    found = DateOrder()
    found.see(text("01/12/2009", "02/12/2009"))
    with pytest.raises(SheetError, match=r"“01/12/2009” can be read.*Write dates as 2026-11-22\."):
        found.decide()


@pytest.mark.parametrize(
    ("typed", "utc"),
    [
        ("2026-11-22 18:30", "2026-11-22T10:30:00+00:00"),
        ("2026-11-22T18:30:05.25", "2026-11-22T10:30:05.250000+00:00"),
        ("2026-11-22 18:30:05+00:00", "2026-11-22T18:30:05+00:00"),
        ("2026-11-22T18:30Z", "2026-11-22T18:30:00+00:00"),
        ("2026-11-22 18:30:00+0530", "2026-11-22T13:00:00+00:00"),
        ("2026/11/22 下午6:30", "2026-11-22T10:30:00+00:00"),
        ("2026年11月22日 上午12时5分", "2026-11-21T16:05:00+00:00"),
        ("2026年11月22日18点30分5秒", "2026-11-22T10:30:05+00:00"),
        ("22.11.2026 6:30 PM", "2026-11-22T10:30:00+00:00"),
        ("2026-11-22 18:30 PM", "2026-11-22T10:30:00+00:00"),
        ("2026-11-22", "2026-11-21T16:00:00+00:00"),
        ("2026-11-22 24:30", "not_a_datetime"),
        ("2026-11-22 noon", "not_a_datetime"),
        ("2026-11-22 10:00+99:99", "not_a_datetime"),
    ],
)
def test_moments_without_an_offset_are_local(typed, utc):
    assert moment(typed) == utc


def test_moments_are_microseconds_in_utc_and_blanks_unknown():
    parsed = parse_datetimes(text("2026-11-22 18:30", None), None, SHANGHAI)
    assert str(parsed.values.dtype) == "datetime64[us, UTC]"
    assert parsed.values.isna().tolist() == [False, True]


def test_an_hour_that_clocks_repeat_or_skip_has_the_offset_before_the_change():
    london = ZoneInfo("Europe/London")
    assert moment("2026-10-25 01:30", zone=london) == "2026-10-25T00:30:00+00:00"
    assert moment("2026-03-29 01:30", zone=london) == "2026-03-29T01:30:00+00:00"
    assert parse_dates(text("2026-11-22")).values.iloc[0] == dt.datetime(2026, 11, 22)
