"""What customers bought, by the channel that brought them: METRICS §3, orders and revenue."""

from typing import NamedTuple

import duckdb
import pandas as pd

from analytics.metrics.question import Question, ask

UNKNOWN = "unknown"

# A refund without a customer belongs to the customer of the sale that it refunds.
_BOUGHT = """
    SELECT coalesce(orders.customer_id, sold.customer_id) AS customer_id,
        CAST(orders.kind = 'sale' AS BIGINT) AS sales,
        CASE orders.kind WHEN 'sale' THEN orders.amount_minor ELSE -orders.amount_minor END AS amount
    FROM orders LEFT JOIN orders AS sold ON orders.refund_of_id = sold.id
    WHERE epoch_us(orders.placed_at) >= $starts AND epoch_us(orders.placed_at) < $ends
        AND epoch_us(orders.placed_at) <= $watermark AND ($store IS NULL OR orders.store_id = $store)
"""
CREDITED = f"""
    WITH bought AS ({_BOUGHT}), customers AS (
        SELECT customer_id, sum(sales) AS orders, sum(amount) AS revenue
        FROM bought WHERE customer_id IS NOT NULL GROUP BY customer_id
    )
    SELECT coalesce(channel, '{UNKNOWN}') AS channel, sum(orders * coalesce(credit, 1))::DOUBLE AS orders,
        sum(revenue * coalesce(credit, 1))::DOUBLE AS revenue
    FROM customers LEFT JOIN judged USING (customer_id) LEFT JOIN credits USING (customer)
    GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - constants only
BOTH = f"""
    WITH bought AS ({_BOUGHT})
    SELECT coalesce(sum(sales) FILTER (customer_id IS NOT NULL), 0)::BIGINT,
        coalesce(sum(amount) FILTER (customer_id IS NOT NULL), 0)::BIGINT,
        coalesce(sum(sales) FILTER (customer_id IS NULL), 0)::BIGINT,
        coalesce(sum(amount) FILTER (customer_id IS NULL), 0)::BIGINT
    FROM bought
"""  # noqa: S608 - constants only


class Sold(NamedTuple):
    """Orders and revenue (minor units) of identified customers, and of nobody in particular."""

    orders: int
    revenue: int
    unidentified_orders: int
    unidentified_revenue: int


def credited_value(con: duckdb.DuckDBPyConnection, question: Question) -> pd.DataFrame:
    """Return the orders and the revenue of the period, credited to the channels that brought their customers.

    Standing orders of identified customers, whenever won, each weighted with the customer's acquisition credit. A
    refund lowers the revenue of the period that it falls into and is no order. Under a store: the orders placed there.

    Parameters
    ----------
    con : with tables ``orders``: ``id``, ``kind``, ``store_id``, ``customer_id``, ``placed_at``, ``amount_minor``,
        ``refund_of_id``; ``judged``: ``customer``, ``customer_id``; ``credits``: ``customer``, ``channel``, ``credit``

    Returns
    -------
    columns ``channel``, ``orders``, ``revenue`` (minor units, not whole where credit is shared), sorted by channel
    """
    return ask(con, CREDITED, question).df()


def sold(con: duckdb.DuckDBPyConnection, question: Question) -> Sold:
    """Return what was sold in the period to identified customers, and beside it; see `credited_value`."""
    return Sold(*ask(con, BOTH, question).fetchall()[0])


def share(part: float, rest: float) -> float | None:
    """Return part ÷ (part + rest), unknown where that is no share.

    Examples
    --------
    >>> share(75, 25), share(0, 0), share(50, -60)
    (0.75, None, None)
    """
    whole = part + rest
    return part / whole if whole > 0 and 0 <= part <= whole else None
