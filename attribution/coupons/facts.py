"""What may leave the database of batches, coupons and redemptions.

The channel is the batch's as it is mapped now.
"""

from typing import Any

import pyarrow as pa

from attribution.coupons.models import Coupon, CouponBatch, Redemption
from attribution.evidence.models import Channel
from attribution.facts import Cut, Fact

TIME = pa.timestamp("us")


def _batches() -> Any:
    return CouponBatch.objects.order_by("pk").values_list("id", "issuer", "channel__slug")


def _coupons() -> Any:
    return Coupon.objects.order_by("pk").values_list(
        "id", "batch_id", "batch__channel__slug", "issued_at", "claimed_at", "issued_to_id"
    )


def _redemptions() -> Any:
    return (
        Redemption.objects.standing()
        .order_by("pk")
        .values_list(
            "id", "batch_id", "coupon_id", "batch__channel__slug", "store_id", "customer_id", "order_id", "redeemed_at",
            "discount_minor",
        )
    )  # fmt: skip


def _capabilities() -> Any:
    """A channel can speak through coupons if it has ever had a batch: a run judges the whole history."""
    return Channel.objects.filter(couponbatch__isnull=False).order_by("slug").distinct().values_list("slug")


BATCHES = Fact("batches", {"id": pa.int64(), "issuer": pa.string(), "channel": pa.string()}, _batches)
COUPONS = Fact(
    "coupons",
    {
        "id": pa.int64(),
        "batch_id": pa.int64(),
        "channel": pa.string(),
        "issued_at": TIME,
        "claimed_at": TIME,
        "customer_id": pa.int64(),
    },
    _coupons,
    Cut(),
    people={"customer_id": "issued_to"},
)
REDEMPTIONS = Fact(
    "redemptions",
    {
        "id": pa.int64(),
        "batch_id": pa.int64(),
        "coupon_id": pa.int64(),
        "channel": pa.string(),
        "store_id": pa.int64(),
        "customer_id": pa.int64(),
        "order_id": pa.int64(),
        "redeemed_at": TIME,
        "discount_minor": pa.int64(),
    },
    _redemptions,
    Cut(),
    people={"customer_id": "customer"},
)
CAPABILITIES = Fact("coupon_capabilities", {"channel": pa.string()}, _capabilities)
ALL = (BATCHES, COUPONS, REDEMPTIONS, CAPABILITIES)
