"""Who was shown a questionnaire, how many answered, where the others stopped, and how long it took: METRICS."""

from dataclasses import dataclass

import duckdb
import pandas as pd

from analytics.metrics.conversion import response_rate, with_rate
from analytics.metrics.question import Question, ask

# So long a guest who has stopped may still come back and finish.
ON_THE_WAY = 3600 * 1_000_000  # microseconds
# What each count of an hour is split by. The device's kind and whether the page was read in WeChat go together.
SPLITS = {
    "hour": "date_part('hour', timezone(zone, \"hour\"::TIMESTAMPTZ))::BIGINT",
    "device": "device || CASE WHEN in_wechat THEN '+wechat' ELSE '' END",
    "language": "language",
}
COUNTS = """
    SELECT {split} AS {name}, sum(impressions)::BIGINT AS shown, sum(starts)::BIGINT AS started,
        sum(finishes)::BIGINT AS finished
    FROM placement_hours JOIN stores ON stores.id = placement_hours.store_id
    WHERE epoch_us("hour") >= $starts AND epoch_us("hour") < $ends AND ($store IS NULL OR store_id = $store)
    GROUP BY 1 ORDER BY 1
"""
# What each question's counts are split by besides; of guests from before it was kept, the device is not known.
QUESTION_SPLITS = {
    "placement_id": "placement_id",
    "hour": "date_part('hour', timezone(zone, shown_at::TIMESTAMPTZ))::BIGINT",
    "device": "coalesce(nullif(device, ''), 'unknown')",
    "language": "coalesce(language, 'unknown')",
}
QUESTIONS = """
    WITH ways AS (
        SELECT version_id, store_id, placement_id, shown_at, language, device, steps FROM responses
        WHERE epoch_us(submitted_at) <= $watermark
        UNION ALL
        SELECT version_id, store_id, placement_id, shown_at, language, device, steps FROM drafts
        WHERE epoch_us(shown_at) <= $watermark - $on_the_way
    ), steps AS (
        SELECT version_id, {split} AS {name}, unnest(string_split(steps, ' ')) AS step
        FROM ways JOIN stores ON stores.id = ways.store_id
        WHERE steps <> '' AND epoch_us(shown_at) >= $starts AND epoch_us(shown_at) < $ends
            AND ($store IS NULL OR store_id = $store)
    )
    SELECT version_id, step[:-2] AS question, {name}, count(*) AS shown,
        count(*) FILTER (step[-1] IN ('+', '.')) AS answered, count(*) FILTER (step[-1] = '-') AS skipped,
        count(*) FILTER (step[-1] = '?') AS abandoned
    FROM steps GROUP BY ALL ORDER BY ALL
"""
COUNTED = ["shown", "answered", "skipped", "abandoned"]
TIMES = """
    SELECT placement_id, quantile_cont(seconds, 0.5) AS median, quantile_cont(seconds, 0.9) AS slow
    FROM (
        SELECT placement_id, epoch_us(submitted_at - shown_at + TIMESTAMP '1970-01-01') / 1e6 AS seconds FROM responses
        WHERE submitted_at > shown_at AND epoch_us(shown_at) >= $starts AND epoch_us(shown_at) < $ends
            AND epoch_us(submitted_at) <= $watermark AND ($store IS NULL OR store_id = $store)
    )
    GROUP BY GROUPING SETS ((placement_id), ())
"""


@dataclass(frozen=True)
class Funnel:
    """How many were shown a questionnaire, and how far they came.

    Attributes
    ----------
    places : ``placement_id``, ``store_id``, ``shown``, ``started``, ``finished``, ``rate``, ``low``, ``high``,
        ``median``, ``slow`` (seconds from the first view to the end: half took no longer, 9 of 10 took no longer)
    splits : by each name of `SPLITS`, its own column and ``shown``, ``started``, ``finished``, ``rate``, ``low``,
        ``high``
    questions : ``version_id``, ``question``, ``shown``, ``answered``, ``skipped``, ``abandoned``; of those whose way
        was kept, and who finished or stopped at least an hour ago
    question_splits : by each name of `QUESTION_SPLITS`, the same and its own column; rows sum to those of questions
    median, slow : of all places
    """

    places: pd.DataFrame
    splits: dict[str, pd.DataFrame]
    questions: pd.DataFrame
    question_splits: dict[str, pd.DataFrame]
    median: float | None
    slow: float | None


def funnel(con: duckdb.DuckDBPyConnection, question: Question) -> Funnel:
    """Return how many of those who were shown a questionnaire in the period came how far.

    Parameters
    ----------
    con : with tables ``placement_days``: see `analytics.metrics.conversion.response_rate`; ``placement_hours``:
        ``store_id``, ``hour``, ``language``, ``device``, ``in_wechat``, ``impressions``, ``starts``, ``finishes``;
        ``responses`` (submitted): ``placement_id``, ``store_id``, ``version_id``, ``shown_at``, ``submitted_at``,
        ``language``, ``device`` (`surveys.counting.Seen.kind`), ``steps`` (`surveys.walk`); ``drafts`` (not submitted):
        the same without ``submitted_at``; ``stores``: ``id``, ``zone``
    """
    times = ask(con, TIMES, question).df()
    everywhere = times[times["placement_id"].isna()]
    own = times.dropna(subset="placement_id").astype({"placement_id": "int64"})
    places = response_rate(con, question).merge(own, on="placement_id", how="left")
    splits = {
        name: with_rate(ask(con, COUNTS.format(split=split, name=name), question).df(), "finished", "shown")
        for name, split in SPLITS.items()
    }
    asked = {
        name: ask(con, QUESTIONS.format(split=split, name=name).replace("$on_the_way", str(ON_THE_WAY)), question).df()
        for name, split in QUESTION_SPLITS.items()
    }
    questions = asked["language"].groupby(["version_id", "question"], as_index=False)[COUNTED].sum()
    median, slow = (everywhere[name].dropna().tolist() for name in ("median", "slow"))
    return Funnel(places, splits, questions, asked, *(found[0] if found else None for found in (median, slow)))
