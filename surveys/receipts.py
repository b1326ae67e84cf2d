"""Whose an order is, by the receipt that a guest scanned before answering."""

from collections.abc import Sequence

from attribution.customers.models import Order
from surveys.models import Response

BATCH = 1_000


def owners_by_receipt(orders: Sequence[Order]) -> dict[int, int]:
    """Return order id → customer id for orders whose number, in their store, stands on a submitted response.

    Of several guests with one receipt the first to answer counts, as it would have if the order had come first.
    """
    wanted = {(order.store_id, order.number): order.pk for order in orders}
    numbers = sorted({number for _store, number in wanted})
    owners: dict[int, int] = {}
    for start in range(0, len(numbers), BATCH):
        submitted = Response.objects.filter(received_at__isnull=False, set_aside_at=None)
        answered = submitted.filter(receipt_number__in=numbers[start : start + BATCH])
        rows = answered.exclude(receipt_number="").order_by("received_at", "pk")
        columns = ("placement__store", "receipt_number", "customer", "customer__merged_into")
        for store, number, customer, into in rows.values_list(*columns):
            if (order := wanted.get((store, number))) is not None:
                owners.setdefault(order, into or customer)
    return owners
