"""What guests say, for how many others each of them speaks, and what the order of the choices does: METRICS §2."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from analytics.metrics.conversion import with_rate
from analytics.metrics.question import Question, ask
from attribution.engine.cells import CELL, counted
from attribution.engine.intervals import wilson
from attribution.engine.weighting import effective, rake

# Said beside the channels; brackets are not allowed in a slug.
DONT_REMEMBER, OTHER = "(dont_remember)", "(other)"
ANSWERS = f"""
    WITH answers AS (
        SELECT coalesce(channel, CASE WHEN choice_id IS NULL THEN '{DONT_REMEMBER}' ELSE '{OTHER}' END) AS said,
            store_id, customer_id, submitted_at
        FROM responses
        WHERE (choice_id IS NOT NULL OR has_dont_remember) AND epoch_us(submitted_at) >= $starts
            AND epoch_us(submitted_at) < $ends AND epoch_us(submitted_at) <= $watermark
            AND ($store IS NULL OR store_id = $store)
        QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY submitted_at, placement_id) = 1
    ), seen AS (
        SELECT said, answers.store_id, stores.zone, submitted_at AS "at", first_at
        FROM answers JOIN stores ON stores.id = answers.store_id LEFT JOIN judged USING (customer_id)
    ) {counted("said, store_id", "answers")}
"""  # noqa: S608 - constants only
ORDERS = f"""
    WITH seen AS (
        SELECT orders.store_id, stores.zone, placed_at AS "at", first_at
        FROM orders JOIN stores ON stores.id = orders.store_id LEFT JOIN judged USING (customer_id)
        WHERE kind = 'sale' AND epoch_us(placed_at) >= $starts AND epoch_us(placed_at) < $ends
            AND epoch_us(placed_at) <= $watermark AND ($store IS NULL OR orders.store_id = $store)
    ) {counted("store_id", "orders")}
"""  # noqa: S608 - constants only
PLACES = """
    SELECT chosen_place AS place, places, count(*) AS answers FROM responses
    WHERE chosen_place IS NOT NULL AND epoch_us(submitted_at) >= $starts AND epoch_us(submitted_at) < $ends
        AND epoch_us(submitted_at) <= $watermark AND ($store IS NULL OR store_id = $store)
    GROUP BY ALL ORDER BY ALL
"""

PLACEBO = """
    SELECT count(*) FILTER (chose_placebo) AS chose, count(chose_placebo) AS shown FROM responses
    WHERE epoch_us(submitted_at) >= $starts AND epoch_us(submitted_at) < $ends AND epoch_us(submitted_at) <= $watermark
        AND ($store IS NULL OR store_id = $store)
