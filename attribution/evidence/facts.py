"""What may leave the database of channels, spend, touches and visits.

A customer who was merged is the one into whom it was merged.
"""

from typing import Any

import pyarrow as pa
from django.db.models import CharField, F, Value
from django.db.models.functions import Coalesce

from attribution.evidence.models import Channel, Spend, Touchpoint, TrackedLink, Visit
from attribution.facts import Fact

TIME = pa.timestamp("us")


def _channels() -> Any:
    return Channel.objects.order_by("pk").values_list("id", "slug", "kind", "is_paid")


def _spend() -> Any:
    return Spend.objects.order_by("pk").values_list(
        "id", "channel__slug", "store_id", "campaign_id", "first_day", "last_day", "amount_minor"
    )


def _touches() -> Any:
    touches = Touchpoint.objects.standing().order_by("pk")
    owner = Coalesce("customer__merged_into_id", "customer_id")
    return touches.values_list(owner, "channel__slug", "kind", "occurred_at", "campaign_id", "source_key")


def _visits() -> Any:
    return Visit.objects.order_by("pk").values_list("link_id", "link__channel__slug", "at")


def _capabilities() -> Any:
    """Through which kinds a channel can speak: any can be named in a survey, one with an active link is heard through
    it, and links, referrals and imports that once spoke for it count as well. Coupons have a Fact of their own."""
    survey = Channel.objects.values_list("slug", _kind(Touchpoint.Kind.SURVEY))
    links = TrackedLink.objects.filter(is_active=True).values_list("channel__slug", _kind(Touchpoint.Kind.LINK))
    heard = Touchpoint.objects.standing().filter(
        kind__in=[Touchpoint.Kind.LINK, Touchpoint.Kind.REFERRAL, Touchpoint.Kind.IMPORT]
    )
    return survey.order_by().union(links.order_by(), heard.order_by().values_list("channel__slug", F("kind")))


def _kind(kind: Touchpoint.Kind) -> Value:
    return Value(kind.value, output_field=CharField())


CHANNELS = Fact(
    "channels", {"id": pa.int64(), "slug": pa.string(), "kind": pa.string(), "is_paid": pa.bool_()}, _channels
)
SPEND = Fact(
    "spend",
    {
        "id": pa.int64(),
        "channel": pa.string(),
        "store_id": pa.int64(),
        "campaign_id": pa.int64(),
        "first_day": pa.date32(),
        "last_day": pa.date32(),
        "amount_minor": pa.int64(),
    },
    _spend,
)
TOUCHES = Fact(
    "touches",
    {
        "customer_id": pa.int64(),
        "channel": pa.string(),
        "kind": pa.string(),
        "at": TIME,
        "campaign_id": pa.int64(),
        "source_key": pa.string(),
    },
    _touches,
)
VISITS = Fact("visits", {"link_id": pa.int64(), "channel": pa.string(), "at": TIME}, _visits)
CAPABILITIES = Fact("capabilities", {"channel": pa.string(), "kind": pa.string()}, _capabilities)
ALL = (CHANNELS, SPEND, TOUCHES, VISITS, CAPABILITIES)
