"""Who else may know whose an order is: rooms above register here, since orders cannot look up to them.

A guest who scanned the receipt answers minutes after the sale; the till system's export comes at night. So a new order
without a customer is shown to all who registered, and the first who knows decides.
"""

from collections.abc import Callable, Sequence

from attribution.customers.models import Order

# Takes orders without a customer, returns the customer's id by the order's id for those it knows; a few queries in all.
Knower = Callable[[Sequence[Order]], dict[int, int]]
KNOWERS: list[Knower] = []


def register(knower: Knower) -> None:
    if knower not in KNOWERS:
        KNOWERS.append(knower)


def find_owners(orders: Sequence[Order]) -> None:
    """Give each stored sale that nobody owns yet its customer, where somebody knows."""
    for knower in KNOWERS:
        nobodys = [order for order in orders if order.customer_id is None and order.kind == Order.Kind.SALE]
        known = knower(nobodys) if nobodys else {}
        owned = [order for order in nobodys if order.pk in known]
        for order in owned:
            order.customer_id = known[order.pk]
        Order.objects.bulk_update(owned, ["customer"], batch_size=300)