"""


@dataclass(frozen=True)
class Said:
    """What was answered to "how did you first hear of us", and what each answer weighs.

    Attributes
    ----------
    shares : ``said`` (a channel, `OTHER` or `DONT_REMEMBER`), ``answers``, ``raw``, ``raw_low``, ``raw_high`` (share
        of the answers), ``share``, ``low``, ``high`` (weighted); sorted by what was said
    cells : ``store_id``, ``part``, ``status`` (places in `DAY_PARTS` and `STATUSES`), ``answers``, ``orders``,
        ``weight`` (<NA> without answers), ``joined`` (-1: with all stores of the status, else the row of the cell it
        is counted with, <NA>: stands alone), ``is_unmatched`` (no cell of the status has what this one lacks)
    answers : how many
    effective : how many answers of equal weight would say as much
    """

    shares: pd.DataFrame
    cells: pd.DataFrame
    answers: int
    effective: float


def said(con: duckdb.DuckDBPyConnection, question: Question) -> Said:
    """Return what the period's guests said, weighted so that answers are spread as orders are.

    Of a guest who answers twice the earlier answer counts. Guests and orders are new on the day of the customer's
    first sale (and an answer before it), returning later, and not identified where no customer with a sale is known.

    Parameters
    ----------
    con : with tables ``responses``: ``placement_id``, ``store_id``, ``customer_id``, ``channel``, ``submitted_at``,
        ``choice_id``, ``has_dont_remember``; ``orders``: ``kind``, ``store_id``, ``customer_id``, ``placed_at``;
        ``stores``: ``id``, ``zone``; ``judged``: ``customer_id``, ``first_at``
    """
    answers = ask(con, ANSWERS, question).df()
    cells = answers.groupby(CELL, as_index=False)["answers"].sum().merge(
        ask(con, ORDERS, question).df(), on=CELL, how="outer"
    )  # fmt: skip
    cells = cells.fillna({"answers": 0, "orders": 0}).astype("int64").sort_values(CELL, ignore_index=True)
    found = rake(cells["answers"], cells["orders"], cells["store_id"], cells["part"], cells["status"])
    answered = cells["answers"].to_numpy()
    joined = pd.Series(pd.NA, index=cells.index, dtype="Int64")
    for cell, into in found.joined:
        joined[cell] = -1 if into is None else into
    weighed = cells.assign(
        weight=pd.Series(found.weight, dtype="Float64").mask(answered == 0),
        joined=joined,
        is_unmatched=cells.index.isin(found.unmatched),
    )
    alike = effective(found.weight, answered)
    return Said(_shares(answers.merge(weighed[[*CELL, "weight"]], on=CELL), alike), weighed, int(answered.sum()), alike)


def _shares(answers: pd.DataFrame, alike: float) -> pd.DataFrame:
    answers = answers.assign(weighed=answers["answers"] * answers["weight"].astype("float64"))
    sums = answers.groupby("said", as_index=False)[["answers", "weighed"]].sum()
    total = sums["answers"].sum()
    raw_low, raw_high = wilson(sums["answers"], np.full(len(sums), total))
    share = sums["weighed"].to_numpy() / total if total else np.zeros(0)
    low, high = wilson(share * alike, np.full(len(sums), alike))
    return sums.drop(columns="weighed").assign(
        raw=sums["answers"] / total, raw_low=raw_low, raw_high=raw_high, share=share, low=low, high=high
    )


def order_effect(con: duckdb.DuckDBPyConnection, question: Question) -> pd.DataFrame:
    """Return how often the choice that was taken stood at each place of those that are shown in drawn order.

    Any choice is as likely to stand at any place; so if the place did not matter, each would be taken as often.

    Parameters
    ----------
    con : with table ``responses``: ``store_id``, ``submitted_at``, ``chosen_place`` (from 0), ``places``

    Returns
    -------
    columns ``place`` (from 1), ``shown`` (answers that had this place), ``answers`` (that took it), ``rate``, ``low``,
    ``high``, ``expected`` (the rate if the place did not matter)
    """
    counts = ask(con, PLACES, question).df()
    most = int(counts["places"].max()) if len(counts) else 0
    place = np.arange(most)
    had = counts["places"].to_numpy()[:, None] > place
    number = counts["answers"].to_numpy()[:, None] * had
    expected = (number / counts["places"].to_numpy()[:, None]).sum(axis=0)
    took = np.bincount(
        counts["place"], weights=counts["answers"], minlength=most
    )  # fmt: skip
    table = pd.DataFrame({"place": place + 1, "shown": number.sum(axis=0), "answers": took[:most].astype("int64")})
    return with_rate(table, "answers", "shown").assign(expected=expected / np.maximum(table["shown"].to_numpy(), 1))


def chose_placebo(con: duckdb.DuckDBPyConnection, question: Question) -> pd.DataFrame:
    """Return how many of the guests who were shown a placebo, a choice that brought nobody, chose it.

    Parameters
    ----------
    con : with table ``responses``: ``store_id``, ``submitted_at``, ``chose_placebo`` (null where none was shown)

    Returns
    -------
    one row: ``chose``, ``shown``, ``rate``, ``low``, ``high`` (<NA> where nobody was shown one)
    """
    return with_rate(ask(con, PLACEBO, question).df(), "chose", "shown")
