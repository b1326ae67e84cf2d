"""How values read in both languages."""

import datetime as dt
import doctest
import importlib
from zoneinfo import ZoneInfo

import pytest

from sheets.display import display, display_interval
from sheets.table import Column

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("value", "kind", "chinese", "english"),
    [
        (None, "money", "—", "—"),
        ("茶", "text", "茶", "茶"),
        (1234567, "integer", "1,234,567", "1,234,567"),
        (1234567, "money", "¥12,345.67", "¥12,345.67"),
        (-5, "money", "-¥0.05", "-¥0.05"),
        (10266.669, "money", "¥102.67", "¥102.67"),
        (0.12345, "ratio", "12.3%", "12.3%"),
        (12.44, "number", "12.4", "12.4"),
        (dt.date(2026, 11, 22), "date", "2026年11月22日", "Nov 22, 2026"),
        (3725, "duration", "1:02:05", "1:02:05"),
        (-59.6, "duration", "−0:01:00", "−0:01:00"),
    ],
)
def test_values_read_as_people_write_them(value, kind, chinese, english):
    column = Column("x", "X", kind)
    assert display(value, column, "zh-hans", "CNY") == chinese
    assert display(value, column, "en", "CNY") == english


def test_a_moment_is_shown_in_the_zone_and_a_local_one_as_it_is():
    column = Column("at", "At", "datetime")
    moment = dt.datetime(2026, 11, 22, 16, 30, tzinfo=dt.UTC)
    assert display(moment, column, "zh-hans", "CNY", SHANGHAI) == "2026年11月23日 00:30:00"
    assert display(moment.replace(tzinfo=None), column, "zh-hans", "CNY", SHANGHAI) == "2026年11月22日 16:30:00"


def test_a_currency_without_cents_has_none():
    assert display(1200, Column("x", "X", "money"), "en", "JPY") == "¥1,200"


def test_a_number_may_have_no_decimals():
    assert display(12.5, Column("x", "X", "number", digits=0), "en", "CNY") == "12"  # half to even


@pytest.mark.parametrize(
    "module", ["values", "table", "display", "write.safe", "read.columns", "read.numbers", "read.dates"]
)
def test_examples_in_the_documentation_hold(module):
    found = doctest.testmod(importlib.import_module(f"sheets.{module}"))
    assert (found.failed, found.attempted > 0) == (0, True)


def test_an_interval_without_an_upper_end_says_so_and_an_unknown_one_nothing():
    cost = Column("cost", "Cost", "money")

    assert display_interval((1_010, 1_480), cost, "en", "CNY") == "¥10.10–¥14.80"
    assert display_interval((1_010, None), cost, "en", "CNY") == "¥10.10 and more"
    assert display_interval((1_010, None), cost, "zh-hans", "CNY") == "¥10.10 以上"
    assert display_interval((None, None), cost, "en", "CNY") is None
