"""What a report asks of a run: which days, which store, and up to when the run knows."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from analytics.period import Period, midnight

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# Whoever bought in the first days of the records may have been a customer before them.
NOT_KNOWN_DAYS = 90


def micros(moment: dt.datetime) -> int:
    """Return microseconds since 1970 UTC."""
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class Question:
    """A period, perhaps one store, and what the answer depends on besides.

    Parameters
    ----------
    watermark : nothing later counts; whoever has not come back by then is censored
    history_starts : first sales in the 90 days from this day on are not known to be those of new customers
    window_days : within how many days of the first touch a lead has to buy
    store_id : only the customers, orders and spend of this store
    """

    period: Period
    watermark: dt.datetime
    history_starts: dt.date
    window_days: int = 30
    store_id: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        return self.period.zone

    @property
    def known_from(self) -> dt.date:
        """The first day on which a first sale makes a new customer."""
        return self.history_starts + dt.timedelta(days=NOT_KNOWN_DAYS)

    def parameters(self) -> dict[str, Any]:
        """The question as parameters of the metrics' SQL; moments in microseconds since 1970 UTC."""
        start, end = self.period.bounds
        return {
            "starts": micros(start),
            "ends": micros(end),
            "first_day": self.period.start,
            "end_day": self.period.end,
            "watermark": micros(self.watermark),
            "last_seen_day": self.watermark.astimezone(self.zone).date(),
            "known_from": micros(midnight(self.known_from, self.zone)),
            "window": self.window_days * 86_400_000_000,
            "store": self.store_id,
            "zone": self.zone.key,
        }


def ask(con: duckdb.DuckDBPyConnection, sql: str, question: Question) -> duckdb.DuckDBPyRelation:
    """Return the answer to a metric's SQL, given those of the question's parameters that it names."""
    everything = question.parameters()
    return con.sql(sql, params={name: value for name, value in everything.items() if f"${name}" in sql})
