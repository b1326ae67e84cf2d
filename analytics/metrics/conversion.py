"""How many leads bought, how many coupons were used, how many questionnaires were finished: METRICS §1 and §3."""

import duckdb
import numpy as np
import pandas as pd

from analytics.metrics.question import Question, ask
from attribution.engine.intervals import wilson

# Each person's first meeting with each channel, and first sale, in microseconds: the same for every period and model.
MEETINGS = """
    WITH heard AS (
        SELECT customer_id, channel, epoch_us("at") AS heard_at FROM touches
        WHERE kind IN ('link', 'referral', 'import')
        UNION ALL
        SELECT customer_id, channel, epoch_us(claimed_at) FROM coupons
        WHERE claimed_at IS NOT NULL AND customer_id IS NOT NULL AND channel IS NOT NULL
    ), firsts AS (SELECT customer_id, channel, min(heard_at) AS heard_at FROM heard GROUP BY customer_id, channel)
    SELECT channel, heard_at, epoch_us(first_at) AS first_at FROM firsts LEFT JOIN judged USING (customer_id)
"""
LEADS = """
    SELECT channel, count(*) AS leads,
        count(*) FILTER (heard_at > $watermark - $window) AS still_open,
        count(*) FILTER (heard_at <= $watermark - $window) AS old_enough,
        count(*) FILTER (heard_at <= $watermark - $window AND first_at - heard_at <= $window) AS converted
    FROM meetings
    WHERE heard_at >= $starts AND heard_at < $ends AND heard_at <= $watermark
        AND (first_at IS NULL OR first_at >= heard_at)
    GROUP BY channel ORDER BY channel
"""
COUPONS = """
    WITH used AS (
        SELECT batch_id, coupon_id, bool_or($store IS NULL OR store_id = $store) AS here,
            count(*) FILTER (epoch_us(redeemed_at) >= $starts AND epoch_us(redeemed_at) < $ends
                AND ($store IS NULL OR store_id = $store)) AS lately
        FROM redemptions WHERE epoch_us(redeemed_at) <= $watermark GROUP BY batch_id, coupon_id
    ), issued AS (
        SELECT batch_id, count(*) AS issued, count(*) FILTER (here) AS redeemed
        FROM coupons LEFT JOIN (SELECT coupon_id, bool_or(here) AS here FROM used GROUP BY coupon_id) AS uses
            ON uses.coupon_id = coupons.id
        WHERE epoch_us(issued_at) >= $starts AND epoch_us(issued_at) < $ends AND epoch_us(issued_at) <= $watermark
        GROUP BY batch_id
    ), uses AS (SELECT batch_id, sum(lately) AS uses FROM used GROUP BY batch_id)
    SELECT batches.id AS batch_id, batches.channel, coalesce(issued, 0)::BIGINT AS issued,
        coalesce(redeemed, 0)::BIGINT AS redeemed, coalesce(uses, 0)::BIGINT AS uses
    FROM batches LEFT JOIN issued ON issued.batch_id = batches.id LEFT JOIN uses ON uses.batch_id = batches.id
    WHERE issued > 0 OR uses > 0 ORDER BY batches.id
"""
RESPONSES = """
    SELECT placement_id, store_id, sum(impressions)::BIGINT AS shown, sum(starts)::BIGINT AS started,
        sum(finishes)::BIGINT AS finished
    FROM placement_days
    WHERE day >= $first_day AND day < $end_day AND ($store IS NULL OR store_id = $store)
    GROUP BY placement_id, store_id ORDER BY store_id, placement_id
"""


