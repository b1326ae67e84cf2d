"""What may leave the database of stores and orders."""

from typing import Any

import pyarrow as pa

from attribution.customers.models import Order, Store
from attribution.facts import Cut, Fact


def _stores() -> Any:
    return Store.objects.order_by("pk").values_list("id", "code", "zone")


def _orders() -> Any:
    return (
        Order.objects.standing()
        .order_by("pk")
        .values_list(
            "id", "kind", "store_id", "customer_id", "placed_at", "amount_minor", "discount_minor", "refund_of_id"
        )
    )


STORES = Fact("stores", {"id": pa.int64(), "code": pa.string(), "zone": pa.string()}, _stores)
ORDERS = Fact(
    "orders",
    {
        "id": pa.int64(),
        "kind": pa.string(),
        "store_id": pa.int64(),
        "customer_id": pa.int64(),
        "placed_at": pa.timestamp("us"),
        "amount_minor": pa.int64(),
        "discount_minor": pa.int64(),
        "refund_of_id": pa.int64(),
    },
    _orders,
    Cut(),
    people={"customer_id": "customer"},
)
ALL = (STORES, ORDERS)
