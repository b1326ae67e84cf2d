"""The channel report: what each channel cost, whom it brought, and whether they came back (docs/metrics.md)."""

from dataclasses import replace
from typing import Any

import pandas as pd
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analytics.filters import EVIDENCE, Filters, ReportForm
from analytics.metrics import acquisition
from analytics.metrics.value import UNKNOWN, share
from analytics.reports.columns import assumed_columns, beside, channel_columns, coupon_columns, response_columns
from analytics.reports.figures import ChannelFigures, figures
from analytics.reports.links import address
from analytics.reports.registry import Figure, Report, register
from analytics.reports.remarks import remarks as remarks_on
from attribution.coupons.models import CouponBatch
from attribution.engine.intervals import wilson
from attribution.evidence.models import Channel
from attribution.runs.models import Run
from sheets.display import display
from sheets.table import Chart, Column, Ratio, Table
from sheets.values import Value
from surveys.models import Placement

COUNTED = ("new_customers", "leads", "orders", "revenue", "own_orders", "own_revenue", "spend", "issued")


def build(run: Run, filters: Filters) -> tuple[list[Figure], list[Table]]:
    """Return the figures beside the tables, and the tables Channels, How much is assumed (where there is something to
    tell), Coupons and Responses."""
    found = figures(run, filters)
    known = list(Channel.objects.all())
    # What has no credits, has no customers either.
    link = address(filters, "customers", channel="{slug}") if found.order is None else ""
    channels = _channels(found, known, link)
    names = {channel.slug: channel.name for channel in known}
    shares = found.heard.shares if found.heard.is_assumed else None
    assumed = [_assumed(shares, names)] if shares is not None else []
    return _beside(found, channels), [channels, *assumed, _coupons(found.coupons, names), _responses(found.responses)]


def remarks(run: Run, filters: Filters) -> list[str]:
    return remarks_on(figures(run, filters), filters, {channel.slug: channel.name for channel in Channel.objects.all()})


def _channels(found: ChannelFigures, known: list[Channel], customers: str) -> Table:
    numbers = found.channels
    busy = set(numbers.index[numbers[list(COUNTED)].fillna(0).gt(0).any(axis=1)])
    # A channel that was switched off is shown only where it has something to say.
    shown = {row.slug: row.name for row in known if row.slug in numbers.index and (row.is_active or row.slug in busy)}
    shown[UNKNOWN] = _("Unknown")
    plain: Any = numbers.astype(object).where(numbers.notna(), None).to_dict("index")
    rows = [_channel_row(slug, name, plain[slug], found.new) for slug, name in shown.items()]
    table = Table(
        "channels",
        _("Channels"),
        channel_columns(customers),
        rows,
        notes=_notes(found),
        chart=Chart("bar", "channel", ("cost",), _("Cost per identified new customer")),
    ).with_totals(_("Total"))
    return _with_true_totals(table, found)


def _channel_row(slug: str, name: str, numbers: dict[str, Any], new: int) -> dict[str, Any]:
    row = _with_formulas(numbers | {"channel": name, "slug": slug}, channel_columns(), {"new_customers": new})
    # What costs nothing costs nothing, however many came.
    return row | ({"cost_low": None, "cost_high": None} if row["spend"] == 0 else {})


