"""What may leave the database of channels, spend, touches and visits."""

from typing import Any

import pyarrow as pa
from django.db.models import CharField, Value

from attribution.evidence.models import Channel, Spend, Touchpoint, TrackedLink, Visit
from attribution.facts import Cut, Fact

TIME = pa.timestamp("us")


def _channels() -> Any:
    return Channel.objects.order_by("pk").values_list("id", "slug", "kind", "is_paid")


def _spend() -> Any:
    return Spend.objects.order_by("pk").values_list(
        "id", "channel__slug", "store_id", "campaign_id", "first_day", "last_day", "amount_minor"
    )


def _touches() -> Any:
    touches = Touchpoint.objects.standing().order_by("pk")
    return touches.values_list("customer_id", "channel__slug", "kind", "occurred_at", "campaign_id", "source_key")


def _visits() -> Any:
    return Visit.objects.order_by("pk").values_list("link_id", "link__channel__slug", "at")


def _capabilities() -> Any:
    """Through which kinds a channel can speak: any can be named in a survey, one with an active link is heard through
    it. Coupons have a Fact of their own; links, referrals and imports that once spoke are among the touches."""
    survey = Channel.objects.values_list("slug", _kind(Touchpoint.Kind.SURVEY))
    links = TrackedLink.objects.filter(is_active=True).values_list("channel__slug", _kind(Touchpoint.Kind.LINK))
    return survey.order_by().union(links.order_by())


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
    Cut(),
    people={"customer_id": "customer"},
)
VISITS = Fact("visits", {"link_id": pa.int64(), "channel": pa.string(), "at": TIME}, _visits, Cut())
CAPABILITIES = Fact("capabilities", {"channel": pa.string(), "kind": pa.string()}, _capabilities)
ALL = (CHANNELS, SPEND, TOUCHES, VISITS, CAPABILITIES)
