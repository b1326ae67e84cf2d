"""What the rows of order files say, and when they are at odds."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from attribution.customers.actions import find_customer, resolve_customer
from attribution.customers.imports.orders.columns import FIELDS, HEADINGS
from attribution.customers.imports.orders.reading import line_amount
from attribution.customers.models import Customer, Identity, Order
from sheets.read.columns import plain
from tests.customers.conftest import counts, reasons, table

pytestmark = pytest.mark.django_db


def rows(headings, *lines):
    return "\n".join([headings, *lines]) + "\n"


def test_an_order_file_may_have_one_row_for_each_order(imported):
    job = imported(rows("Order number,Date,Amount,Discount", "A1,2026-03-02,18.50,-2", "A2,2026-03-02,20,"))
    assert counts(job) == (2, 0, 0, 0)
    assert table() == {"A1": ("sale", 1850, 0), "A2": ("sale", 2000, 0)}
    assert Order.objects.get(number="A1").discount_minor == 200


def test_without_columns_for_items_a_number_cannot_stand_twice(imported):
    job = imported(rows("Order number,Date,Amount", "A1,2026-03-02,18", "A1,2026-03-02,20", "A2,2026-03-02,5"))
    assert counts(job) == (1, 0, 0, 2)
    assert reasons(job)[2] == "This order number stands on several rows, and the file has no columns for items."


def test_the_orders_own_amount_goes_before_the_sum_of_its_lines(imported):
    heading = "Order number,Date,Item,Amount,Order amount,Order discount"
    imported(rows(heading, "A1,2026-03-02,Tea,18,40,4", "A1,2026-03-02,Cake,26,40,4"))
    order = Order.objects.get()
    assert (order.amount_minor, order.discount_minor) == (4000, 400)
    assert [line.amount_minor for line in order.lines.order_by("position")] == [1800, 2600]


def test_discounts_of_lines_add_up_and_day_and_time_may_stand_apart(imported):
    heading = "单号,日期,时间,商品,数量,单价,优惠"
    imported(
        rows(heading, "A1,2026-03-02,18:30,奶茶,,18,1", "A1,2026-03-02,18:29,蛋糕,2,26,2", "A2,2026-03-03,,茶,1,5,")
    )
    order = Order.objects.get(number="A1")
    assert (order.amount_minor, order.discount_minor) == (7000, 300)  # a blank quantity is one
    assert order.placed_at == datetime(2026, 3, 2, 10, 29, tzinfo=UTC)
    assert Order.objects.get(number="A2").placed_at == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_a_column_called_time_may_hold_the_whole_moment(imported):
    imported(rows("单号,时间,金额", "A1,2026-03-02 18:30,18"))
    assert Order.objects.get().placed_at == datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "amount", "kept"),
    [
        ("Refund", "18.00", ("refund", 1800)),
        ("退款", "-18.00", ("refund", 1800)),
        ("Sale", "18.00", ("sale", 1800)),
        ("", "-18.00", ("refund", 1800)),
        ("", "0", ("sale", 0)),
    ],
)
def test_a_refund_is_what_says_so_or_comes_to_less_than_nothing(imported, kind, amount, kept):
    imported(rows("Order number,Date,Kind,Amount", f"A1,2026-03-02,{kind},{amount}"))
    order = Order.objects.get()
    assert (order.kind, order.amount_minor) == kept


def test_a_number_that_begins_with_c_cancels_only_on_an_invoice(imported):
    imported(rows("Order number,Date,Amount", "C1001,2026-03-02,18"))
    imported(rows("Invoice,Date,Amount", "C1002,2026-03-02,18"))
    # Something taken back from a cancellation: revenue rises by it again.
    assert table() == {"C1001": ("sale", 1800, 0), "C1002": ("refund", -1800, 0)}


def test_a_refund_finds_its_order_wherever_it_stands(imported):
    job = imported(
        rows("Order number,Date,Kind,Amount,Refund of",
             "R1,2026-03-03,refund,5,A1", "A1,2026-03-02,sale,18,", "R2,2026-03-03,refund,5,A9")
    )  # fmt: skip
    assert counts(job) == (3, 0, 0, 0)
    assert Order.objects.get(number="R1").refund_of.number == "A1"
    assert Order.objects.get(number="R2").refund_of is None
    assert job.report["remarks"] == {"sale": 1, "refund": 2, "unidentified": 3, "original_unknown": 1}


@pytest.mark.parametrize(
    ("heading", "first", "second", "reason"),
    [
        ("Phone", "13800138000", "13900139000", "The rows of this order name different customers."),
        ("Order amount", "5", "6", "The rows of this order name different order amounts."),
        ("Order discount", "5", "6", "The rows of this order name different order discounts."),
        ("Refund of", "A8", "A9", "The rows of this order name different original orders."),
        ("Kind", "sale", "refund", "Some rows of this order say that it is a sale, others that it is a refund."),
    ],
)
def test_rows_of_one_order_that_are_at_odds_fail_together(imported, heading, first, second, reason):
    job = imported(
        rows(
            f"Order number,Date,Item,Amount,{heading}", f"A1,2026-03-02,Tea,5,{first}", f"A1,2026-03-02,Tea,6,{second}"
        )
    )
    assert counts(job) == (0, 0, 0, 2)
    assert reasons(job) == {2: reason, 3: reason}


@pytest.mark.parametrize(
    ("heading", "value", "reason"),
    [
        ("Kind", "gift", "“gift” is neither a sale nor a refund."),
        ("Currency", "USD", "“USD” is in another currency than CNY."),
        ("E-mail", "nobody", "“nobody” is not an e-mail address."),
        ("Item code", "x" * 65, "Item code is longer than 64 characters."),
        ("Quantity", "many", "“many” is not a number. Write it as 1234.50."),
    ],
)
def test_a_cell_that_makes_no_sense_fails_its_row_by_name(imported, heading, value, reason):
    job = imported(rows(f"Order number,Date,Item,Amount,{heading}", f"A1,2026-03-02,Tea,5,{value}"))
    assert (counts(job), reasons(job)) == ((0, 0, 0, 1), {2: reason})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",2026-03-02,5", "Order number is missing."),
        ("A1,,5", "Order time is missing."),
        ("A1,2026-03-02,", "Amount is missing."),
        ("A1,2999-01-01,5", "“2999-01-01” is not a date with a time. Write it as 2026-11-22 18:30."),
        ("A1,2199-01-01,5", "The order lies in the future."),
        ("A1,2026-02-30,5", "“2026-02-30” is not a date with a time. Write it as 2026-11-22 18:30."),
        ("A1,2026-03-02,9999999999999999", "“9999999999999999” is too large."),
    ],
)
def test_what_is_missing_or_impossible_is_named(imported, line, reason):
    job = imported(rows("Order number,Date,Amount", line))
    assert (counts(job), reasons(job)) == ((0, 0, 0, 1), {2: reason})


def test_sums_beyond_any_till_and_sales_below_nothing_are_refused(imported):
    job = imported(
        rows("Order number,Date,Item,Quantity,Price,Kind",
             "A1,2026-03-02,Tea,999999999999,9999999,", "A2,2026-03-02,Tea,1,-5,sale")
    )  # fmt: skip
    assert reasons(job) == {
        2: "The amount of this order is too large.",
        3: "The order says that it is a sale, but its amount is negative.",
    }


def test_a_file_without_any_store_chosen_fails_only_the_rows_that_name_none(imported, other_store):
    job = imported(rows("Order number,Date,Amount,Store", "A1,2026-03-02,5,", "A2,2026-03-02,5,jingan"), store="")
    assert (counts(job), reasons(job)) == (
        (1, 0, 0, 1),
        {2: "The file names no store. Choose the store that it belongs to."},
    )


def test_a_name_that_two_stores_share_finds_neither(imported, other_store):
    other_store.name_zh_hans = "徐汇店"
    other_store.save()
    job = imported(rows("Order number,Date,Amount,Store", "A1,2026-03-02,5,徐汇店", "A2,2026-03-02,5,xuhui"))
    assert counts(job) == (1, 0, 0, 1)


def test_a_long_item_name_is_cut_and_counted(imported):
    job = imported(rows("Order number,Date,Item,Amount", f"A1,2026-03-02,{'x' * 201},5"))
    assert len(Order.objects.get().lines.get().name) == 200
    assert job.report["remarks"]["cut"] == 1


def test_own_money_may_be_called_by_its_other_names(imported):
    assert (
        counts(imported(rows("Order number,Date,Amount,Currency", "A1,2026-03-02,5,RMB", "A2,2026-03-02,5,cny")))[0]
        == 2
    )


# ── Who bought ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_buyers_are_known_by_any_identity_and_join_at_their_first_order(imported):
    imported(
        rows("Order number,Date,Amount,Phone,Member number",
             "A1,2026-03-05,5,13800138000,M1", "A2,2026-03-02,5,,M1", "A3,2026-03-03,5,13800138000,",
             "A4,2026-03-04,5,,m2")
    )  # fmt: skip
    owners = dict(Order.objects.values_list("number", "customer"))
    assert owners["A1"] == owners["A2"] == owners["A3"] != owners["A4"]
    assert (Customer.objects.filter(merged_into=None).count(), Identity.objects.count()) == (2, 3)
    assert Customer.objects.get(pk=owners["A1"]).joined_at == datetime(2026, 3, 1, 16, tzinfo=UTC)


def test_buyers_known_before_stay_who_they_are_and_merged_ones_are_one(imported):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    guest = resolve_customer(identities=[("member", "M1")], at=at)
    member = resolve_customer(identities=[("phone", "13800138000")], at=at)
    content = rows(
        "Order number,Date,Amount,Phone,Member number", "A1,2026-03-02,5,13800138000,M1", "A2,2026-03-02,5,,M1"
    )
    assert counts(imported(content)) == (2, 0, 0, 0)
    guest.refresh_from_db()
    assert guest.merged_into == member == find_customer(kind="member", value="M1")
    assert counts(imported(content)) == (0, 0, 2, 0)


def test_a_buyer_who_bought_earlier_than_thought_joined_earlier(imported):
    imported(rows("Order number,Date,Amount,Phone", "A2,2026-03-05,5,13800138000"))
    imported(rows("Order number,Date,Amount,Phone", "A1,2026-03-02,5,13800138000"))
    assert Customer.objects.get().joined_at == datetime(2026, 3, 1, 16, tzinfo=UTC)


# ── Arithmetic and headings ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("quantity", "price", "minor"),
    [
        (1_000, 5_000, 0),  # 0.005 → 0, to even
        (3_000, 5_000, 2),  # 0.015 → 2, to even
        (-3_000, 5_000, -2),
        (1_000, 5_001, 1),
        (-1_000, 5_000, 0),
        (12_000, 6_950_000, 8_340),
        (500, 1_000_000, 50),
    ],
)
def test_a_lines_amount_is_rounded_half_to_even(quantity, price, minor):
    assert line_amount(quantity, price) == minor


def test_no_heading_means_two_fields_and_labels_are_known_in_every_language():
    meanings = {}
    for name, headings in HEADINGS.items():
        for heading in headings.split(", "):
            assert meanings.setdefault(plain(heading), name) == name
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert {plain(str(field.label)): field.name for field in FIELDS}.items() <= meanings.items()
