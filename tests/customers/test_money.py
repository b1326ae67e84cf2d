"""Amounts that people type, and how amounts read."""

from typing import Any

import pytest
from django.utils import translation

from attribution.money import BadAmount, exponent, format_money, parse_money


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("18.50", 1850), ("18.5", 1850), ("18", 1800), ("0", 0), ("1,234.56", 123456), (" ￥１８．５０ ", 1850),
        ("¥18.5", 1850), ("18.5元", 1850), ("CNY 18.5", 1850), ("18.5 rmb", 1850), ("-3.20", -320), ("+7", 700),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_type_it(typed: str, minor: int) -> None:
    assert parse_money(typed) == minor


@pytest.mark.parametrize(
    "typed",
    ["", "abc", "18.505", "1,23.4", "12,50", "1e5", "18.5.0", "--3", "9" * 18, "NaN", "∞", "18,5", "= 18", "1 800"],
)
def test_what_is_no_amount_is_refused_by_its_field(typed: str) -> None:
    with pytest.raises(BadAmount) as error:
        parse_money(typed, field="bill")
    assert error.value.field == "bill"
    assert f"“{typed[:40]}” is not an amount" in str(error.value)


def test_a_currency_without_cents_has_none(settings: Any) -> None:
    settings.CURRENCY = "JPY"
    assert exponent() == 0
    assert parse_money("1,800") == 1800
    with pytest.raises(BadAmount):
        parse_money("18.5")


def test_an_amount_reads_as_the_reader_writes_it_and_unknown_is_no_zero() -> None:
    assert [format_money(minor) for minor in (123456, 0, -50, None)] == ["¥1,234.56", "¥0.00", "-¥0.50", "—"]
    with translation.override("zh-hans"):
        assert format_money(123456) == "¥1,234.56"
