"""A batch and a coupon of it, and a redemption at a quarter past ten in Shanghai."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from attribution.coupons import actions
from attribution.coupons.models import CouponBatch

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture
def batch(channels: dict[str, Any]) -> CouponBatch:
    """15.00 off from a bill of 30.00, from Douyin."""
    return CouponBatch.objects.create(
        name_en="First visit",
        name_zh_hans="首单券",
        channel=channels["douyin"],
        face_value_minor=1500,
        minimum_spend_minor=3000,
        is_claimable=True,
    )


@pytest.fixture
def coupon(batch: CouponBatch) -> Any:
    return actions.issue_coupon(batch=batch, at=NOON)


@pytest.fixture
def platform_batch(channels: dict[str, Any]) -> CouponBatch:
    """Meituan gives its codes out itself."""
    return CouponBatch.objects.create(
        name_en="Meituan 10 off", issuer="meituan", channel=channels["metro"], face_value_minor=1000
    )


@pytest.fixture
def redeem(store: Any, clerk: Any, coupon: Any) -> Callable[..., Any]:
    """Redeem the coupon on a bill of 50.00, unless told otherwise."""

    def act(**changes: Any) -> Any:
        values = {
            "code": coupon.code, "store": store, "staff": clerk.staff, "request_id": uuid4(), "amount_minor": 5000,
            "order_number": "", "at": NOON,
        }  # fmt: skip
        return actions.redeem_coupon(**(values | changes))

    return act
