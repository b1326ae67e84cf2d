"""Whose an order is: rooms above know, or want to know, and register here, since orders cannot look up to them.

A guest who scanned the receipt answers minutes after the sale, and a coupon is redeemed at once; the till system's
export comes at night, with its own word on who bought. So a new order without a customer is shown to those who may know
one (``knows``), and an order that has got its customer to those who have waited for it (``follows``).
"""

from collections.abc import Callable, Sequence

from attribution.customers.models import Order

# Both take many orders at once, and may cost a few queries for all of them.
Knower = Callable[[Sequence[Order]], dict[int, int]]  # sales without a customer → order id to customer id
Follower = Callable[[Sequence[Order]], None]  # orders that have a customer
KNOWERS: list[Knower] = []
FOLLOWERS: list[Follower] = []


def knows(knower: Knower) -> None:
    if knower not in KNOWERS:
        KNOWERS.append(knower)


def follows(follower: Follower) -> None:
    if follower not in FOLLOWERS:
        FOLLOWERS.append(follower)


def find_owners(orders: Sequence[Order]) -> None:
    """Give each new sale that nobody owns its customer, where somebody knows."""
    for knower in KNOWERS:
        nobodys = [order for order in orders if order.customer_id is None and order.kind == Order.Kind.SALE]
        known = knower(nobodys) if nobodys else {}
        owned = [order for order in nobodys if order.pk in known]
        for order in owned:
            order.customer_id = known[order.pk]
        Order.objects.bulk_update(owned, ["customer"], batch_size=300)


def tell_owners(orders: Sequence[Order]) -> None:
    """Show orders that were there before, and have a customer now, to those who wait for it."""
    owned = [order for order in orders if order.customer_id is not None]
    for follower in FOLLOWERS if owned else []:
        follower(owned)
