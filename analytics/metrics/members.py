"""The customers behind a number: who was credited to a channel, the most certain first."""

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from analytics.metrics.acquisition import IS_NEW
from analytics.metrics.question import Question

MEMBERS = f"""
    WITH best AS (
        SELECT group_id, channel, credit FROM credits WHERE credit > 0 AND ($channel IS NULL OR channel = $channel)
        QUALIFY row_number() OVER (PARTITION BY group_id ORDER BY credit DESC, channel) = 1
    ), members AS (
        SELECT customer_id, first_at, store_id, pattern_id, path_id, group_id, channel, credit
        FROM judged JOIN best USING (group_id)
        WHERE {IS_NEW} AND ($every_pattern OR pattern_id IN (SELECT pattern_id FROM wanted))
    )
"""  # noqa: S608 - constants only


class Members:
    """The period's new customers who are credited to a channel: to ``channel``, or each to the likeliest.

    Parameters
    ----------
    con : with tables ``judged``: ``customer_id``, ``first_at``, ``store_id``, ``pattern_id``, ``path_id``,
        ``group_id``; ``credits``: ``group_id``, ``channel``, ``credit`` (each group's sum to 1)
    patterns : only customers with such evidence; None: whatever theirs is
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        question: Question,
        channel: str | None = None,
        patterns: Iterable[int] | None = None,
    ) -> None:
        self.con = con
        con.register("wanted", pa.table({"pattern_id": pa.array(patterns or [], pa.int64())}))
        self.given = question.parameters() | {"channel": channel, "every_pattern": patterns is None}

    def by_pattern(self) -> pd.DataFrame:
        """Return ``pattern_id``, ``customers``, ``credit`` (their sum), sorted by pattern."""
        return self._ask(
            "SELECT pattern_id, count(*) AS customers, sum(credit)::DOUBLE AS credit FROM members GROUP BY pattern_id"
            " ORDER BY pattern_id"
        ).df()

    def page(self, limit: int, offset: int = 0) -> pa.Table:
        """Return so many customers, the most certain first: all columns of ``members``."""
        return self._sorted(limit, offset).to_arrow_table()

    def stream(self, limit: int, size: int = 2_000) -> Iterator[pa.RecordBatch]:
        """Yield the customers in the order of `page`, so many at a time."""
        yield from self._sorted(limit, 0).to_arrow_reader(size)

    def credits_of(self, groups: Iterable[int]) -> pa.Table:
        """Return ``group_id``, ``channel``, ``credit`` of these groups, the greatest credit first."""
        self.con.register("asked", pa.table({"group_id": pa.array(sorted(set(groups)), pa.int64())}))
        return self.con.sql(
            "SELECT group_id, channel, credit FROM credits SEMI JOIN asked USING (group_id)"
            " ORDER BY group_id, credit DESC, channel"
        ).to_arrow_table()

    def _sorted(self, limit: int, offset: int) -> duckdb.DuckDBPyRelation:
        return self._ask(
            "FROM members ORDER BY credit DESC, first_at DESC, customer_id LIMIT $limit OFFSET $offset",
            limit=limit,
            offset=offset,
        )

    def _ask(self, sql: str, **more: Any) -> duckdb.DuckDBPyRelation:
        whole, given = MEMBERS + sql, self.given | more
        return self.con.sql(whole, params={name: value for name, value in given.items() if f"${name}" in whole})
