"""Tiny shops for the metrics, as tables worked by hand."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd

from analytics.metrics.conversion import MEETINGS
from analytics.metrics.frames import tables
from analytics.metrics.question import Question
from analytics.metrics.value import BOUGHT
from analytics.period import parse

SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(text: str | None) -> dt.datetime | None:
    """A time of Shanghai's clocks, as the Facts have it: UTC without a zone."""
    if text is None:
        return None
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(dt.UTC).replace(tzinfo=None)


def march(**changes: Any) -> Question:
    """March 2026 in all stores, seen from 1 August 2026, in a shop whose records begin in 2020."""
    given: dict[str, Any] = {
        "period": parse("2026-03-01", "2026-04-01", SHANGHAI),
        "watermark": dt.datetime(2026, 8, 1, tzinfo=dt.UTC),
        "history_starts": dt.date(2020, 1, 1),
    }
    return Question(**(given | changes))


def rows(columns: str, *lines: tuple) -> pd.DataFrame:
    """A frame whose columns named ``…_at`` or ``at`` hold times and whose others hold what they are given."""
    frame = pd.DataFrame(list(lines), columns=columns.split(), dtype=object)
    for name in columns.split():
        if name == "at" or name.endswith("_at"):
            frame[name] = pd.Series([moment(text) for text in frame[name]], dtype="datetime64[us]")
        elif name.startswith("has_"):
            frame[name] = frame[name].astype("bool")
        elif name.endswith(("_id", "_minor", "place", "places")) or name in {"id", "customer"}:
            frame[name] = frame[name].astype("Int64")
        elif name.endswith("_day") or name == "day":
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
        elif name in {"impressions", "starts", "finishes"}:
            frame[name] = frame[name].astype("int64")
        elif name == "credit":
            frame[name] = frame[name].astype("float64")
        else:
            frame[name] = frame[name].astype("str" if frame[name].notna().all() else "string")
    return frame


def shop(**given: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """A run's tables; those that are not given are empty. Each customer is a group, unless ``judged`` has some."""
    columns = {
        "spend": "channel store_id first_day last_day amount_minor",
        "judged": "customer customer_id first_at next_at store_id",
        "credits": "group_id channel credit",
        "judged_orders": "customer_id at value group_id",
        "order_credits": "group_id channel credit",
        "orders": "id kind store_id customer_id placed_at amount_minor refund_of_id",
        "touches": "customer_id channel kind at",
        "coupons": "id batch_id channel issued_at claimed_at customer_id",
        "batches": "id channel",
        "redemptions": "batch_id coupon_id store_id redeemed_at",
        "responses": "placement_id store_id customer_id channel submitted_at choice_id has_dont_remember chosen_place"
        " places",
        "stores": "id zone",
        "placement_days": "placement_id store_id day impressions starts finishes",
    }
    con = tables(**{name: given.get(name, rows(text)) for name, text in columns.items()})
    for table, name in (("spend", "first_day"), ("spend", "last_day"), ("placement_days", "day")):
        con.execute(f"ALTER TABLE {table} ALTER {name} TYPE DATE")
    if "group_id" not in given.get("judged", []):
        con.execute("ALTER TABLE judged ADD COLUMN group_id BIGINT")
        con.execute("UPDATE judged SET group_id = customer")
    con.execute("CREATE VIEW meetings AS " + MEETINGS)
    con.execute(f"""
        CREATE VIEW bought AS
        WITH judged AS (SELECT *, group_id AS path_id, NULL AS pattern_id FROM judged),
            judged_orders AS (SELECT *, NULL AS customer, group_id AS path_id FROM judged_orders)
        SELECT *, path_id AS group_id, own_path_id AS own_group_id FROM ({BOUGHT})
    """)
    return con
