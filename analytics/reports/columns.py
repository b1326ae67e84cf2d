"""The columns of the channel report's tables: what each is called, and the sentence that says what is counted.

``…_low`` and ``…_high`` are the ends of the 95 % interval of the column they are named after.
"""

from django.conf import settings
from django.utils.translation import gettext as _

from sheets.table import Column, Ratio


def _interval(prefix: str, label: str) -> list[Column]:
    return [
        Column(
            f"{prefix}_low", _("%(figure)s, low") % {"figure": label}, "ratio", _("Lower end of the interval (95%).")
        ),
        Column(
            f"{prefix}_high", _("%(figure)s, high") % {"figure": label}, "ratio", _("Upper end of the interval (95%).")
        ),
    ]


def channel_columns() -> list[Column]:
    return [
        Column("channel", _("Channel")),
        Column("slug", _("Channel code")),
        *_won(),
        *_converted(),
        *_used(),
        *_came_back(),
        *_bought(),
    ]


def _won() -> list[Column]:
    return [
        Column(
            "spend",
            _("Spend"),
            "money",
            _(
                "Entries of the period; one over several days is spread evenly over them. With a store chosen it is"
                " unknown where an entry names no store."
            ),
            total=True,
        ),
        Column(
            "new_customers",
            _("New customers"),
            "number",
            _("Customers whose first sale falls in the period, each shared among the channels by the model’s credit."),
            total=True,
        ),
        Column(
            "share",
            _("Share"),
            "ratio",
            _("Of all new customers of the period."),
            formula=Ratio("new_customers", "new_customers", of_total=True),
        ),
        Column(
            "cost",
            _("Cost per identified new customer"),
            "money",
            _("Spend ÷ new customers. Unknown without new customers."),
            formula=Ratio("spend", "new_customers"),
            emphasis=True,
        ),
    ]


def _converted() -> list[Column]:
    days = {"days": settings.CONVERSION_WINDOW_DAYS}
    rate = _("Conversion rate")
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
        Column(
            "conversion_rate",
            rate,
            "ratio",
            _("Leads that bought ÷ leads judged. Unknown for a channel that is heard of only in answers and"
              " redemptions, and with a store chosen: a lead that has not bought belongs to none."),
            formula=Ratio("converted", "old_enough"),
        ),
        *_interval("conversion", rate),
    ]  # fmt: skip


def _used() -> list[Column]:
    rate = _("Coupon conversion")
    return [
        Column("issued", _("Coupons issued"), "integer", _("In the period, in the channel’s batches."), total=True),
        Column(
            "redeemed", _("Coupons redeemed"), "integer", _("Of those issued, with a standing redemption."), total=True
        ),
        Column(
            "coupon_rate",
            rate,
            "ratio",
            _("Coupons redeemed ÷ coupons issued."),
            formula=Ratio("redeemed", "issued"),
        ),
        *_interval("coupon", rate),
    ]


def _came_back() -> list[Column]:
    rate = _("Repeat-purchase rate (90 days)")
    return [
        Column(
            "repeat_rate",
            rate,
            "ratio",
            _("Of the new customers, the share who buy again on a later day within 90 days (Kaplan–Meier, weighted by"
              " credit). Unknown until one of them has been followed for 90 days."),
        ),
        *_interval("repeat", rate),
    ]  # fmt: skip


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
        Column(
            "roas",
            _("Revenue per unit of spend (ROAS)"),
            "number",
            _("Revenue ÷ spend."),
            formula=Ratio("revenue", "spend"),
            digits=2,
        ),
    ]


def coupon_columns() -> list[Column]:
    rate = _("Coupon conversion")
    return [
        Column("batch", _("Batch")),
        Column("number", _("Batch number"), "integer"),
        Column("issuer", _("Issuer")),
        Column("channel", _("Channel"), definition=_("Empty for a batch that says nothing of a channel.")),
        Column("issued", _("Coupons issued"), "integer", _("In the period."), total=True),
        Column(
            "redeemed", _("Coupons redeemed"), "integer", _("Of those issued, with a standing redemption."), total=True
        ),
        Column(
            "conversion_rate",
            rate,
            "ratio",
            _("Coupons redeemed ÷ coupons issued."),
            formula=Ratio("redeemed", "issued"),
        ),
        *_interval("conversion", rate),
        Column(
            "uses",
            _("Redemptions in the period"),
            "integer",
            _("Standing redemptions, whenever the coupon was issued, and those of platforms’ own codes."),
            total=True,
        ),
    ]


def response_columns() -> list[Column]:
    rate = _("Response rate")
    return [
        Column("store", _("Store")),
        Column("spot", _("Spot")),
        Column("mode", _("Device")),
        Column("number", _("Placement number"), "integer"),
        Column("shown", _("Shown"), "integer", _("How often the questionnaire was opened."), total=True),
        Column("started", _("Started"), "integer", _("How often a first answer was given."), total=True),
        Column("finished", _("Finished"), "integer", _("How often it was sent."), total=True),
        Column("response_rate", rate, "ratio", _("Finished ÷ shown."), formula=Ratio("finished", "shown")),
        *_interval("response", rate),
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
