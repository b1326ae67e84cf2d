"""The order that a coupon was used on.

The cashier types the bill before the coupon. A number that nobody knows yet becomes a provisional order: paid = bill −
discount. It stands on its redemptions: voiding one gives its discount back, voiding the last one withdraws the order,
and using the number again takes it up anew. Once the till system has spoken (an import, the API), the order is no
longer ours to change.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from attribution.coupons.actions.refusals import BadInput, OrderConflict, Spoken, clock
from attribution.coupons.models import Redemption
from attribution.customers.actions import assign_order, record_order
from attribution.customers.models import Customer, Order, Store

# A coupon is used when its order is placed; clocks disagree, and exports carry a day's end.
SAME_SALE = timedelta(days=1)
LONGEST_NUMBER = 64


def locked_order(*, store: Store, number: str) -> Order | None:
    """Return the stored order of this number, kept for this transaction; None without a number or a first time."""
    if len(number) > LONGEST_NUMBER or not number.isprintable():
        raise BadInput(_("An order number has at most 64 characters."), field="order_number")
    orders = Order.objects.select_for_update().filter(store=store, number=number)
    if not number:
        return None
    if (order := orders.first()) is not None:
        return order
    # Two coupons on one new bill: a row that is not there cannot be kept, so the second waits for the store and looks
    # again.
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)
    return orders.first()


def left_to_pay(order: Order | None, bill_minor: int) -> int:
    """Return what earlier coupons on the same bill have left of it."""
    return max(0, bill_minor - order.discount_minor) if order and _is_ours(order) else bill_minor


def ensure_same_sale(order: Order | None, *, bill_minor: int, discount_minor: int, at: datetime) -> None:
    """Raise OrderConflict unless the stored order can be the one that this bill is for.

    A till system may export the bill or what was paid, and name the discount or not.
    """
    if order is None or (order.is_provisional and order.voided_at):
        return
    bills = {order.amount_minor + order.discount_minor}
    if not order.is_provisional:
        bills |= {order.amount_minor, order.amount_minor + discount_minor}
    is_sale = order.kind == Order.Kind.SALE and order.voided_at is None
    if not is_sale or bill_minor not in bills or abs(order.placed_at - at) > SAME_SALE:
        raise OrderConflict(
            number=order.number,
            amount=Spoken(order.amount_minor + order.discount_minor),
            time=clock(order.placed_at, order.store, at),
        )


def use_order(
    order: Order | None,
    *,
    store: Store,
    number: str,
    bill_minor: int,
    discount_minor: int,
    customer: Customer | None,
    at: datetime,
) -> Order | None:
    """Write the discount and the customer to the order as far as it is ours, and return it; None without a number."""
    if not number:
        return None
    if order and not order.is_provisional:
        if customer is not None:
            assign_order(order=order, customer=customer)
        return order
    if order and order.voided_at:
        Order.objects.filter(pk=order.pk).update(voided_at=None, customer=None)
        order = None
    return _write(
        store=store,
        number=number,
        placed_at=order.placed_at if order else at,
        bill_minor=bill_minor,
        discount_minor=(order.discount_minor if order else 0) + discount_minor,
        customer=(order.customer if order else None) or customer,
    )


def give_back(redemption: Redemption, at: datetime) -> None:
    """Take a voided redemption off its order, if the order is provisional still."""
    if redemption.order_id is None:
        return
    order = Order.objects.select_for_update().get(pk=redemption.order_id)
    if not _is_ours(order):
        return
    if not order.redemptions.filter(is_standing=True).exists():
        Order.objects.filter(pk=order.pk).update(voided_at=at)
        return
    _write(
        store=redemption.store,
        number=order.number,
        placed_at=order.placed_at,
        bill_minor=order.amount_minor + order.discount_minor,
        discount_minor=order.discount_minor - redemption.discount_minor,
        customer=None,
    )


def _is_ours(order: Order) -> bool:
    return order.is_provisional and order.voided_at is None


def _write(
    *, store: Store, number: str, placed_at: datetime, bill_minor: int, discount_minor: int, customer: Customer | None
) -> Order:
    order, _outcome = record_order(
        store=store,
        number=number,
        placed_at=placed_at,
        amount_minor=bill_minor - discount_minor,
        discount_minor=discount_minor,
        customer=customer,
        source=Order.Source.TILL,
        is_provisional=True,
    )
    return order
