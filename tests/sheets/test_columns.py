"""Headings are recognised however people write them."""

import pytest

from sheets.read import MESSAGES, SheetError, recognise_columns

KNOWN = {"number": {"Order number", "订单号", "单号"}, "amount": {"Amount", "金额"}, "store": {"Store", "门店"}}


@pytest.mark.parametrize(
    "heading",
    [
        "order number",
        "ORDER_NUMBER",
        " Order-Number ",
        "ｏｒｄｅｒ　ｎｕｍｂｅｒ",
        "订单号",
        "订单 号：",
        "number",
        "单号（必填）",
    ],
)
def test_case_width_spaces_and_punctuation_do_not_matter(heading):
    assert recognise_columns([heading], KNOWN).mapping == {"number": heading}


def test_a_unit_in_brackets_may_be_left_out():
    assert recognise_columns(["金额(元)", "Amount 2"], KNOWN).mapping == {"amount": "金额(元)"}


def test_unknown_and_missing_columns_are_named():
    columns = recognise_columns(["订单号", "天气"], KNOWN, required=["number", "amount"])
    assert (columns.unknown, columns.missing) == (["天气"], ["amount"])
    with pytest.raises(SheetError, match=r"no column for 金额\. The file has: 订单号, 天气\."):
        columns.require({"amount": "金额"})
    with pytest.raises(SheetError, match="no column for amount"):
        columns.require()


def test_a_complete_file_passes():
    columns = recognise_columns(["单号"], KNOWN, required=["number"])
    assert columns.require() is columns


def test_two_columns_of_one_meaning_are_refused():
    with pytest.raises(SheetError, match="More than one column could be number: 订单号, 单号") as refused:
        recognise_columns(["订单号", "单号"], KNOWN)
    assert refused.value.params == {"field": "number", "columns": "订单号, 单号"}


def test_every_code_has_a_message():
    assert all(message.endswith(".") for message in MESSAGES.values())
