"""What customers bought, by the channel that brought them: METRICS §3, orders and revenue."""

from typing import NamedTuple

import duckdb
import pandas as pd

from analytics.metrics.question import Question, ask

UNKNOWN = "unknown"

# Every sale and refund with what it may be credited by: the same for every period, store and model.
# A refund gives back a sale; without a customer of its own it belongs to the customer of that sale.
BOUGHT = """
    WITH refunded AS (
        SELECT refunds.id, sales.customer_id, sales.placed_at, sales.amount_minor
        FROM orders AS refunds JOIN orders AS sales ON refunds.refund_of_id = sales.id WHERE refunds.kind = 'refund'
    ), bought AS (
        SELECT coalesce(orders.customer_id, refunded.customer_id) AS customer_id, orders.placed_at, orders.store_id,
            CAST(kind = 'sale' AS BIGINT) AS sales,
            CASE kind WHEN 'sale' THEN orders.amount_minor ELSE -orders.amount_minor END AS amount,
            CASE kind WHEN 'sale' THEN orders.customer_id ELSE refunded.customer_id END AS buyer,
            CASE kind WHEN 'sale' THEN orders.placed_at ELSE refunded.placed_at END AS sold_at,
            CASE kind WHEN 'sale' THEN orders.amount_minor ELSE refunded.amount_minor END AS value
        FROM orders LEFT JOIN refunded ON orders.id = refunded.id
    )
    SELECT epoch_us(bought.placed_at) AS placed_at, bought.store_id, sales, amount,
        bought.customer_id IS NOT NULL AS is_identified, judged.customer, judged.path_id, judged.pattern_id,
        judged_orders.customer AS own_order, judged_orders.path_id AS own_path_id
    FROM bought LEFT JOIN judged USING (customer_id) LEFT JOIN judged_orders
        ON buyer = judged_orders.customer_id AND epoch_us(sold_at) = epoch_us(judged_orders."at")
            AND bought.value = judged_orders.value
"""
_CHOSEN = """placed_at >= $starts AND placed_at < $ends AND placed_at <= $watermark
        AND ($store IS NULL OR store_id = $store)"""
_CREDITED = f"""
    WITH groups AS (
        SELECT {{group}} AS group_id, sum(sales) AS orders, sum(amount) AS revenue
        FROM bought WHERE is_identified AND {_CHOSEN} GROUP BY 1
    )
    SELECT coalesce(channel, '{UNKNOWN}') AS channel, sum(orders * coalesce(credit, 1))::DOUBLE AS orders,
        sum(revenue * coalesce(credit, 1))::DOUBLE AS revenue
    FROM groups LEFT JOIN {{credits}} USING (group_id) GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - constants only
CREDITED = _CREDITED.format(group="group_id", credits="credits")
BY_OWN_PATH = _CREDITED.format(group="own_group_id", credits="order_credits")
BOTH = f"""
    SELECT coalesce(sum(sales) FILTER (is_identified), 0)::BIGINT,
        coalesce(sum(amount) FILTER (is_identified), 0)::BIGINT,
        coalesce(sum(sales) FILTER (NOT is_identified), 0)::BIGINT,
        coalesce(sum(amount) FILTER (NOT is_identified), 0)::BIGINT
    FROM bought WHERE {_CHOSEN}
"""  # noqa: S608


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
    con : with tables ``bought``, as BOUGHT makes it of ``orders``: ``id``, ``kind``, ``store_id``, ``customer_id``,
        ``placed_at``, ``amount_minor``, ``refund_of_id``; ``judged``: ``customer_id``, ``customer``, ``path_id``,
        ``pattern_id``; ``judged_orders``: ``customer_id``, ``at``, ``value`` (the three name a sale), ``customer`` (the
        sale's number), ``path_id``; with ``group_id`` and ``own_group_id`` (null where nobody was judged);
        ``credits``: ``group_id``, ``channel``, ``credit``

    Returns
    -------
    columns ``channel``, ``orders``, ``revenue`` (minor units, not whole where credit is shared), sorted by channel
    """
    return ask(con, CREDITED, question).df()


def own_value(con: duckdb.DuckDBPyConnection, question: Question) -> pd.DataFrame:
    """Return the orders and the revenue of the period, each order credited to the channels on its own path.

    An order's path is what the customer met since the sale before it. A refund lowers the revenue of the period that it
    falls into and is credited as the sale that it gives back; without touch, or where that sale is not known, the
    credit is unknown's. Under a store: the orders placed there.

    Parameters
    ----------
    con : with tables ``bought`` (see `credited_value`); ``order_credits``: ``group_id``, ``channel``, ``credit``

    Returns
    -------
    as `credited_value`
    """
    return ask(con, BY_OWN_PATH, question).df()


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
