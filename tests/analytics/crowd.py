"""A shop with enough new customers for all evidence to be weighed."""

import datetime as dt
from typing import Any

from attribution.coupons.models import CouponBatch
from attribution.customers.models import Customer, Order
from attribution.evidence.models import Touchpoint, TrackedLink
from tests.analytics.shop import SHANGHAI

CUSTOMERS, SILENT = 90, 10


def fill(store: Any, channels: dict[str, Any], *kinds: str) -> None:
    """Ninety customers bought in March; ten of them left nothing.

    Fifty answered and used a coupon, which agree but for every tenth; twenty only answered, half of them that friends
    had told them; ten only used a coupon. With ``link`` every second one of the first fifty followed a link as well.
    """
    for name in ("douyin", "metro"):
        CouponBatch.objects.create(channel=channels[name], name_en=name, face_value_minor=100)
        TrackedLink.objects.create(channel=channels[name], name_en=name, destination="/")
    people = Customer.objects.bulk_create(Customer() for _ in range(CUSTOMERS))
    for number, person in enumerate(people):
        _sale(store, person, number)
        for kind, channel in _heard(number):
            if kind in kinds:
                _touch(person, channels[channel], kind, number)


def _heard(number: int) -> list[tuple[str, str]]:
    name, other = ("douyin", "metro") if number % 2 else ("metro", "douyin")
    if number < 50:
        coupon = other if number % 10 == 0 else name
        return [("survey", name), ("coupon", coupon), *([("link", name)] if number % 4 < 2 else [])]
    if number < 70:
        return [("survey", "friends" if number % 2 else name)]
    return [("coupon", "douyin")] if number < CUSTOMERS - SILENT else []


def _at(number: int) -> dt.datetime:
    return dt.datetime(2026, 3, 1 + number % 28, 12, tzinfo=SHANGHAI)


def _sale(store: Any, person: Customer, number: int) -> None:
    Order.objects.create(
        store=store,
        number=f"crowd-{number}",
        customer=person,
        placed_at=_at(number),
        amount_minor=1_000,
        source="import",
    )


def _touch(person: Customer, channel: Any, kind: str, number: int) -> None:
    before = dt.timedelta(hours=1 if kind == "link" else 0)
    Touchpoint.objects.create(
        customer=person,
        channel=channel,
        kind=kind,
        occurred_at=_at(number) - before,
        source_key=f"{kind}:{number}",
        mapping_key="test",
    )
