"""What was spent, who was won for it, and what one of them cost: METRICS §1 and §3."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analytics.metrics.question import Question, ask
from attribution.engine.intervals import wilson

LEAST = 0.05  # customers
Days = npt.ArrayLike | Sequence[dt.date]

# Of `judged`, who is a new customer of the period.
IS_NEW = """epoch_us(first_at) >= $starts AND epoch_us(first_at) < $ends AND epoch_us(first_at) <= $watermark
        AND epoch_us(first_at) >= $known_from AND ($store IS NULL OR store_id = $store)"""
# Customers of one group have the same credits, and there are few groups: counted first, they are joined in no time.
NEW = f"""
    WITH groups AS (SELECT group_id, count(*) AS customers FROM judged WHERE {IS_NEW} GROUP BY group_id)
    SELECT channel, sum(customers * credit)::DOUBLE AS customers
    FROM groups JOIN credits USING (group_id) GROUP BY channel ORDER BY channel
"""  # noqa: S608 - constants only
CHOSEN = f"SELECT customer FROM judged WHERE {IS_NEW}"  # noqa: S608
COUNTS = """
    SELECT count(*) FILTER (epoch_us(first_at) >= $known_from) AS known,
        count(*) FILTER (epoch_us(first_at) < $known_from) AS not_known
    FROM judged
    WHERE epoch_us(first_at) >= $starts AND epoch_us(first_at) < $ends AND epoch_us(first_at) <= $watermark
        AND ($store IS NULL OR store_id = $store)
"""
SPEND = """
    SELECT channel, store_id, first_day, last_day, amount_minor FROM spend
    WHERE first_day < $end_day AND last_day >= $first_day ORDER BY channel
