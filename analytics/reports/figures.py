"""The numbers of the channel report, without words: what is computed once per run and filters, and kept."""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd
from django.conf import settings

from analytics.errors import ChainTooLong
from analytics.filters import AUTO, Filters
from analytics.judged import evidence_of, open_run, used_model
from analytics.metrics import acquisition, conversion, retention, value
from analytics.metrics.question import Question
from analytics.metrics.value import UNKNOWN, Sold
from analytics.reports.kept import kept
from attribution.customers.models import Store
from attribution.engine import MODELS, Judgement, ModelError
from attribution.engine.evidence import EvidenceFit
from attribution.engine.evidence.patterns import NOTHING
from attribution.engine.paths import Mask
from attribution.runs.models import Run
from attribution.runs.results import RunResults

ENDS = ("new_customers_low", "new_customers_high")
# What needs to know whose customer a single one is.
BY_CUSTOMER = ("repeat_rate", "repeat_low", "repeat_high", "orders", "revenue")


@dataclass(frozen=True)
class Heard:
    """What the evidence of a run can carry; ``not_kept`` is the reason of a run from before it was weighed.

    ``only_survey``: channels that nothing but answers names. ``shares``: columns ``channel``, ``share``, ``low``,
    ``high``, ``half_prior``, ``double_prior``, of all customers of the run. ``inferred``: the part of the new
    customers on whom nothing spoke. The last three only where the evidence has been weighed for this report.
    """

    status: str
    reason: str
    sources: tuple[str, ...] = ()
    overlaps: int = 0
    only_survey: tuple[str, ...] = ()
    shares: pd.DataFrame | None = None
    inferred: float | None = None

    @property
    def is_assumed(self) -> bool:
        """Whether the shares rest in part on what the model assumes beforehand."""
        return self.status == "prior_dependent"


@dataclass(frozen=True)
class ChannelFigures:
    """``channels``: one row a channel by slug, ``unknown`` last; what is not known is ``<NA>``. ``everyone``: the
    repeat-purchase rate of all new customers and its interval. ``new``, ``not_known``: first buyers. ``used``: the
    model that answered for the one that was asked for, and its ``order``, if it has one. ``has_own``: whether the run
    judged each order by its own path."""

    channels: pd.DataFrame
    everyone: tuple[float | None, float | None, float | None]
    coupons: pd.DataFrame
    responses: pd.DataFrame
    new: int
    not_known: int
    sold: Sold
    used: str
    order: int | None
    heard: Heard
    has_own: bool


def figures(run: Run, filters: Filters) -> ChannelFigures:
    """Return the run's numbers for the filters; asked again, they come from the cache."""
    asked = [filters.to_query(), settings.HISTORY_STARTS, settings.CONVERSION_WINDOW_DAYS, settings.BUSINESS_ZONE.key]
    return kept("channels-2", run, asked, lambda: _compute(run, filters))


def question(run: Run, filters: Filters) -> Question:
    store = Store.objects.get(code=filters.store).pk if filters.store else None
    assert run.watermark is not None  # a run that is done has one
    return Question(filters.period, run.watermark, settings.HISTORY_STARTS, settings.CONVERSION_WINDOW_DAYS, store)


def _compute(run: Run, filters: Filters) -> ChannelFigures:
    results, asked = RunResults(run), question(run, filters)
    judgement, con = results.judgement, open_run(run, filters.model)
    chosen = acquisition.choose_new(con, asked, judgement.counts["conversions"])
    used = used_model(judgement, filters.model)
    order = None if MODELS[used].per_customer else _order(judgement, filters)
    has_own = results.orders is not None
    batches, repeat = conversion.coupon_conversion(con, asked), retention.repeat_rate(con, asked)
    channels = _by_channel(con, asked, batches, repeat, has_own)
    won = _won(con, asked, judgement, used, order, chosen)
    for name in ("new_customers", *ENDS):
        channels[name] = won[name].reindex(channels.index)
    channels["new_customers"] = channels["new_customers"].fillna(0.0)
    if order is not None:
        channels[list(BY_CUSTOMER)] = pd.NA
    new, not_known = acquisition.count_new(con, asked)
    return ChannelFigures(
        channels=channels,
        everyone=_everyone(repeat),
        coupons=batches,
        responses=conversion.response_rate(con, asked),
        new=new,
        not_known=not_known,
        sold=value.sold(con, asked),
        used=used,
        order=order,
        heard=_heard(run, judgement, chosen, is_weighed=MODELS[used].is_fitted),
        has_own=has_own,
    )


