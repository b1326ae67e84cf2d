"""The same as one by one, for thousands at once: a few queries for all of them, whatever their number."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from attribution import facts
from attribution.customers.actions.orders import WRITTEN, Line, OrderValue, Outcome, new_order, settle, write_lines
from attribution.customers.actions.people import Known, resolve_known
from attribution.customers.models import Customer, Identity, Order, OrderLine
from attribution.customers.owners import find_owners, tell_owners

BATCH = 4_000


@transaction.atomic
def resolve_customers(seen: Sequence[tuple[tuple[Known, ...], datetime]]) -> list[int | None]:
    """Return the customer of each (identities, when), None where there are no identities.

    As ``resolve_customer``: who is new and shares no identity with another is made here, all at once; who is known by
    all of theirs is looked up; the few that remain are resolved one by one.
    """
    first: dict[tuple[Known, ...], datetime] = {}
    for given, at in seen:
        if given:
            first[given] = min(at, first.get(given, at))
    owners = _owners({one for given in first for one in given})
    found = _made(first, owners)
    for given, at in first.items():
        if given not in found:
            customers = {owners[one] for one in given if one in owners}
            is_plain = len(customers) == 1 and all(one in owners for one in given)
            found[given] = customers.pop() if is_plain else resolve_known(list(given), at).pk
    _joined({found[given]: at for given, at in sorted(first.items(), key=lambda pair: pair[1], reverse=True)})
    return [found[given] if given else None for given, _at in seen]


def _owners(wanted: set[Known]) -> dict[Known, int]:
    by_digest = {one.digest: one for one in wanted}  # which holds the kind as well
    owners = {}
    digests = list(by_digest)
    for start in range(0, len(digests), BATCH):
        rows = Identity.objects.filter(digest__in=digests[start : start + BATCH])
        for digest, customer, into in rows.values_list("digest", "customer", "customer__merged_into"):
            owners[by_digest[digest]] = into or customer
    return owners


def _made(first: dict[tuple[Known, ...], datetime], owners: dict[Known, int]) -> dict[tuple[Known, ...], int]:
    """Make the customers of whom nothing is known yet, and who share no identity with another of the chunk."""
    uses: dict[Known, int] = {}
    for given in first:
        for one in given:
            uses[one] = uses.get(one, 0) + 1
    new = [given for given in first if all(one not in owners and uses[one] == 1 for one in given)]
    customers = Customer.objects.bulk_create([Customer(joined_at=first[given]) for given in new])
    made = dict(zip(new, customers, strict=True))
    Identity.objects.bulk_create([one.row(made[given], first[given]) for given in new for one in given])
    return {given: customer.pk for given, customer in made.items()}


def _joined(earliest: dict[int, datetime]) -> None:
    """Who was seen earlier than thought joined earlier."""
    ids = list(earliest)
    late = []
    for start in range(0, len(ids), BATCH):
        for customer in Customer.objects.filter(pk__in=ids[start : start + BATCH]):
            if earliest[customer.pk] < customer.joined_at:
                customer.joined_at = earliest[customer.pk]
                late.append(customer)
    Customer.objects.bulk_update(late, ["joined_at"], batch_size=300)


def find_orders(wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], Order]:
    """Return the orders of these (store id, number) pairs, locked."""
    found: dict[tuple[int, str], Order] = {}
    for store in {store for store, _number in wanted}:
        numbers = [number for other, number in wanted if other == store]
        for start in range(0, len(numbers), BATCH):
            rows = Order.objects.filter(store=store, number__in=numbers[start : start + BATCH])
            for order in rows.select_related("customer").select_for_update(of=("self",)):
                found[store, order.number] = order
    return found


@transaction.atomic
def record_orders(values: Sequence[OrderValue]) -> list[Outcome]:
    """Write orders, each of another store and number, and return what became of each; see ``record_order``."""
    stored = find_orders({(said.store_id, said.number) for said in values})
    outcomes: list[Outcome] = []
    new: list[Order] = []
    changed: list[Order] = []
    relined: list[Order] = []
    lines: list[tuple[Order, Sequence[Line]]] = []
    for said in values:
        mark, order = said.digest(), stored.get((said.store_id, said.number))
        outcome: Outcome = "inserted"
        if order is None:
            order = new_order(said, mark)
            new.append(order)
            lines.append((order, said.lines))
        else:
            before = order.content_digest
            outcome = settle(order, said, mark)
            if outcome != "skipped":
                changed.append(order)
            if order.content_digest != before:
                relined.append(order)
                lines.append((order, said.lines))
        outcomes.append(outcome)
    _store(new, changed, relined, lines)
    return outcomes


def _store(
    new: list[Order], changed: list[Order], relined: list[Order], lines: list[tuple[Order, Sequence[Line]]]
) -> None:
    Order.objects.bulk_create(new)
    Order.objects.bulk_update(changed, WRITTEN, batch_size=50)
    for start in range(0, len(relined), BATCH):
        OrderLine.objects.filter(order__in=relined[start : start + BATCH]).delete()
    write_lines(lines)
    find_owners(new)
    tell_owners(changed)
    if new or changed:
        facts.ring()
