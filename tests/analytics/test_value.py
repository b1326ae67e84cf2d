"""Orders and revenue: METRICS §3, worked by hand."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.metrics.value import Sold, credited_value, share, sold
from tests.analytics.shop import march, rows, shop

ORDERS = rows(
    "id kind store_id customer_id placed_at amount_minor refund_of_id",
    (1, "sale", 1, 10, "2026-03-01 00:00", 1_000, None),
    (2, "sale", 2, 10, "2026-03-31 23:59", 2_000, None),
    (3, "sale", 1, 10, "2026-04-01 00:00", 4_000, None),  # April
    (4, "refund", 1, 10, "2026-03-15 12:00", 300, None),
    (5, "sale", 1, 11, "2026-02-01 12:00", 500, None),  # February
    (6, "refund", 1, None, "2026-03-20 12:00", 500, 5),  # of order 5, and so customer 11's
    (7, "sale", 1, None, "2026-03-20 12:00", 700, None),
    (8, "refund", 1, None, "2026-03-20 12:00", 200, 7),
    (9, "refund", 1, 99, "2026-03-20 12:00", 50, None),  # a customer without a sale: nobody was judged
)
JUDGED = rows(
    "customer customer_id first_at next_at store_id",
    (0, 10, "2026-03-01 00:00", None, 1),
    (1, 11, "2026-02-01 12:00", None, 1),
)
CREDITS = rows("customer channel credit", (0, "metro", 0.75), (0, "lifts", 0.25), (1, "lifts", 1.0))


def credited(question):
    con = shop(orders=ORDERS, judged=JUDGED, credits=CREDITS)
    return [tuple(row) for row in credited_value(con, question).itertuples(index=False)]


def test_orders_are_credited_to_the_channels_that_brought_the_customer_and_refunds_lower_revenue_only():
    # Customer 10: 2 orders, 1,000 + 2,000 − 300 = 2,700. Customer 11: no order, −500.
    assert credited(march()) == [("lifts", 0.5, 675 - 500), ("metro", 1.5, 2_025), ("unknown", 0.0, -50)]


def test_what_nobody_is_known_for_stands_beside():
    con = shop(orders=ORDERS, judged=JUDGED, credits=CREDITS)

    assert sold(con, march()) == Sold(orders=2, revenue=2_150, unidentified_orders=1, unidentified_revenue=500)


def test_under_a_store_the_orders_placed_there_count():
    assert credited(march(store_id=2)) == [("lifts", 0.25, 500), ("metro", 0.75, 1_500)]


def test_orders_after_the_watermark_do_not_count():
    assert credited(march(watermark=dt.datetime(2026, 3, 10, tzinfo=dt.UTC))) == [
        ("lifts", 0.25, 250),
        ("metro", 0.75, 750),
    ]


def test_an_empty_shop_sold_nothing():
    assert sold(shop(), march()) == Sold(0, 0, 0, 0)


def test_a_share_is_one_or_unknown():
    assert share(75, 25) == 0.75
    assert share(0, 0) is None
    assert share(50, -60) is None
    assert share(-10, 60) is None


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9_999), st.floats(0, 1)), max_size=20))
def test_credited_revenue_sums_to_that_of_identified_customers(given_orders):
    shares = {customer: part for customer, _, part in given_orders}
    con = shop(
        orders=rows(
            "id kind store_id customer_id placed_at amount_minor refund_of_id",
            *((n, "sale", 1, c, "2026-03-05 12:00", amount, None) for n, (c, amount, _) in enumerate(given_orders)),
        ),
        judged=rows(
            "customer customer_id first_at next_at store_id",
            *((n, customer, "2026-03-05 12:00", None, 1) for n, customer in enumerate(shares)),
        ),
        credits=rows(
            "customer channel credit",
            *((n, "metro", part) for n, part in enumerate(shares.values())),
            *((n, "unknown", 1 - part) for n, part in enumerate(shares.values())),
        ),
    )
    found, whole = credited_value(con, march()), sold(con, march())

    assert abs(found["orders"].sum() - whole.orders) < 1e-9
    assert abs(found["revenue"].sum() - whole.revenue) < 1e-6