def _with_formulas(row: dict[str, Any], columns: Any, totals: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the row in the order of the columns, with what their formulas make; shares of all, given ``totals``."""
    for column in columns:
        formula: Ratio | None = column.formula
        if formula is not None and not formula.of_total:
            row[column.key] = formula.of(row[formula.numerator], row[formula.denominator])
        elif formula is not None and totals is not None:
            row[column.key] = formula.of(row[formula.numerator], totals[formula.denominator])
    return {column.key: row[column.key] for column in columns}


def _with_true_totals(table: Table, found: ChannelFigures) -> Table:
    """Put into the total row what is neither a sum nor a ratio of sums, and take out what a part is missing from."""
    row: dict[str, Any] = dict(zip((column.key for column in table.columns), table.totals, strict=True))
    row["share"] = 1.0 if found.new else None
    # Credits are fractions, and their sums are off by the last bit: what is a count is said as one.
    row["new_customers"], row["orders"], row["revenue"] = found.new, found.sold.orders, found.sold.revenue
    if found.has_own:
        row["own_orders"], row["own_revenue"] = found.sold.orders, found.sold.revenue
    row["repeat_rate"], row["repeat_low"], row["repeat_high"] = found.everyone
    for prefix, of, among in (("conversion", "converted", "old_enough"), ("coupon", "redeemed", "issued")):
        row[f"{prefix}_low"], row[f"{prefix}_high"] = _interval(row[of], row[among])
    spend = found.channels.drop(index=UNKNOWN)["spend"]
    if spend.isna().any():
        row["spend"] = None
    return replace(table, totals=_with_formulas(row, table.columns))


def _interval(part: int | None, whole: int | None) -> tuple[float | None, float | None]:
    if not whole:
        return None, None
    low, high = wilson(part or 0, whole)
    return float(low), float(high)


def _notes(found: ChannelFigures) -> list[str]:
    sold, notes = found.sold, []
    if sold.unidentified_orders:
        text = _("%(orders)s orders of the period belong to no identified customer and are in no row above.")
        notes.append(text % {"orders": _count(sold.unidentified_orders)})
    if found.not_known:
        text = _("%(customers)s first buyers are not counted as new: the records begin less than 90 days before.")
        notes.append(text % {"customers": _count(found.not_known)})
    return notes


def _count(number: int) -> str:
    return display(number, Column("count", "", "integer"), get_language() or "en", settings.CURRENCY)


def _beside(found: ChannelFigures, channels: Table) -> list[Figure]:
    sold = found.sold
    guess = found.new, sold.orders, sold.unidentified_orders
    everybody, ends = acquisition.estimate_all_new(*guess), acquisition.estimate_interval(*guess)
    spend = channels.totals[channels.position("spend")]
    values = {
        "new": found.new,
        "not_known": found.not_known,
        "inferred": found.heard.inferred,
        "spend": spend,
        "cost": acquisition.blended_cost(spend, found.new),
        "orders": sold.orders,
        "unidentified_orders": sold.unidentified_orders,
        "orders_share": share(sold.orders, sold.unidentified_orders),
        "revenue": sold.revenue,
        "unidentified_revenue": sold.unidentified_revenue,
        "revenue_share": share(sold.revenue, sold.unidentified_revenue),
        "estimate": everybody,
        "estimate_cost": acquisition.blended_cost(spend, everybody or 0),
    }
    ends_of: dict[str, tuple[Value, Value]] = {}
    if ends is not None:
        low, high = (acquisition.blended_cost(spend, end) for end in reversed(ends))
        ends_of = {"estimate": ends, "estimate_cost": (low, high)}
    columns = [column for column in beside() if column.key != "inferred" or found.used == EVIDENCE]
    return [Figure(column, values[column.key], ends_of.get(column.key)) for column in columns]


def _assumed(shares: pd.DataFrame, channels: dict[str, str]) -> Table:
    columns = assumed_columns()
    rows = [
        {"channel": channels.get(row["channel"], row["channel"]), "slug": row["channel"]}
        | {column.key: row[column.key] for column in columns[2:]}
        for row in shares.rename(columns={"low": "share_low", "high": "share_high"}).to_dict("records")
    ]
    return Table("assumed", _("How much is assumed"), columns, rows)


def _coupons(batches: pd.DataFrame, channels: dict[str, str]) -> Table:
    named = CouponBatch.objects.in_bulk(batches["batch_id"].tolist())
    columns = coupon_columns()
    rows = []
    for numbers in batches.astype(object).where(batches.notna(), None).itertuples():
        batch = named.get(numbers.batch_id)  # removed since the run: its numbers still count
        row = _rated(numbers, "conversion") | {
            "batch": batch.name if batch else "",
            "number": numbers.batch_id,
            "channel": channels.get(str(numbers.channel)),
            "issuer": batch.get_issuer_display() if batch else None,
            "issued": numbers.issued,
            "redeemed": numbers.redeemed,
            "uses": numbers.uses,
        }
        rows.append({column.key: row[column.key] for column in columns})
    table = Table("coupons", _("Coupons"), columns, rows).with_totals(_("Total"))
    return _with_interval(table, "conversion", "redeemed", "issued")


def _responses(placements: pd.DataFrame) -> Table:
    named = Placement.objects.select_related("store").in_bulk(placements["placement_id"].tolist())
    columns = response_columns()
    rows = []
    for numbers in placements.itertuples():
        placement = named.get(numbers.placement_id)
        row = _rated(numbers, "response") | {
            "store": placement.store.name if placement else None,
            "spot": placement.spot if placement else None,
            "mode": placement.get_mode_display() if placement else None,
            "number": numbers.placement_id,
            "shown": numbers.shown,
            "started": numbers.started,
            "finished": numbers.finished,
        }
        rows.append({column.key: row[column.key] for column in columns})
    table = Table("responses", _("Responses"), columns, rows).with_totals(_("Total"))
    return _with_interval(table, "response", "finished", "shown")


def _rated(numbers: Any, prefix: str) -> dict[str, Any]:
    return {f"{prefix}_{name}": getattr(numbers, name) for name in ("rate", "low", "high")}


def _with_interval(table: Table, prefix: str, of: str, among: str) -> Table:
    row: dict[str, Any] = dict(zip((column.key for column in table.columns), table.totals, strict=True))
    row[f"{prefix}_low"], row[f"{prefix}_high"] = _interval(row[of], row[among])
    return replace(table, totals=row)


CHANNELS = register(Report("channels", gettext_lazy("Channel report"), ReportForm, build, remarks))