"""


def prorate(
    amount: npt.ArrayLike, first_day: Days, last_day: Days, start: dt.date, end: dt.date
) -> npt.NDArray[np.int64]:
    """Return which part of each spend entry falls on the days from ``start`` up to, not including, ``end``.

    An entry is spread evenly over its days in whole minor units. The units left over go one each to its first days:
    with equal remainders that is the method of the largest remainder. So the parts of any cut sum to the entry.

    Parameters
    ----------
    amount : minor units, one an entry
    first_day, last_day : days, both in the entry

    Examples
    --------
    >>> january = ["2026-01-01"], ["2026-01-03"]
    >>> [int(prorate([100], *january, dt.date(2026, 1, day), dt.date(2026, 1, day + 1))[0]) for day in (1, 2, 3, 4)]
    [34, 33, 33, 0]
    """
    first = np.asarray(first_day, dtype="datetime64[D]").astype(np.int64)
    days = np.asarray(last_day, dtype="datetime64[D]").astype(np.int64) - first + 1
    each, left = np.divmod(np.asarray(amount, dtype=np.int64), days)

    def up_to(day: dt.date) -> npt.NDArray[np.int64]:
        passed = np.clip(np.datetime64(day, "D").astype(np.int64) - first, 0, days)
        return each * passed + np.minimum(passed, left)

    return up_to(end) - up_to(start)


def spend_by_channel(con: duckdb.DuckDBPyConnection, question: Question) -> pd.DataFrame:
    """Return what each channel cost in the period.

    Under a store, a channel with an entry in the period that names no store has an unknown spend: nobody said how
    much of it was that store's.

    Parameters
    ----------
    con : with table ``spend``: ``channel``, ``store_id`` (or null), ``first_day``, ``last_day``, ``amount_minor``

    Returns
    -------
    columns ``channel``, ``amount`` (minor units, Int64), sorted by channel; channels without an entry are left out
    """
    entries: Any = ask(con, SPEND, question).to_arrow_table()
    part = prorate(
        entries["amount_minor"].to_numpy(),
        entries["first_day"].to_numpy(),
        entries["last_day"].to_numpy(),
        question.period.start,
        question.period.end,
    )
    channel = entries["channel"].to_pandas().astype(str)
    store = entries["store_id"].to_pandas()
    if question.store_id is not None:
        part = np.where(store == question.store_id, part, 0)
    sums = pd.Series(part, dtype="Int64").groupby(channel).sum()
    if question.store_id is not None:
        sums = sums.mask(store.isna().groupby(channel).any())
    return sums.rename_axis("channel").reset_index(name="amount")


def new_customers(con: duckdb.DuckDBPyConnection, question: Question) -> pd.DataFrame:
    """Return how many new customers each channel is credited with.

    A customer is new in the period that holds the first sale, and belongs to the store of that sale.

    Parameters
    ----------
    con : with tables ``judged``: ``group_id``, ``first_at``, ``store_id``, one row a customer; and ``credits``:
        ``group_id``, ``channel``, ``credit`` (each group's sum to 1; customers of one group have the same)

    Returns
    -------
    columns ``channel``, ``customers``, sorted by channel; channels without credit are left out
    """
    return ask(con, NEW, question).df()


def choose_new(con: duckdb.DuckDBPyConnection, question: Question, customers: int) -> npt.NDArray[np.bool_]:
    """Return which of the run's ``customers`` are new in the period, one boolean each, by their number ``customer``.

    See `new_customers`.
    """
    chosen = np.zeros(customers, dtype=bool)
    chosen[ask(con, CHOSEN, question).fetchnumpy()["customer"]] = True
    return chosen


def count_new(con: duckdb.DuckDBPyConnection, question: Question) -> tuple[int, int]:
    """Return how many customers are new in the period, and of how many first buyers that is not known.

    See `new_customers` for the tables; the second number are first sales in the first 90 days of the records.
    """
    known, not_known = ask(con, COUNTS, question).fetchall()[0]
    return known, not_known


def acquisition_cost(spend: pd.DataFrame, credits: pd.DataFrame) -> pd.DataFrame:  # noqa: A002 - the house's word
    """Return what one new customer cost, per channel.

    A channel that spent money and won nobody has no cost: neither infinite nor zero.

    Parameters
    ----------
    spend : columns ``channel``, ``amount`` (minor units), one row per channel
    credits : columns ``channel``, ``credit`` (shares of customers; each customer sums to 1)

    Returns
    -------
    columns ``channel``, ``amount``, ``customers``, ``cost`` (minor units, ``<NA>`` without customers), by channel

    Examples
    --------
    >>> from analytics.metrics.frames import frame
    >>> acquisition_cost(
    ...     frame("channel amount", ["radio", 300], ["wechat", 100]),
    ...     frame("channel credit", ["wechat", 1.0], ["wechat", 1.0]),
    ... )
      channel  amount  customers  cost
    0   radio     300        0.0  <NA>
    1  wechat     100        2.0  50.0
    """
    won = credits.groupby("channel")["credit"].sum().rename("customers")
    table = spend.set_index("channel")[["amount"]].astype("Int64").join(won, how="outer")
    table = table.rename_axis("channel").sort_index().reset_index()
    table["customers"] = table["customers"].fillna(0.0).astype("Float64")
    table["cost"] = table["amount"].astype("Float64") / table["customers"].mask(table["customers"] == 0)
    return table


def without_touch(path: pa.ChunkedArray, chosen: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Return how many of the chosen customers have no touch, and the 95 % interval (Wilson's, of their share).

    Parameters
    ----------
    path : one a customer of the run, null without a touch

    Returns
    -------
    ``customers``, ``low``, ``high``: NaN among nobody

    Examples
    --------
    >>> told = without_touch(pa.chunked_array([[7, None, None, 7, 3]]), np.array([True, True, False, True, True]))
    >>> {name: round(number, 3) for name, number in told.items()}  # 1 of 4; 4.6 % to 69.9 %
    {'customers': 1.0, 'low': 0.182, 'high': 2.797}
    """
    touched = path.is_null().to_numpy()[chosen]
    count, among = float(touched.sum()), len(touched)
    low, high = wilson(count, among)
    return {"customers": count, "low": float(low) * among, "high": float(high) * among}


def known_ends(intervals: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals of customers as they can be told.

    What is less than half of the last digit that is shown is 0: nobody is then the least, and a cost has no upper end.
    An interval from 0 to 0 says only that a channel had nobody to be drawn, and is unknown.

    Parameters
    ----------
    intervals : columns ``low`` and ``high``, numbers of customers

    Examples
    --------
    >>> from analytics.metrics.frames import frame
    >>> known_ends(frame("channel low high", ["radio", 0.0, 0.0], ["lifts", 0.04, 2.5], ["wechat", 1.5, 4.0]))
      channel   low  high
    0   radio  <NA>  <NA>
    1   lifts   0.0   2.5
    2  wechat   1.5   4.0
    """
    ends = intervals[["low", "high"]].astype("Float64")
    ends = ends.mask(ends < LEAST, 0.0)
    return intervals.assign(**ends.mask(ends["high"] == 0))


def blended_cost(spend: int | None, customers: float) -> float | None:
    """Return all spend over all new customers, in minor units; unknown without either.

    Examples
    --------
    >>> blended_cost(400, 2.0), blended_cost(400, 0.0), blended_cost(None, 2.0)
    (200.0, None, None)
    """
    return None if spend is None or not customers else spend / customers


def estimate_interval(new: int, identified_orders: int, unidentified_orders: int) -> tuple[float, float] | None:
    """Return the 95 % interval of `estimate_all_new`: Wilson's, of the share of first orders.

    Examples
    --------
    >>> low, high = estimate_interval(new=20, identified_orders=80, unidentified_orders=40)
    >>> round(low, 2), round(high, 2)  # 20 + 40 × 16.8 % to 35.5 %
    (26.72, 34.19)
    """
    if not new <= identified_orders or not identified_orders:
        return None
    low, high = wilson(new, identified_orders)
    return new + unidentified_orders * float(low), new + unidentified_orders * float(high)


def estimate_all_new(new: int, identified_orders: int, unidentified_orders: int) -> float | None:
    """Return how many new customers there may be in all, if unidentified orders are first orders as often as others.

    Examples
    --------
    >>> estimate_all_new(new=20, identified_orders=80, unidentified_orders=40)  # 20 + 40 × 20 ÷ 80
    30.0
    >>> estimate_all_new(new=0, identified_orders=0, unidentified_orders=40) is None
    True
    """
    return None if not identified_orders else new + unidentified_orders * new / identified_orders
