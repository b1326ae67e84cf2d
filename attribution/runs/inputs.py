"""From the Facts of a snapshot to the engine's input: touches, sales, and what each channel can speak through."""

from pathlib import Path
from zoneinfo import ZoneInfo

from attribution.warehouse import DONT_REMEMBER, Query
from attribution.warehouse.snapshot import tables
from attribution.warehouse.sources import literal


def touches(facts: Path) -> Query:
    """``customer_id``, ``channel``, ``kind``, ``at`` of all standing touches.

    Answers that name nobody, "I don't remember", are among them: no touch, but a sign that the survey was answered.
    """
    return Query(
        f"""
        SELECT customer_id, channel, kind, "at" FROM {_read(facts, "touches")}
        UNION ALL
        SELECT customer_id, {literal(DONT_REMEMBER)}, 'survey', submitted_at FROM {_read(facts, "responses")}
        WHERE has_dont_remember AND channel IS NULL AND customer_id IS NOT NULL
        """,
        "touches",
    )


def first_sales(facts: Path, zone: ZoneInfo) -> Query:
    """Each customer's first standing sale: ``customer_id``, ``at``, ``value`` (minor units), ``store_id``, ``next_at``.

    ``next_at`` is the first sale on a later day of the business (what the repeat-purchase rate looks for), or NULL.

    Of sales at one moment the one with the lowest number counts, so that the order of rows does not matter.
    """
    # Times without a zone are UTC; the first AT TIME ZONE says so, the second goes to the business's wall clock.
    day = f"CAST(placed_at AT TIME ZONE 'UTC' AT TIME ZONE {literal(zone.key)} AS DATE)"
    return Query(
        f"""
        WITH sales AS (
            SELECT customer_id, id, store_id, placed_at, amount_minor, {day} AS day
            FROM {_read(facts, "orders")} WHERE kind = 'sale' AND customer_id IS NOT NULL
        ), firsts AS (
            SELECT customer_id, min((placed_at, id, store_id, amount_minor, day)) AS first
            FROM sales GROUP BY customer_id
        )
        SELECT customer_id, firsts.first[1] AS "at", firsts.first[4] AS value, firsts.first[3] AS store_id,
            min(sales.placed_at) FILTER (sales.day > firsts.first[5]) AS next_at
        FROM sales JOIN firsts USING (customer_id) GROUP BY customer_id, firsts.first
        """,
        "orders",
    )


def sales(facts: Path) -> Query:
    """Every standing sale of an identified customer: ``customer_id``, ``at``, ``value`` (minor units), ``order_id``,
    ``store_id``.

    To the engine two sales of one customer at one moment and of one value are duplicates, and it judges one of them.
    Both have the same path, so whoever reads the credits joins orders on (``customer_id``, ``at``, ``value``) and loses
    none.
    """
    return Query(
        'SELECT customer_id, placed_at AS "at", amount_minor AS value, id AS order_id, store_id'
        f" FROM {_read(facts, 'orders')} WHERE kind = 'sale' AND customer_id IS NOT NULL",
        "orders",
    )


def capabilities(facts: Path) -> Query:
    """``channel``, ``kind``: what links, coupons and the rest can say at all, and what has ever spoken."""
    return Query(
        f"SELECT channel, kind FROM {_read(facts, 'capabilities')}"
        f" UNION SELECT channel, 'coupon' FROM {_read(facts, 'coupon_capabilities')}"
        f" UNION SELECT channel, kind FROM {_read(facts, 'touches')} WHERE kind IN ('link', 'referral', 'import')",
        "capabilities",
    )


def _read(facts: Path, name: str) -> str:
    return f"read_parquet({literal(tables(facts)[name])})"
