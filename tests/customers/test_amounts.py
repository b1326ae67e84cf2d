"""The back office shows amounts, never minor units."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from attribution.customers.models import Order, OrderLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(store: Any) -> Order:
    order = Order.objects.create(
        store=store, number="A1", placed_at=datetime(2026, 3, 1, 4, tzinfo=UTC), amount_minor=123450, source="api"
    )
    OrderLine.objects.create(order=order, position=1, quantity=1, amount_minor=67890)
    return order


def test_a_list_shows_amounts_and_sorts_by_them(manager: Client, order: Order) -> None:
    page = manager.get("/admin/customers/order/?o=5").content.decode()

    assert "¥1,234.50" in page
    assert "123450" not in page


def test_a_row_and_its_lines_show_amounts(manager: Client, order: Order) -> None:
    page = manager.get(f"/admin/customers/order/{order.pk}/change/").content.decode()

    assert "¥1,234.50" in page
    assert "¥678.90" in page
    assert "67890" not in page