def with_rate(counts: pd.DataFrame, successes: str, trials: str) -> pd.DataFrame:
    """Return the counts with ``rate``, ``low`` and ``high`` (Float64, ``<NA>`` without trials).

    Examples
    --------
    >>> from analytics.metrics.frames import frame
    >>> with_rate(frame("batch used given", [1, 8, 10], [2, 0, 0]), "used", "given").round(3)
       batch  used  given  rate   low   high
    0      1     8     10   0.8  0.49  0.943
    1      2     0      0  <NA>  <NA>   <NA>
    """
    k, n = (counts[name].to_numpy(dtype=np.float64) for name in (successes, trials))
    low, high = wilson(k, n)
    rate = np.divide(k, n, out=np.full(len(n), np.nan), where=n > 0)
    found = {"rate": rate, "low": low, "high": high}
    # From a mask: NaN and NA are two things in a Float64.
    return counts.assign(
        **{name: pd.Series(each, index=counts.index).astype("Float64") for name, each in found.items()}
    )


def lead_conversion(con: duckdb.DuckDBPyConnection, question: Question) -> pd.DataFrame:
    """Return each channel's leads of the period and how many of them bought in time.

    A lead is a person without an earlier sale whose first link, referral or import touch, or first coupon claim, on
    the channel falls in the period. Leads younger than the window at the watermark are still open and not judged, even
    if they have bought. A person may be a lead of several channels.

    Parameters
    ----------
    con : with table ``meetings``, as MEETINGS makes it of ``touches``: ``customer_id``, ``channel``, ``kind``, ``at``;
        ``coupons``: ``customer_id``, ``channel``, ``claimed_at``; ``judged``: ``customer_id``, ``first_at``

    Returns
    -------
    columns ``channel``, ``leads``, ``still_open``, ``old_enough``, ``converted``, ``rate``, ``low``, ``high``, by
    channel; empty under a store, since a lead that has not bought belongs to none
    """
    leads = ask(con, LEADS, question).df()
    return with_rate(leads if question.store_id is None else leads[:0], "converted", "old_enough")


def coupon_conversion(con: duckdb.DuckDBPyConnection, question: Question) -> pd.DataFrame:
    """Return, per batch, how many of the coupons issued in the period have a standing redemption by the watermark.

    Parameters
    ----------
    con : with tables ``batches``: ``id``, ``channel`` (or null); ``coupons``: ``id``, ``batch_id``, ``issued_at``;
        ``redemptions``: ``batch_id``, ``coupon_id`` (null for a platform's own code), ``store_id``, ``redeemed_at``

    Returns
    -------
    columns ``batch_id``, ``channel``, ``issued``, ``redeemed`` (of those issued; under a store, there), ``uses``
    (redemptions in the period, whenever issued), ``rate``, ``low``, ``high``; batches without any are left out
    """
    return with_rate(ask(con, COUPONS, question).df(), "redeemed", "issued")


def by_channel(batches: pd.DataFrame) -> pd.DataFrame:
    """Return the coupons of each channel from those of its batches: see `coupon_conversion`.

    Examples
    --------
    >>> from analytics.metrics.frames import frame
    >>> by_channel(frame("channel issued redeemed", ["wechat", 6, 1], ["wechat", 4, 1], [None, 9, 9]))[
    ...     ["channel", "issued", "redeemed", "rate"]
    ... ]
      channel  issued  redeemed  rate
    0  wechat      10         2   0.2
    """
    sums = batches.dropna(subset="channel").groupby("channel")[["issued", "redeemed"]].sum().reset_index()
    return with_rate(sums, "redeemed", "issued")


def response_rate(con: duckdb.DuckDBPyConnection, question: Question) -> pd.DataFrame:
    """Return, per placement, how often the questionnaire was shown, started and finished in the period.

    Parameters
    ----------
    con : with table ``placement_days``: ``placement_id``, ``store_id``, ``day``, ``impressions``, ``starts``,
        ``finishes``

    Returns
    -------
    columns ``placement_id``, ``store_id``, ``shown``, ``started``, ``finished``, ``rate``, ``low``, ``high``
    """
    return with_rate(ask(con, RESPONSES, question).df(), "finished", "shown")
