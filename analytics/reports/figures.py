"""The numbers of the channel report, without words: what is computed once per run and filters, and kept."""

import hashlib
import json
from dataclasses import dataclass

import duckdb
import pandas as pd
from django.conf import settings
from django.core.cache import cache

from analytics.filters import Filters
from analytics.judged import open_run
from analytics.metrics import acquisition, conversion, retention, value
from analytics.metrics.question import Question
from analytics.metrics.value import UNKNOWN, Sold
from attribution.customers.models import Store
from attribution.runs.models import Run

KEPT_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class ChannelFigures:
    """``channels``: one row a channel by slug, ``unknown`` last; what is not known is ``<NA>``. ``everyone``: the
    repeat-purchase rate of all new customers and its interval. ``new``, ``not_known``: first buyers."""

    channels: pd.DataFrame
    everyone: tuple[float | None, float | None, float | None]
    coupons: pd.DataFrame
    responses: pd.DataFrame
    new: int
    not_known: int
    sold: Sold


def figures(run: Run, filters: Filters) -> ChannelFigures:
    """Return the run's numbers for the filters; asked again, they come from the cache."""
    asked = json.dumps(
        [filters.to_query(), str(settings.HISTORY_STARTS), settings.CONVERSION_WINDOW_DAYS, settings.BUSINESS_ZONE.key]
    )
    key = f"channels-{run.uuid}-{hashlib.sha256(asked.encode()).hexdigest()[:32]}"
    kept = cache.get(key)
    if kept is None:
        kept = _compute(run, filters)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def question(run: Run, filters: Filters) -> Question:
    store = Store.objects.get(code=filters.store).pk if filters.store else None
    assert run.watermark is not None  # a run that is done has one
    return Question(filters.period, run.watermark, settings.HISTORY_STARTS, settings.CONVERSION_WINDOW_DAYS, store)


def _compute(run: Run, filters: Filters) -> ChannelFigures:
    asked, con = question(run, filters), open_run(run, filters.model)
    batches, repeat = conversion.coupon_conversion(con, asked), retention.repeat_rate(con, asked)
    new, not_known = acquisition.count_new(con, asked)
    return ChannelFigures(
        channels=_by_channel(con, asked, batches, repeat),
        everyone=_everyone(repeat),
        coupons=batches,
        responses=conversion.response_rate(con, asked),
        new=new,
        not_known=not_known,
        sold=value.sold(con, asked),
    )


def _by_channel(
    con: duckdb.DuckDBPyConnection, asked: Question, batches: pd.DataFrame, repeat: pd.DataFrame
) -> pd.DataFrame:
    slugs = [slug for (slug,) in con.execute("SELECT slug FROM channels ORDER BY slug").fetchall()]
    table = pd.DataFrame(index=pd.Index([*slugs, UNKNOWN], name="slug"))
    spend = acquisition.spend_by_channel(con, asked).set_index("channel")["amount"]
    table["spend"] = spend.reindex(slugs, fill_value=0).reindex(table.index)
    won = acquisition.new_customers(con, asked).set_index("channel")["customers"]
    table["new_customers"] = won.reindex(table.index, fill_value=0.0)
    leads = conversion.lead_conversion(con, asked).set_index("channel")
    for name in ("leads", "still_open", "old_enough", "converted"):
        counts = leads[name].astype("Int64")
        table[name] = (counts.reindex(slugs, fill_value=0) if asked.store_id is None else counts).reindex(table.index)
    coupons = conversion.by_channel(batches).set_index("channel")
    for name in ("issued", "redeemed"):
        table[name] = coupons[name].astype("Int64").reindex(slugs, fill_value=0).reindex(table.index)
    rates = {"conversion": leads, "coupon": coupons, "repeat": repeat.set_index("channel")}
    for prefix, rows in rates.items():
        for name in ("rate", "low", "high"):
            table[f"{prefix}_{name}"] = rows[name].reindex(table.index)
    bought = value.credited_value(con, asked).set_index("channel")
    for name in ("orders", "revenue"):
        table[name] = bought[name].reindex(table.index, fill_value=0.0)
    return table


def _everyone(repeat: pd.DataFrame) -> tuple[float | None, float | None, float | None]:
    rows = repeat[repeat["channel"] == retention.EVERYONE]
    if rows.empty or rows["rate"].isna().all():
        return None, None, None
    rate, low, high = (float(rows[name].iloc[0]) for name in ("rate", "low", "high"))
    return rate, low, high
