"""Amounts and counts are exact, and what is none says so."""

from decimal import ROUND_HALF_EVEN, Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets.read import half_even, parse_integers, parse_money, parse_scaled


def one(parsed):
    """Return the single value, or the code of its error."""
    return parsed.errors.iloc[0] if len(parsed.errors) else parsed.values.iloc[0]


def text(*values):
    return pd.Series(values, dtype="str")


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("18.5", 1850), ("¥18.50", 1850), ("￥ 1,234.50", 123450), ("18元", 1800), ("１８．５０", 1850),
        ("rmb 3", 300), ("3 CNY", 300),
        ("-¥5", -500), ("¥-5", -500), ("−5", -500), ("(12.00)", -1200), ("+3", 300), (".5", 50),
        ("3.", 300),
        ("0.005", 0), ("0.015", 2), ("0.025", 2), ("-0.015", -2), ("30.300000000000004", 3030),
        ("1,234,567", 123456700),
        ("9999999999999.99", 999999999999999),
    ],
)  # fmt: skip
def test_amounts_are_read_to_the_minor_unit_half_even(typed, minor):
    assert one(parse_money(text(typed), "CNY")) == minor


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12,50", "not_a_number"), ("1,23,456", "not_a_number"), ("abc", "not_a_number"), ("1e5", "not_a_number"),
        ("", "not_a_number"), ("--5", "not_a_number"), ("$5", "other_currency"), ("5€", "other_currency"),
        ("US$5", "other_currency"), ("10000000000000.01", "number_too_large"), ("9" * 30, "number_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_amount_has_a_code(typed, code):
    assert one(parse_money(text(typed), "CNY")) == code


def test_each_currency_knows_its_own_signs():
    assert one(parse_money(text("¥1200"), "JPY")) == 1200
    assert one(parse_money(text("$12"), "USD")) == 1200
    assert one(parse_money(text("¥12"), "USD")) == "other_currency"
    assert one(parse_money(text("CHF 12"), "CHF")) == "not_a_number"


def test_values_and_errors_keep_the_numbers_of_their_rows():
    column = pd.Series(["1", None, "x", "1"], index=[2, 3, 5, 9], dtype="str")
    parsed = parse_money(column, "CNY")
    assert (parsed.values.index.tolist(), parsed.values.tolist()) == ([2, 3, 5, 9], [100, pd.NA, pd.NA, 100])
    assert parsed.errors.to_dict() == {5: "not_a_number"}
    assert (str(parsed.values.dtype), str(parsed.errors.dtype)) == ("Int64", "str")


def test_an_empty_column_is_no_error():
    parsed = parse_integers(text())
    assert (len(parsed.values), len(parsed.errors)) == (0, 0)


@pytest.mark.parametrize(
    ("typed", "whole"),
    [("12", 12), ("12.0", 12), ("-1,200", -1200), ("２", 2), ("2.5", "not_an_integer"), ("two", "not_an_integer")],
)
def test_counts_are_whole(typed, whole):
    assert one(parse_integers(text(typed))) == whole


def test_a_line_is_price_times_quantity_rounded_half_even():
    price = parse_scaled(text("2.125", "2.125", "0.085"), 6).values  # millionths
    quantity = parse_integers(text("1", "3", "-1")).values
    assert half_even(price * quantity, 10_000).tolist() == [212, 638, -8]  # 212.5, 637.5 and -8.5 cents


@settings(max_examples=100, deadline=None)
@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_rounding_agrees_with_decimal(number, divisor):
    wanted = (Decimal(number) / divisor).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert half_even(pd.Series([number], dtype="Int64"), divisor).tolist() == [int(wanted)]
