"""The columns of the channel report's tables: what each is called, and the sentence that says what is counted.

``…_low`` and ``…_high`` are the ends of the 95 % interval of the column they are named after. The total row
has none for what is counted and not estimated: however they are shared, all new customers are known.
"""

from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext as _

from sheets.table import Column, Ratio


def with_interval(column: Column, low: Ratio | None = None, high: Ratio | None = None) -> list[Column]:
    """Return a column with the ends of its interval, named after it (without ``_rate``) and perhaps live in Excel."""
    prefix = column.key.removesuffix("_rate")
    ends = f"{prefix}_low", f"{prefix}_high"
    named = {"figure": column.label}
    return [
        replace(column, interval=ends),
        Column(ends[0], _("%(figure)s, low") % named, column.type, _("Lower end of the interval (95%)."), low),
        Column(ends[1], _("%(figure)s, high") % named, column.type, _("Upper end of the interval (95%)."), high),
    ]


def channel_columns(customers: str = "") -> list[Column]:
    """Return the columns; ``customers`` is where a page leads from a channel to its new customers."""
    return [
        Column("channel", _("Channel")),
        Column("slug", _("Channel code")),
        *_won(customers),
        *_converted(),
        *_used(),
        *_came_back(),
        *_bought(),
        *_own(),
    ]


def _won(customers: str) -> list[Column]:
    return [
        Column(
            "spend",
            _("Spend"),
            "money",
            _("Entries of the period; one over several days is spread evenly over them. With a store chosen it is"
              " unknown where an entry names no store."),
            total=True,
        ),
        *with_interval(
            Column(
                "new_customers",
                _("New customers"),
                "number",
                _("Customers whose first sale falls in the period, each shared among the channels by the model’s"
                  " credit."),
                total=True,
                link=customers,
            )
        ),
        *with_interval(
            Column(
                "share",
                _("Share"),
                "ratio",
                _("Of all new customers of the period."),
                formula=Ratio("new_customers", "new_customers", of_total=True),
            ),
            Ratio("new_customers_low", "new_customers", of_total=True),
            Ratio("new_customers_high", "new_customers", of_total=True),
        ),
        *with_interval(
            Column(
                "cost",
                _("Cost per identified new customer"),
                "money",
                _("Spend ÷ new customers. Unknown without new customers. It has no upper end where there may be none."),
                formula=Ratio("spend", "new_customers"),
                emphasis=True,
            ),
            Ratio("spend", "new_customers_high"),
            Ratio("spend", "new_customers_low"),
        ),
    ]  # fmt: skip


def _converted() -> list[Column]:
    days = {"days": settings.CONVERSION_WINDOW_DAYS}
    return [
        Column(
            "leads",
            _("Leads"),
            "integer",
            _("People without an earlier sale whose first link, referral or import touch, or first coupon claim, on"
              " this channel falls in the period. One person may be a lead of several channels."),
            total=True,
        ),
        Column(
            "still_open",
            _("Leads still open"),
            "integer",
            _("Leads younger than %(days)s days when the run was made: not judged yet.") % days,
            total=True,
        ),
        Column("old_enough", _("Leads judged"), "integer", _("Leads at least %(days)s days old.") % days, total=True),
        Column(
            "converted",
            _("Leads that bought"),
            "integer",
            _("Judged leads whose first sale came within %(days)s days.") % days,
            total=True,
        ),
        *with_interval(
            Column(
                "conversion_rate",
                _("Conversion rate"),
                "ratio",
                _("Leads that bought ÷ leads judged. Unknown for a channel that is heard of only in answers and"
                  " redemptions, and with a store chosen: a lead that has not bought belongs to none."),
                formula=Ratio("converted", "old_enough"),
            )
        ),
    ]  # fmt: skip


def _used() -> list[Column]:
    return [
        Column("issued", _("Coupons issued"), "integer", _("In the period, in the channel’s batches."), total=True),
        Column(
            "redeemed", _("Coupons redeemed"), "integer", _("Of those issued, with a standing redemption."), total=True
        ),
        *with_interval(_coupon_rate("coupon_rate")),
    ]


def _coupon_rate(key: str) -> Column:
    return Column(
        key,
        _("Coupon conversion"),
        "ratio",
        _("Coupons redeemed ÷ coupons issued."),
        formula=Ratio("redeemed", "issued"),
    )


def _came_back() -> list[Column]:
    return with_interval(
        Column(
            "repeat_rate",
            _("Repeat-purchase rate (90 days)"),
            "ratio",
            _("Of the new customers, the share who buy again on a later day within 90 days (Kaplan–Meier, weighted by"
              " credit). Unknown until one of them has been followed for 90 days."),
        )
    )  # fmt: skip


