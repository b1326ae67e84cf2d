"""A coupon is used without a phone; the till system's export says at night whose order it was."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from attribution.coupons.actions import issue_coupon, redeem_coupon, void_redemption
from attribution.coupons.actions.owning import follow_owners
from attribution.coupons.models import Redemption
from attribution.customers.actions import assign_order, record_order
from attribution.customers.actions.bulk import record_orders
from attribution.customers.actions.orders import OrderValue
from attribution.customers.models import Customer, Order
from attribution.evidence.models import Touchpoint

pytestmark = pytest.mark.django_db


def touches() -> list[tuple[int, str, str]]:
    rows = Touchpoint.objects.standing().values_list("customer", "channel__slug", "source_key")
    return list(rows)


@pytest.fixture
def used(redeem: Callable[..., Any]) -> Redemption:
    """A coupon of a channel on order A-17, and nobody knows whose."""
    redemption = redeem(order_number="A-17", phone="")
    assert redemption.customer is None
    assert touches() == []
    return redemption


def test_the_export_names_the_customer_and_the_coupon_becomes_evidence(used: Redemption, store: Any) -> None:
    member = Customer.objects.create()
    placed = used.redeemed_at + timedelta(minutes=1)
    record_orders([OrderValue(store.pk, "A-17", "sale", placed, 1500, customer_id=member.pk)])
    used.refresh_from_db()
    assert used.customer == member
    assert touches() == [(member.pk, used.batch.channel.slug, f"redemption:{used.pk}")]


def test_the_api_and_an_answer_name_the_customer_as_well(used: Redemption, store: Any) -> None:
    member = Customer.objects.create()
    assert assign_order(order=used.order, customer=member)
    assert [customer for customer, *_ in touches()] == [member.pk]
    record_order(store=store, number="A-17", placed_at=used.redeemed_at, amount_minor=1, customer=member, source="api")
    assert len(touches()) == 1


def test_a_merged_member_is_the_survivor(used: Redemption) -> None:
    survivor = Customer.objects.create()
    merged = Customer.objects.create(merged_into=survivor)
    Order.objects.filter(pk=used.order_id).update(customer=merged)
    follow_owners([used.order])
    assert [customer for customer, *_ in touches()] == [survivor.pk]


def test_a_voided_coupon_says_nothing_later(used: Redemption, clerk: Any) -> None:
    void_redemption(redemption=used, reason="mistake", staff=clerk.staff, request_id=uuid.uuid4())
    Order.objects.filter(pk=used.order_id).update(customer=Customer.objects.create())
    follow_owners([Order.objects.get(pk=used.order_id)])
    assert touches() == []


def test_a_redemption_that_has_a_customer_keeps_it(used: Redemption) -> None:
    holder = Customer.objects.create()
    Redemption.objects.filter(pk=used.pk).update(customer=holder)
    assign_order(order=used.order, customer=Customer.objects.create())
    used.refresh_from_db()
    assert used.customer == holder


def test_a_coupon_without_a_channel_gets_its_customer_and_says_nothing(batch: Any, store: Any, clerk: Any) -> None:
    batch.channel = None
    batch.save()
    code = issue_coupon(batch=batch, at=timezone.now()).code
    used = redeem_coupon(
        code=code, store=store, staff=clerk.staff, request_id=uuid.uuid4(), amount_minor=5000, order_number="B-1"
    )
    member = Customer.objects.create()
    assign_order(order=used.order, customer=member)
    used.refresh_from_db()
    assert used.customer == member
    assert touches() == []


def test_an_order_without_a_customer_leaves_its_coupon_waiting(used: Redemption) -> None:
    follow_owners([used.order])
    used.refresh_from_db()
    assert used.customer is None
    assert touches() == []


def test_many_orders_cost_few_queries(
    used: Redemption, redeem: Callable[..., Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Order.objects.update(customer=Customer.objects.create())
    others = [Order(pk=number) for number in range(10_000, 10_900)]
    with django_assert_max_num_queries(9):
        follow_owners([used.order, *others])
    assert len(touches()) == 1
