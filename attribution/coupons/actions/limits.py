"""What a batch allows beyond its days and stores: at which hours, how many a day, how many a customer, what company on
a bill, how much in all.

All of it is asked while the batch is kept (see ``judging.find``): whoever redeems of it counts whoever came before.
"""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from attribution.coupons.actions.refusals import (
    BudgetSpent,
    CustomerLimit,
    CustomerNeeded,
    DailyLimit,
    NotStackable,
    NumberNeeded,
    WrongDay,
    WrongHour,
    budget_short,
)
from attribution.coupons.models import CouponBatch, Redemption, Stacking
from attribution.coupons.words import in_words
from attribution.customers.models import Customer, Order, Store
from attribution.hours import written


def ensure_within_hours(batch: CouponBatch, store: Store, at: datetime) -> None:
    """Raise WrongDay or WrongHour outside the week's hours, by the store's clock."""
    week, local = batch.week, at.astimezone(store.zoneinfo)
    if week.is_open_at(local):
        return
    if not (today := week.days[local.weekday()]):
        raise WrongDay(hours=in_words(week))
    raise WrongHour(hours=written(today))


def ensure_day_has_room(batch: CouponBatch, at: datetime) -> None:
    """Raise DailyLimit where all stores together have used the day's, by the business's clock: one day for all."""
    if batch.uses_per_day is None:
        return
    zone = settings.BUSINESS_ZONE
    day = at.astimezone(zone).date()
    start, end = (datetime.combine(day + timedelta(days=n), time(), tzinfo=zone) for n in (0, 1))
    today = Redemption.objects.standing().filter(batch=batch, redeemed_at__gte=start, redeemed_at__lt=end)
    if today.count() >= batch.uses_per_day:
        raise DailyLimit(limit=batch.uses_per_day)


def ensure_customer_may(batch: CouponBatch, customer: Customer | None) -> None:
    """Raise CustomerLimit where one has used as many as one may, CustomerNeeded where nobody says who it is."""
    if batch.uses_per_customer is None:
        return
    if customer is None:
        raise CustomerNeeded(limit=batch.uses_per_customer)
    theirs = Q(customer=customer) | Q(customer__merged_into=customer)
    if Redemption.objects.standing().filter(theirs, batch=batch).count() >= batch.uses_per_customer:
        raise CustomerLimit(limit=batch.uses_per_customer)


def ensure_stackable(batch: CouponBatch, order: Order | None, number: str) -> None:
    """Raise NotStackable where another coupon on the bill forbids this one, or this one the other.

    Which coupons share a bill is known by its number alone: what minds its company needs one, else NumberNeeded.
    """
    if batch.stacking != Stacking.ANY and not number:
        raise NumberNeeded
    if order is None:
        return
    for other in Redemption.objects.standing().filter(order=order).select_related("batch"):
        is_alone = Stacking.ALONE in {batch.stacking, other.batch.stacking}
        if is_alone or (other.batch_id == batch.pk and batch.stacking == Stacking.OTHERS):
            raise NotStackable(other=other.batch)


def ensure_budget_is_left(batch: CouponBatch) -> None:
    if batch.budget_minor is not None and batch.spent_minor >= batch.budget_minor:
        raise BudgetSpent


def count_use(batch: CouponBatch, discount_minor: int) -> None:
    """Count a redemption in one conditional update: two cannot both get the last of the budget."""
    enough = Q(budget_minor=None) | Q(spent_minor__lte=F("budget_minor") - discount_minor)
    counted = CouponBatch.objects.filter(enough, pk=batch.pk).update(
        redeemed_count=F("redeemed_count") + 1, spent_minor=F("spent_minor") + discount_minor
    )
    if not counted:
        batch.refresh_from_db(fields=["budget_minor", "spent_minor"])
        raise budget_short(batch)


def count_back(redemption: Redemption) -> None:
    """Take a voided redemption out of its batch's counters."""
    CouponBatch.objects.filter(pk=redemption.batch_id).update(
        redeemed_count=F("redeemed_count") - 1, spent_minor=F("spent_minor") - redemption.discount_minor
    )


def count_anew(batch: CouponBatch) -> None:
    """Set a batch's counters by its redemptions, for whoever wrote those in bulk."""
    standing = Redemption.objects.standing().filter(batch=batch)
    found = standing.aggregate(count=Count("pk"), spent=Coalesce(Sum("discount_minor"), 0))
    CouponBatch.objects.filter(pk=batch.pk).update(redeemed_count=found["count"], spent_minor=found["spent"])