def _bought() -> list[Column]:
    return [
        Column(
            "orders",
            _("Orders"),
            "number",
            _("Sales in the period to customers whom the channel brought, whenever it did, shared by credit."),
            total=True,
        ),
        Column("revenue", _("Revenue"), "money", _("Of these orders, less the refunds of the period."), total=True),
        Column(
            "average_order", _("Average order"), "money", _("Revenue ÷ orders."), formula=Ratio("revenue", "orders")
        ),
        _roas("roas", _("Revenue per unit of spend (ROAS)"), "revenue"),
    ]


def _own() -> list[Column]:
    return [
        Column(
            "own_orders",
            _("Orders by their own path"),
            "number",
            _("Sales in the period, each shared among the channels met since the customer’s sale before it, whoever"
              " brought the customer."),
            total=True,
        ),
        Column(
            "own_revenue",
            _("Revenue by own path"),
            "money",
            _("Of these orders, less the refunds of the period, each shared as the sale that it gives back."),
            total=True,
        ),
        _roas("own_roas", _("ROAS by own path"), "own_revenue"),
    ]  # fmt: skip


def _roas(key: str, label: str, revenue: str) -> Column:
    return Column(key, label, "number", _("Revenue ÷ spend."), formula=Ratio(revenue, "spend"), digits=2)


def coupon_columns() -> list[Column]:
    return [
        Column("batch", _("Batch")),
        Column("number", _("Batch number"), "integer"),
        Column("issuer", _("Issuer")),
        Column("channel", _("Channel"), definition=_("Empty for a batch that says nothing of a channel.")),
        Column("issued", _("Coupons issued"), "integer", _("In the period."), total=True),
        Column(
            "redeemed", _("Coupons redeemed"), "integer", _("Of those issued, with a standing redemption."), total=True
        ),
        *with_interval(_coupon_rate("conversion_rate")),
        Column(
            "uses",
            _("Redemptions in the period"),
            "integer",
            _("Standing redemptions, whenever the coupon was issued, and those of platforms’ own codes."),
            total=True,
        ),
    ]


def response_columns() -> list[Column]:
    rate = Column("response_rate", _("Response rate"), "ratio", _("Finished ÷ shown."), Ratio("finished", "shown"))
    return [
        Column("store", _("Store")),
        Column("spot", _("Spot")),
        Column("mode", _("Device")),
        Column("number", _("Placement number"), "integer"),
        Column("shown", _("Shown"), "integer", _("How often the questionnaire was opened."), total=True),
        Column("started", _("Started"), "integer", _("How often a first answer was given."), total=True),
        Column("finished", _("Finished"), "integer", _("How often it was sent."), total=True),
        *with_interval(rate),
    ]


def assumed_columns() -> list[Column]:
    share = Column(
        "share",
        _("Share of all customers"),
        "ratio",
        _("Of the whole history, as the model weighs all evidence."),
        emphasis=True,
    )
    return [
        Column("channel", _("Channel")),
        Column("slug", _("Channel code")),
        *with_interval(share),
        Column("half_prior", _("Assumption at half weight"), "ratio", _("The share if less were assumed.")),
        Column("double_prior", _("Assumption at double weight"), "ratio", _("The share if more were assumed.")),
    ]


def beside() -> list[Column]:
    """What stands beside the channels' table."""
    return [
        Column(
            "new",
            _("Identified new customers"),
            "integer",
            _("Their first sale falls in the period."),
            emphasis=True,
        ),
        Column(
            "not_known",
            _("First buyers not known to be new"),
            "integer",
            _("Their first sale lies in the first 90 days of the records."),
        ),
        Column(
            "inferred",
            _("New customers without evidence (inferred)"),
            "ratio",
            _("Nothing spoke of them; their channels are inferred from the others."),
            emphasis=True,
        ),
        Column("spend", _("Spend of all channels"), "money", emphasis=True),
        Column(
            "cost",
            _("Cost per identified new customer, all channels"),
            "money",
            _("All spend ÷ all identified new customers."),
            emphasis=True,
        ),
        Column("orders", _("Orders of identified customers"), "integer"),
        Column(
            "unidentified_orders", _("Unidentified orders"), "integer", _("Sales in the period without a customer.")
        ),
        Column("orders_share", _("Identified share of orders"), "ratio", emphasis=True),
        Column("revenue", _("Revenue from identified customers"), "money", _("Less refunds."), emphasis=True),
        Column("unidentified_revenue", _("Unidentified revenue"), "money", _("Less refunds.")),
        Column("revenue_share", _("Identified share of revenue"), "ratio"),
        Column(
            "estimate",
            _("All new customers (estimate)"),
            "number",
            _("Assumes that unidentified orders are first orders as often as identified ones."),
        ),
        Column(
            "estimate_cost",
            _("Cost per new customer (estimate)"),
            "money",
            _("All spend ÷ that estimate."),
        ),
    ]
