"""An order is written once, brought up to date by who knows better, and never loses what is known."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError

from attribution import facts
from attribution.customers.actions import Line, assign_order, record_order, resolve_customer
from attribution.customers.actions.orders import BadOrder
from attribution.customers.models import Order

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
TEA = Line("T1", "Milk tea", "tea", Decimal(2), 3600)
CAKE = Line("C1", "Cake", "", Decimal("0.500"), 900)


@pytest.fixture
def record(store):
    def write(**said):
        said = {"store": store, "number": "A1", "placed_at": NOON, "amount_minor": 4500, "source": "import"} | said
        return record_order(**said)

    return write


@pytest.fixture
def rings(monkeypatch):
    heard = []
    monkeypatch.setattr(facts, "CHANGED", [lambda: heard.append(1)])
    return heard


def person(phone="13800138000"):
    return resolve_customer(identities=[("phone", phone)], at=NOON)


def test_an_order_is_inserted_with_its_lines_and_the_same_again_changes_nothing(record, rings):
    order, outcome = record(lines=[TEA, CAKE], number=" A1 ")
    assert (outcome, order.number, order.lines.count()) == ("inserted", "A1", 2)
    assert record(lines=[TEA, CAKE._replace(quantity=Decimal("0.5"))]) == (order, "skipped")
    assert rings == [1]


def test_a_corrected_order_replaces_amount_and_lines(record, rings):
    record(lines=[TEA, CAKE])
    order, outcome = record(lines=[TEA], amount_minor=3600)
    assert (outcome, Order.objects.get().amount_minor) == ("updated", 3600)
    assert [line.sku for line in order.lines.all()] == ["T1"]
    assert rings == [1, 1]


def test_a_provisional_order_is_settled_by_the_till_systems_word(record):
    till, _ = record(source="till", is_provisional=True, amount_minor=4400, customer=person())
    assert record(amount_minor=4500)[1] == "updated"
    till.refresh_from_db()
    assert (till.is_provisional, till.source, till.amount_minor) == (False, "import", 4500)
    assert till.customer == person()


def test_an_equal_word_settles_too_and_brings_back_what_was_withdrawn_at_the_till(record):
    till, _ = record(source="till", is_provisional=True)
    till.voided_at = NOON
    till.save()
    assert record()[1] == "updated"
    till.refresh_from_db()
    assert (till.voided_at, till.is_provisional) == (None, False)
    assert record()[1] == "skipped"


def test_the_till_never_overrules_the_till_system_but_may_say_who_bought(record):
    record()
    assert record(source="till", is_provisional=True, amount_minor=1)[1] == "skipped"
    order, outcome = record(source="till", is_provisional=True, amount_minor=1, customer=person())
    assert (outcome, order.amount_minor, order.source, order.customer) == ("updated", 4500, "import", person())
    assert record(source="till", is_provisional=True, customer=person("13900139000"))[1] == "skipped"


def test_a_source_that_knows_no_customer_takes_none_away_and_one_that_does_decides(record):
    record(customer=person())
    assert record()[1] == "skipped"
    order, outcome = record(customer=person("13900139000"))
    assert (outcome, order.customer) == ("updated", person("13900139000"))


def test_a_merged_customer_is_the_same_customer(record):
    guest = resolve_customer(identities=[("device", "tablet")], at=NOON)
    record(customer=guest)
    member = person()
    assert resolve_customer(identities=[("phone", "13800138000"), ("device", "tablet")], at=NOON) == member
    guest.refresh_from_db()
    assert record(customer=guest)[1] == "skipped"
    assert record(customer=member)[1] == "skipped"


def test_a_refund_names_its_order_and_forgets_it_when_it_turns_out_to_be_a_sale(record):
    sale, _ = record()
    refund, _ = record(number="R1", kind="refund", amount_minor=900)
    assert record(number="R1", kind="refund", amount_minor=900, refund_of=sale)[1] == "updated"
    assert record(number="R1", kind="refund", amount_minor=900)[1] == "skipped"
    assert record(number="R1", kind="sale", amount_minor=900)[1] == "updated"
    refund.refresh_from_db()
    assert (refund.kind, refund.refund_of) == ("sale", None)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"number": " "}, "number"),
        ({"number": "x" * 65}, "number"),
        ({"discount_minor": -1}, "discount"),
        ({"kind": "refund", "amount_minor": -1}, "amount"),
    ],
)
def test_what_cannot_be_an_order_is_refused_by_name(record, said, field):
    with pytest.raises(BadOrder) as refusal:
        record(**said)
    assert (refusal.value.field, Order.objects.count()) == (field, 0)


def test_a_sale_refunds_nothing(record):
    sale, _ = record()
    with pytest.raises(BadOrder, match="Only a refund"):
        record(number="A2", refund_of=sale)


def test_a_number_written_meanwhile_is_found_on_the_second_look(record, monkeypatch):
    from attribution.customers.actions import orders

    look, tried = orders._record, []

    def lose_the_race(said):
        tried.append(said)
        if len(tried) == 1:
            raise IntegrityError
        return look(said)

    monkeypatch.setattr(orders, "_record", lose_the_race)
    assert record()[1] == "inserted"


def test_an_order_is_assigned_to_the_first_known_customer_and_kept(record, rings):
    order, _ = record()
    assert assign_order(order=order, customer=person())
    assert assign_order(order=order, customer=person())
    assert not assign_order(order=order, customer=person("13900139000"))
    assert (order.customer, rings) == (person(), [1, 1])
