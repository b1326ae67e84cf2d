"""Orders and revenue: METRICS §3, worked by hand."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.metrics.value import Sold, credited_value, own_value, share, sold
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
CREDITS = rows("group_id channel credit", (0, "metro", 0.75), (0, "lifts", 0.25), (1, "lifts", 1.0))


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
            "group_id channel credit",
            *((n, "metro", part) for n, part in enumerate(shares.values())),
            *((n, "unknown", 1 - part) for n, part in enumerate(shares.values())),
        ),
    )
    found, whole = credited_value(con, march()), sold(con, march())

    assert abs(found["orders"].sum() - whole.orders) < 1e-9
    assert abs(found["revenue"].sum() - whole.revenue) < 1e-6


# ── By their own path ───────────────────────────────────────────────────────────────────────────────────────────────

SALES = rows(
    "customer_id at value group_id",
    (10, "2026-03-01 00:00", 1_000, 0),  # orders 1 and 2, and April's; those of one group have one path
    (10, "2026-03-31 23:59", 2_000, 1),
    (10, "2026-04-01 00:00", 4_000, 1),
    (11, "2026-02-01 12:00", 500, 2),
)
SALE_CREDITS = rows(
    "group_id channel credit", (0, "metro", 1.0), (1, "metro", 0.5), (1, "lifts", 0.5), (2, "lifts", 1.0)
)


def own(question, orders=ORDERS, sales=SALES):
    con = shop(orders=orders, judged_orders=sales, order_credits=SALE_CREDITS)
    return [tuple(row) for row in own_value(con, question).itertuples(index=False)]


def test_an_order_is_credited_by_its_own_path_and_a_refund_as_the_sale_that_it_gives_back():
    # Order 1 is metro's, order 2 metro's and lifts'. Refund 6 gives back order 5, which was lifts'. Refund 4 names no
    # sale, and customer 99 has none: unknown's.
    assert own(march()) == [("lifts", 0.5, 1_000 - 500), ("metro", 1.5, 1_000 + 1_000), ("unknown", 0.0, -300 - 50)]


def test_under_a_store_the_orders_placed_there_count_by_their_own_path_too():
    assert own(march(store_id=2)) == [("lifts", 0.5, 1_000), ("metro", 0.5, 1_000)]


def test_two_equal_sales_of_one_moment_have_one_path_and_both_count():
    # To the engine they are one; to the shop they are two.
    orders = rows(
        "id kind store_id customer_id placed_at amount_minor refund_of_id",
        (1, "sale", 1, 10, "2026-03-01 00:00", 1_000, None),
        (2, "sale", 1, 10, "2026-03-01 00:00", 1_000, None),
        (3, "sale", 1, 10, "2026-03-01 00:00", 999, None),  # another value: another sale, which nobody judged
    )

    assert own(march(), orders) == [("metro", 2.0, 2_000), ("unknown", 1.0, 999)]


def test_orders_by_their_own_path_sum_to_those_of_identified_customers():
    con = shop(orders=ORDERS, judged_orders=SALES, order_credits=SALE_CREDITS)
    found, whole = own_value(con, march()), sold(con, march())

    assert (found["orders"].sum(), found["revenue"].sum()) == (whole.orders, whole.revenue)


def test_customers_of_one_group_share_its_credits():
    judged = JUDGED.assign(group_id=7)
    credits_of_seven = rows("group_id channel credit", (7, "metro", 0.5), (7, "lifts", 0.5))
    con = shop(orders=ORDERS, judged=judged, credits=credits_of_seven)

    # 2 orders and 2,700 − 500 in all; customer 99 was never judged.
    found = [tuple(row) for row in credited_value(con, march()).itertuples(index=False)]
    assert found == [("lifts", 1.0, 1_100), ("metro", 1.0, 1_100), ("unknown", 0.0, -50)]
