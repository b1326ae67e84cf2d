"""Redemptions whose customer became known after the till: by the till system's export, or by an answer."""

from collections.abc import Sequence

from attribution.coupons.actions.redeeming import new_touch
from attribution.coupons.models import Redemption
from attribution.customers.actions.people import living
from attribution.customers.models import Order
from attribution.evidence.actions import record_touches

BATCH = 1_000


def follow_owners(orders: Sequence[Order]) -> None:
    """Give the standing redemptions on these orders that have no customer the order's, and record what they say."""
    ids = [order.pk for order in orders]
    for start in range(0, len(ids), BATCH):
        waiting = Redemption.objects.standing().filter(order__in=ids[start : start + BATCH], customer=None)
        found = list(waiting.select_related("batch__channel", "batch__campaign", "order__customer__merged_into"))
        for redemption in found:
            if redemption.order is not None and redemption.order.customer is not None:
                redemption.customer = living(redemption.order.customer)
        Redemption.objects.bulk_update(found, ["customer"], batch_size=300)
        record_touches(touches=[touch for redemption in found if (touch := new_touch(redemption)) is not None])