def _order(judgement: Judgement, filters: Filters) -> int:
    return judgement.markov_order if filters.order == AUTO else int(filters.order)


def _won(
    con: duckdb.DuckDBPyConnection, asked: Question, judgement: Judgement, used: str, order: int | None, chosen: Mask
) -> pd.DataFrame:
    """Return ``new_customers`` and its ends by channel. What has no credits, shares those with a touch."""
    try:
        found = judgement.intervals(used, chosen, order=order or 1).to_pandas()
    except ModelError as error:
        raise ChainTooLong from error
    found = acquisition.known_ends(found.astype({"channel": "str"})).set_index("channel")
    if order is None:
        found["customers"] = acquisition.new_customers(con, asked).set_index("channel")["customers"]
    else:
        found.loc[UNKNOWN] = acquisition.without_touch(judgement.conversions(["path_id"])["path_id"], chosen)
    return found.rename(columns={"customers": "new_customers", "low": ENDS[0], "high": ENDS[1]})


def _heard(run: Run, judgement: Judgement, chosen: Mask, *, is_weighed: bool) -> Heard:
    fit = evidence_of(judgement)
    if fit is None:
        return Heard("fallback", "not_kept")
    told = Heard(fit.status, fit.reason, fit.sources, fit.overlaps)
    if not is_weighed:
        return told
    shares = kept("shares", run, [], lambda: fit.shares().to_pandas())
    only = tuple(shares.loc[shares["only_survey"], "channel"])
    inferred = _silent(fit, judgement, chosen)
    return replace(told, only_survey=only, shares=shares.drop(columns="only_survey"), inferred=inferred)


def _silent(fit: EvidenceFit, judgement: Judgement, chosen: Mask) -> float | None:
    silent = np.flatnonzero((fit.patterns.said == NOTHING).all(axis=1))
    found = judgement.conversions(["pattern_id"])["pattern_id"].to_numpy()[chosen]
    return float(np.isin(found, silent).mean()) if len(found) else None


def _by_channel(
    con: duckdb.DuckDBPyConnection, asked: Question, batches: pd.DataFrame, repeat: pd.DataFrame, has_own: bool
) -> pd.DataFrame:
    slugs = [slug for (slug,) in con.execute("SELECT slug FROM channels ORDER BY slug").fetchall()]
    table = pd.DataFrame(index=pd.Index([*slugs, UNKNOWN], name="slug"))
    spend = acquisition.spend_by_channel(con, asked).set_index("channel")["amount"]
    table["spend"] = spend.reindex(slugs, fill_value=0).reindex(table.index)
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
    own = value.own_value(con, asked).set_index("channel") if has_own else None
    for name in ("orders", "revenue"):
        table[name] = bought[name].reindex(table.index, fill_value=0.0).astype("Float64")
        table[f"own_{name}"] = pd.Series(pd.NA, table.index, "Float64")
        if own is not None:
            table[f"own_{name}"] = own[name].reindex(table.index, fill_value=0.0).astype("Float64")
    return table


def _everyone(repeat: pd.DataFrame) -> tuple[float | None, float | None, float | None]:
    rows = repeat[repeat["channel"] == retention.EVERYONE]
    if rows.empty or rows["rate"].isna().all():
        return None, None, None
    rate, low, high = (float(rows[name].iloc[0]) for name in ("rate", "low", "high"))
    return rate, low, high
