"""Orders: recorded at the till, by the API and (many at once, see ``bulk``) by imports.

The same order again changes nothing. The till's own order is provisional: it holds until the till system's word
arrives, and never overrules it. What the source does not say (a customer) is never taken away.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from attribution import facts
from attribution.customers.models import Customer, Order, OrderLine, Store
from attribution.customers.owners import find_owners, tell_owners
from attribution.errors import DomainError

Outcome = Literal["inserted", "updated", "skipped"]


class BadOrder(DomainError):
    code = "bad_order"


class Line(NamedTuple):
    """A line of an order. A refund's lines carry what was given back, as positive amounts, like the refund itself."""

    sku: str
    name: str
    category: str
    quantity: Decimal
    amount_minor: int


@dataclass
class OrderValue:
    """What a source says of one order; ``number`` is unique within ``store_id``. Times are aware, money minor units."""

    store_id: int
    number: str
    kind: str
    placed_at: datetime
    amount_minor: int
    discount_minor: int = 0
    source: str = Order.Source.IMPORT
    is_provisional: bool = False
    lines: tuple[Line, ...] = ()
    customer_id: int | None = None
    refund_of_id: int | None = None

    def digest(self) -> str:
        """Return a mark of what was said, without the customer and the refunded order: those are compared as rows."""
        parts = [
            self.kind,
            self.placed_at.astimezone(UTC).isoformat(),
            str(self.amount_minor),
            str(self.discount_minor),
        ]
        for line in self.lines:
            parts += [line.sku, line.name, line.category, f"{line.quantity.normalize():f}", str(line.amount_minor)]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


WRITTEN = (
    "kind", "placed_at", "amount_minor", "discount_minor", "source", "is_provisional", "voided_at", "content_digest",
    "customer", "refund_of",
)  # fmt: skip


def settle(order: Order, said: OrderValue, mark: str) -> Outcome:
    """Bring a stored order to what was said of it now, in memory; the caller saves ``WRITTEN`` unless it is skipped."""
    outcome: Outcome = "skipped"
    if said.is_provisional and not order.is_provisional:
        # The till system has spoken already; the till may only add who bought.
        if order.customer_id is None and said.customer_id is not None:
            order.customer_id, outcome = said.customer_id, "updated"
        return outcome
    if order.content_digest != mark or order.is_provisional != said.is_provisional:
        if order.is_provisional and not said.is_provisional:
            order.voided_at = None  # withdrawn at the till, but the till system says that it was sold
        order.kind, order.placed_at, order.source = said.kind, said.placed_at, said.source
        order.amount_minor, order.discount_minor = said.amount_minor, said.discount_minor
        order.is_provisional, order.content_digest, outcome = said.is_provisional, mark, "updated"
    if said.customer_id is not None and said.customer_id != _owner(order):
        order.customer_id, outcome = said.customer_id, "updated"
    if order.kind == Order.Kind.SALE:
        order.refund_of_id = None
    elif said.refund_of_id is not None and said.refund_of_id != order.refund_of_id:
        order.refund_of_id, outcome = said.refund_of_id, "updated"
    return outcome


def _owner(order: Order) -> int | None:
    return None if order.customer is None else order.customer.merged_into_id or order.customer_id


def new_order(said: OrderValue, mark: str) -> Order:
    return Order(
        store_id=said.store_id,
        number=said.number,
        kind=said.kind,
        placed_at=said.placed_at,
        amount_minor=said.amount_minor,
        discount_minor=said.discount_minor,
        source=said.source,
        is_provisional=said.is_provisional,
        customer_id=said.customer_id,
        refund_of_id=said.refund_of_id,
        content_digest=mark,
    )


def write_lines(orders: Iterable[tuple[Order, Iterable[Line]]]) -> None:
    """Insert the lines of stored orders, past the model layer: it would take most of the time of a large import."""
    rows = [(order.pk, position, *line) for order, lines in orders for position, line in enumerate(lines, 1)]
    columns = ("order_id", "position", *Line._fields)
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(f'INSERT INTO "{OrderLine._meta.db_table}" ({names}) VALUES ({marks})', rows)  # noqa: S608 - names are our own


def record_order(
    *,
    store: Store,
    number: str,
    kind: str = "sale",
    placed_at: datetime,
    amount_minor: int,
    discount_minor: int = 0,
    customer: Customer | None = None,
    source: str,
    is_provisional: bool = False,
    lines: Iterable[Line] = (),
    refund_of: Order | None = None,
) -> tuple[Order, Outcome]:
    """Write an order, or bring the stored one of the same store and number up to date; say which.

    Raises BadOrder for an empty number, a negative discount or refund, or a sale that refunds.
    """
    said = OrderValue(
        store_id=store.pk,
        number=number.strip(),
        kind=kind,
        placed_at=placed_at,
        amount_minor=amount_minor,
        discount_minor=discount_minor,
        source=source,
        is_provisional=is_provisional,
        lines=tuple(lines),
        customer_id=None if customer is None else customer.merged_into_id or customer.pk,
        refund_of_id=None if refund_of is None else refund_of.pk,
    )
    check_order(said)
    try:
        with transaction.atomic():
            return _record(said)
    except IntegrityError:  # the same number was written meanwhile: it is there now
        with transaction.atomic():
            return _record(said)


def check_order(said: OrderValue) -> None:
    if not said.number or len(said.number) > 64:
        raise BadOrder(_("The order number is empty or longer than 64 characters."), field="number")
    if said.discount_minor < 0:
        raise BadOrder(_("A discount cannot be negative."), field="discount")
    if said.kind == Order.Kind.REFUND and said.amount_minor < 0:
        raise BadOrder(_("A refund’s amount is what was given back, and not negative."), field="amount")
    if said.refund_of_id is not None and said.kind != Order.Kind.REFUND:
        raise BadOrder(_("Only a refund can name the order that it refunds."), field="refund_of")


def _record(said: OrderValue) -> tuple[Order, Outcome]:
    order = Order.objects.select_for_update().filter(store=said.store_id, number=said.number).first()
    mark = said.digest()
    if order is None:
        order = new_order(said, mark)
        order.save(force_insert=True)
        write_lines([(order, said.lines)])
        find_owners([order])
        facts.ring()
        return order, "inserted"
    before = order.content_digest
    outcome = settle(order, said, mark)
    if outcome != "skipped":
        order.save(update_fields=WRITTEN)
        tell_owners([order])
        facts.ring()
    if order.content_digest != before:
        order.lines.all().delete()
        write_lines([(order, said.lines)])
    return order, outcome


@transaction.atomic
def assign_order(*, order: Order, customer: Customer) -> bool:
    """Say whose order it is, if nobody is known yet (an order that has a customer keeps it); return if it is theirs."""
    mine = customer.merged_into_id or customer.pk
    if Order.objects.filter(pk=order.pk, customer=None).update(customer=mine):
        order.refresh_from_db(fields=["customer"])
        tell_owners([order])
        facts.ring()
    else:
        order.refresh_from_db(fields=["customer"])
    return order.customer_id == mine
