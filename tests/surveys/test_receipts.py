"""A guest scans the receipt and answers; the order comes with the night's export and finds its customer."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from attribution.customers.actions import record_order
from attribution.customers.actions.bulk import record_orders
from attribution.customers.actions.orders import OrderValue
from attribution.customers.models import Customer, Order
from surveys.actions import record_response, save_step
from surveys.receipts import owners_by_receipt
from tests.surveys.conftest import NOON

pytestmark = pytest.mark.django_db


def order(store: Any, number: str, **values: Any) -> Order:
    placed = NOON - timedelta(minutes=5)
    return record_order(store=store, number=number, placed_at=placed, amount_minor=1800, source="api", **values)[0]


def test_an_order_that_comes_after_the_answer_is_the_guests(
    placement: Any, answered: Callable[..., Any], store: Any
) -> None:
    response = record_response(placement=placement, answered=answered(receipt="A-17"))
    assert order(store, "A-17").customer_id == response.customer_id
    assert order(store, "A-18").customer_id is None


def test_an_import_finds_the_owners_of_many_at_once(
    placement: Any, answered: Callable[..., Any], store: Any, other_store: Any
) -> None:
    response = record_response(placement=placement, answered=answered(receipt="A-17"))
    values = [
        OrderValue(where.pk, number, "sale", NOON, 1800)
        for where in (store, other_store)
        for number in ("A-17", "A-18")
    ]
    record_orders(values)
    owned = Order.objects.exclude(customer=None)
    assert [(one.store, one.number, one.customer) for one in owned] == [(store, "A-17", response.customer)]


def test_the_first_to_answer_with_a_receipt_is_its_owner(
    placement: Any, answered: Callable[..., Any], store: Any
) -> None:
    first = record_response(placement=placement, answered=answered(receipt="A-17"))
    record_response(placement=placement, answered=answered(receipt="A-17", uuid=uuid.uuid4(), device="x" * 24))
    assert order(store, "A-17").customer_id == first.customer_id


def test_a_merged_guests_order_is_the_survivors(placement: Any, answered: Callable[..., Any], store: Any) -> None:
    response = record_response(placement=placement, answered=answered(receipt="A-17"))
    survivor = Customer.objects.create()
    Customer.objects.filter(pk=response.customer_id).update(merged_into=survivor)
    assert order(store, "A-17").customer_id == survivor.pk


def test_an_order_that_names_its_customer_keeps_it(placement: Any, answered: Callable[..., Any], store: Any) -> None:
    record_response(placement=placement, answered=answered(receipt="A-17"))
    member = Customer.objects.create()
    assert order(store, "A-17", customer=member).customer_id == member.pk


def test_a_refund_is_nobodys_for_a_receipt(placement: Any, answered: Callable[..., Any], store: Any) -> None:
    record_response(placement=placement, answered=answered(receipt="A-17"))
    assert order(store, "A-17", kind="refund").customer_id is None


def test_a_draft_owns_nothing(placement: Any, answered: Callable[..., Any], store: Any) -> None:
    save_step(placement=placement, answered=answered(receipt="A-17"))
    assert order(store, "A-17").customer_id is None


def test_thousands_of_orders_cost_few_queries(store: Any, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    orders = [Order(pk=number, store=store, number=str(number)) for number in range(1, 2_501)]
    with django_assert_num_queries(3):
        assert owners_by_receipt(orders) == {}
