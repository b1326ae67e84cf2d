"""What may leave the database of responses and of the pages' counts: no answer's text, and of a customer the number."""

from typing import Any

import pyarrow as pa

from attribution.facts import Cut, Fact
from surveys.models import PlacementDay, PlacementHour, Response


def _responses() -> Any:
    submitted = Response.objects.counted().order_by("received_at", "pk")
    return submitted.values_list(
        "placement_id",
        "placement__store_id",
        "customer_id",
        "choice__channel__slug",
        "received_at",
        "language",
        "nps",
        "has_dont_remember",
        "submitted_at",
        "chosen_place",
        "places",
        "choice_id",
        "version_id",
        "shown_at",
        "steps",
        "csat",
        "chose_placebo",
        "device",
    )


def _drafts() -> Any:
    """Return what was begun and is not submitted, or not yet."""
    begun = Response.objects.filter(received_at=None).order_by("shown_at", "pk")
    return begun.values_list(
        "placement_id", "placement__store_id", "version_id", "shown_at", "steps", "language", "device"
    )


def _placement_hours() -> Any:
    return PlacementHour.objects.order_by("hour", "pk").values_list(
        "placement_id", "placement__store_id", "hour", "language", "device", "in_wechat",
        "impressions", "starts", "finishes",
    )  # fmt: skip


def _placement_days() -> Any:
    return PlacementDay.objects.order_by("placement_id", "day").values_list(
        "placement_id", "placement__store_id", "day", "impressions", "starts", "finishes"
    )


RESPONSES = Fact(
    "responses",
    {
        "placement_id": pa.int64(),
        "store_id": pa.int64(),
        "customer_id": pa.int64(),
        "channel": pa.string(),
        "received_at": pa.timestamp("us"),
        "language": pa.string(),
        "nps": pa.int64(),
        "has_dont_remember": pa.bool_(),
        "submitted_at": pa.timestamp("us"),
        "chosen_place": pa.int64(),
        "places": pa.int64(),
        "choice_id": pa.int64(),
        "version_id": pa.int64(),
        "shown_at": pa.timestamp("us"),
        "steps": pa.string(),
        "csat": pa.int64(),
        "chose_placebo": pa.bool_(),
        "device": pa.string(),
    },
    _responses,
    Cut("received_at", "months"),
    people={"customer_id": "customer"},
)
PLACEMENT_DAYS = Fact(
    "placement_days",
    {
        "placement_id": pa.int64(),
        "store_id": pa.int64(),
        "day": pa.date32(),
        "impressions": pa.int64(),
        "starts": pa.int64(),
        "finishes": pa.int64(),
    },
    _placement_days,
)
DRAFTS = Fact(
    "drafts",
    {
        "placement_id": pa.int64(),
        "store_id": pa.int64(),
        "version_id": pa.int64(),
        "shown_at": pa.timestamp("us"),
        "steps": pa.string(),
        "language": pa.string(),
        "device": pa.string(),
    },
    _drafts,
)
PLACEMENT_HOURS = Fact(
    "placement_hours",
    {
        "placement_id": pa.int64(),
        "store_id": pa.int64(),
        "hour": pa.timestamp("us"),
        "language": pa.string(),
        "device": pa.string(),
        "in_wechat": pa.bool_(),
        "impressions": pa.int64(),
        "starts": pa.int64(),
        "finishes": pa.int64(),
    },
    _placement_hours,
    Cut("hour", "months"),
)
ALL = (RESPONSES, DRAFTS, PLACEMENT_DAYS, PLACEMENT_HOURS)
