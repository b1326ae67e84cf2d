"""How many customers came back: METRICS §3, repeat-purchase rate."""

from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.metrics.acquisition import IS_NEW
from analytics.metrics.question import Question, ask
from attribution.engine.intervals import Z95, wilson

HORIZON = 90
EVERYONE = "(everyone)"  # no slug: brackets are not allowed in one

FOLLOWED = f"""
    WITH days AS (
        SELECT group_id, CAST(timezone($zone, first_at::TIMESTAMPTZ) AS DATE) AS first_day,
            CAST(timezone($zone, next_at::TIMESTAMPTZ) AS DATE) AS next_day
        FROM judged WHERE {IS_NEW}
    ), followed AS (
        SELECT group_id, $last_seen_day - first_day >= {HORIZON} AS seen_through,
            least(coalesce(next_day, $last_seen_day) - first_day, {HORIZON + 1}) AS day,
            coalesce(next_day - first_day <= {HORIZON}, false) AS came_back, count(*) AS customers
        FROM days GROUP BY ALL
    ), weighted AS (
        SELECT channel, followed.*, customers * credit AS weight, customers * credit * credit AS squares
        FROM followed JOIN credits USING (group_id) WHERE credit > 0
        UNION ALL SELECT '{EVERYONE}', *, customers, customers FROM followed
    )
    SELECT channel, day, came_back, seen_through, sum(weight)::DOUBLE AS weight, sum(squares)::DOUBLE AS squares
    FROM weighted GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - constants only


class Survival(NamedTuple):
    """What is left at the horizon, with its 95 % interval."""

    share: float
    low: float
    high: float


def kaplan_meier(
    day: npt.ArrayLike, came_back: npt.ArrayLike, weight: npt.ArrayLike, squares: npt.ArrayLike, horizon: int = HORIZON
) -> Survival:
    """Return the share that has not come back by the horizon (Kaplan & Meier 1958), weighted.

    The variance is Greenwood's (1926) with the effective number at risk, (Σw)² ÷ Σw², in place of the number at risk;
    the interval is log–log (Kalbfleisch & Prentice), and so stays inside 0 to 1. Where nobody or everybody came back
    that is undefined, and Wilson's interval at the effective number of the first day stands in.

    Parameters
    ----------
    day : days from the start to coming back, or to the end of what is known; groups of equal customers are one entry
    came_back : whether it is the former
    weight, squares : sums of the group's weights, and of their squares

    Examples
    --------
    Four customers: one back on day 10, one lost from sight on day 20, one back on day 40, one never: 3/4 × 1/2.

    >>> found = kaplan_meier([10, 20, 40, 90], [True, False, True, False], [1, 1, 1, 1], [1, 1, 1, 1])
    >>> found.share, round(found.low, 3), round(found.high, 3)
    (0.375, 0.011, 0.808)
    """
    days = np.minimum(np.asarray(day, dtype=np.int64), horizon + 1)
    back = np.asarray(came_back, dtype=bool) & (days <= horizon)
    weights, seconds = (np.asarray(each, dtype=np.float64) for each in (weight, squares))
    size = horizon + 2
    events = np.bincount(days[back], weights=weights[back], minlength=size)
    at_risk, risk_squares = (_still_there(days, each, size) for each in (weights, seconds))
    hit = events > 0
    hazard = events[hit] / at_risk[hit]
    hazard[hazard > 1 - 1e-12] = 1.0  # sums of thirds: whether nobody is left must not hang on the last bit
    effective = at_risk[hit] ** 2 / risk_squares[hit]
    share = float(np.prod(1 - hazard))
    if share in (0.0, 1.0):
        first = float(at_risk[1] ** 2 / risk_squares[1]) if risk_squares[1] else 0.0
        low, high = wilson(share * first, first)
        return Survival(share, float(low), float(high))
    spread = Z95 * np.sqrt(np.sum(hazard / (effective * (1 - hazard)))) / abs(np.log(share))
    return Survival(share, float(share ** np.exp(spread)), float(share ** np.exp(-spread)))


def _still_there(days: npt.NDArray[np.int64], amount: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.float64]:
    leaving: npt.NDArray[np.float64] = np.bincount(days, weights=amount, minlength=size).astype(np.float64)
    return np.cumsum(leaving[::-1])[::-1]


def repeat_rate(con: duckdb.DuckDBPyConnection, question: Question) -> pd.DataFrame:
    """Return the share of the period's new customers who buy again within 90 days, per channel.

    Days run from the day of the first sale to the next later day, in the business's zone, with a sale; whoever has not
    come back is followed to the day of the watermark. Each customer counts with the channel's credit.

    Parameters
    ----------
    con : with tables ``judged``: ``group_id``, ``first_at``, ``next_at`` (the first sale on a later day, or null),
        ``store_id``; ``credits``: ``group_id``, ``channel``, ``credit``

    Returns
    -------
    columns ``channel``, ``rate``, ``low``, ``high`` (``<NA>`` if no customer's first sale lies 90 days before the
    watermark), sorted by channel; the row ``EVERYONE`` counts each customer once
    """
    followed = ask(con, FOLLOWED, question).df()
    rows: list[tuple[Any, ...]] = []
    for channel, group in followed.groupby("channel"):
        if not group["seen_through"].any():
            rows.append((channel, pd.NA, pd.NA, pd.NA))
            continue
        left = kaplan_meier(group["day"], group["came_back"], group["weight"], group["squares"])
        rows.append((channel, 1 - left.share, 1 - left.high, 1 - left.low))
    table = pd.DataFrame(rows, columns=["channel", "rate", "low", "high"])
    return table.astype({"channel": "str", "rate": "Float64", "low": "Float64", "high": "Float64"})
