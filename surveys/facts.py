"""What may leave the database of responses and of the pages' counts: no answer's text, and of a customer the number."""

from typing import Any

import pyarrow as pa
from django.db.models.functions import Coalesce

from attribution.facts import Fact
from surveys.models import PlacementDay, Response


def _responses() -> Any:
    owner = Coalesce("customer__merged_into_id", "customer_id")
    submitted = Response.objects.filter(received_at__isnull=False).order_by("received_at", "pk")
    return submitted.values_list(
        "placement_id",
        "placement__store_id",
        owner,
        "choice__channel__slug",
        "received_at",
        "language",
        "nps",
        "has_dont_remember",
    )


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
    },
    _responses,
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
ALL = (RESPONSES, PLACEMENT_DAYS)
