"""The importer of advertising spend: a row is what one channel cost on a day or on several.

Channels, campaigns and stores are known by slug or code, or by either of their names, whatever the case. A row that
gives no id is named by channel, campaign, store and days, so two such rows in one file cannot be told from one that was
written twice: the second is refused, and whoever made the file can say what was meant.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from attribution.customers.imports import Context, Field, RowImporter, Taken
from attribution.customers.imports.messages import tell
from attribution.customers.imports.orders.reading import own_currency
from attribution.customers.models import Store
from attribution.evidence.actions import BadSpend, SpendValue, import_spend
from attribution.evidence.models import Campaign, Channel

# The labels in both languages come first: a template downloaded in one language is read in the other.
HEADINGS = {
    "channel": "Channel, 渠道, Platform, Media, Source, 平台, 媒体, 投放渠道, 投放平台, 推广渠道, 来源",
    "campaign": "Campaign, 活动, Campaign name, 推广计划, 计划, 计划名称, 广告计划, 活动名称, 推广活动",
    "store": "Store, 门店, Store code, Store name, Shop, Branch, 门店编码, 门店名称, 门店编号, 店铺, 店铺名称, 分店",
    "first_day": "First day, 开始日期, Date, Day, Start, Start date, From, 日期, 时间, 起始日期, 投放日期, 首日",
    "last_day": "Last day, 结束日期, End, End date, To, Until, 截止日期, 终止日期, 末日",
    "amount": "Amount, 金额, Spend, Cost, Amount spent, Total cost, 花费, 消耗, 费用, 成本, 投放金额, 花费金额, "
    "消耗金额, 总消耗, 总花费, 推广费用, 广告费",
    "currency": "Currency, 币种, 货币",
    "impressions": "Impressions, 展示量, Views, Impr, 展示, 展示数, 展现, 展现量, 展示次数, 曝光, 曝光量, 曝光数, "
    "曝光次数",
    "clicks": "Clicks, 点击量, Link clicks, 点击, 点击数, 点击次数",
    "id": "ID, 编号, Row ID, Record ID, Entry ID, 记录编号, 流水号, 明细ID",
}
KNOWN = {name: tuple(headings.split(", ")) for name, headings in HEADINGS.items()}
FIELDS = (
    Field("channel", _("Channel"), KNOWN["channel"], required=True, samples=("douyin", "xiaohongshu")),
    Field("campaign", _("Campaign"), KNOWN["campaign"]),
    Field("store", _("Store"), KNOWN["store"]),
    Field(
        "first_day",
        _("First day"),
        KNOWN["first_day"],
        type="date",
        required=True,
        samples=("2026-11-01", "2026-11-01"),
    ),
    Field("last_day", _("Last day"), KNOWN["last_day"], type="date", samples=("2026-11-01", "2026-11-07")),
    Field("amount", _("Amount"), KNOWN["amount"], type="money", required=True, samples=("1280.50", "3500.00")),
    Field("currency", _("Currency"), KNOWN["currency"]),
    Field("impressions", _("Impressions"), KNOWN["impressions"], type="integer", samples=("52000", "18000")),
    Field("clicks", _("Clicks"), KNOWN["clicks"], type="integer", samples=("910", "")),
    Field("id", _("ID"), KNOWN["id"], most=80),
)


@dataclass
class Known:
    """Everything that a row may name, looked up once for the whole file."""

    channels: dict[str, Channel]
    campaigns: dict[int, dict[str, Campaign]]
    stores: dict[str, Store]
    rows: dict[Hashable, int] = field(default_factory=dict)  # what names a row → the first that bore it


class SpendImporter(RowImporter):
    kind = "spend"
    title = _("Advertising spend")
    fields = FIELDS

    def begin(self, context: Context) -> Known:
        if "known" not in context.memory:
            campaigns: dict[int, list[Campaign]] = {}
            for campaign in Campaign.objects.order_by("pk"):
                campaigns.setdefault(campaign.channel_id, []).append(campaign)
            context.memory["known"] = Known(
                by_name(Channel.objects.order_by("pk"), "slug"),
                {channel: by_name(rows) for channel, rows in campaigns.items()},
                by_name(Store.objects.order_by("pk"), "code"),
            )
        known: Known = context.memory["known"]
        return known

    def take(self, rows: pd.DataFrame, context: Context) -> Taken:
        return super().take(rows.assign(row=rows.index), context)

    def take_row(self, row: dict[str, Any], known: Known, context: Context) -> str:
        value, source_id = read_row(row, known), _whole(row.get("id"))
        first = known.rows.setdefault(source_id or value.place(), row["row"])
        if first != row["row"]:
            raise BadSpend(_twice(source_id), row=first)
        return import_spend(value=value, source_id=source_id, staff=context.staff)[1]


def read_row(row: dict[str, Any], known: Known) -> SpendValue:
    """Return what a row says, cells by field, blank ones None; raise BadSpend for what is not known here."""
    currency = row.get("currency")
    if currency is not None and not own_currency(currency):
        raise BadSpend(tell("other_currency", {"value": currency[:60], "currency": settings.CURRENCY}))
    channel = _find(known.channels, row["channel"], _("There is no channel “%(name)s”."))
    campaigns = known.campaigns.get(channel.pk, {})
    first_day = _day(row["first_day"])
    value = SpendValue(
        channel=channel,
        first_day=first_day,
        last_day=first_day if row.get("last_day") is None else _day(row["last_day"]),
        amount_minor=int(row["amount"]),
        campaign=_find(campaigns, row.get("campaign"), _("The channel has no campaign “%(name)s”.")),
        store=_find(known.stores, row.get("store"), _("There is no store “%(name)s”.")),
        impressions=_count(row.get("impressions")),
        clicks=_count(row.get("clicks")),
    )
    value.check()
    return value


def by_name(rows: Iterable[Any], *more: str) -> dict[str, Any]:
    """Return rows by their names in plain writing; a name that two of them share finds neither."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        for name in {plain(getattr(row, column)) for column in (*more, "name_zh_hans", "name_en")} - {""}:
            found.setdefault(name, []).append(row)
    return {name: bearers[0] for name, bearers in found.items() if len(bearers) == 1}


def plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _find(known: dict[str, Any], name: str | None, complaint: Any) -> Any:
    if name is None:
        return None
    if plain(name) not in known:
        raise BadSpend(complaint, name=name[:60])
    return known[plain(name)]


def _day(cell: Any) -> date:
    return pd.Timestamp(cell).date()


def _count(cell: Any) -> int | None:
    if cell is not None and cell < 0:
        raise BadSpend(gettext("Impressions and clicks cannot be negative."))
    return None if cell is None else int(cell)


def _whole(cell: str | None) -> str:
    """A spreadsheet that took an id for an amount wrote 13085.0: the id is 13085."""
    head, _point, tail = (cell or "").rpartition(".")
    return head if tail == "0" and head.isdigit() else (cell or "")


def _twice(source_id: str) -> Any:
    if source_id:
        return _("Row %(row)s has the same id.")
    return _(
        "Row %(row)s is for the same channel, campaign, store and days. "
        "Add the two up, or give each row an id of its own."
    )
