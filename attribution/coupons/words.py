"""A batch's rules as people read them, in the reader's language."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from babel.dates import get_day_names
from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext, ngettext, pgettext

from attribution.coupons.models import CouponBatch, Stacking
from attribution.customers.models import Store
from attribution.hours import Hours, written
from attribution.money import format_money
from attribution.names import listed
from sheets.display import locale_of


def week_in_words(week: Hours) -> str:
    """Return when it holds, days with the same hours together.

    Examples
    --------
    >>> week_in_words(Hours((((660, 840),),) * 5 + ((),) * 2))
    'Mon–Fri 11:00–14:00'
    """
    names = get_day_names("abbreviated", "format", locale_of(get_language() or settings.LANGUAGE_CODE))
    parts = []
    for spans, days in groupby(range(7), key=lambda day: week.days[day]):
        if spans:
            first, *others = days
            span = f"{names[first]}–{names[others[-1]]}" if others else names[first]
            parts.append(f"{span} {written(spans)}")
    return pgettext("between days with their hours", "; ").join(parts)


def guest_terms(batch: CouponBatch, stores: Sequence[Store]) -> list[str]:
    """Return what a guest must know, a sentence each, of a batch that may not be stored yet."""
    return [*filter(None, (_least(batch), _from(batch), _until(batch))), *more_terms(batch, stores)]


def cashier_terms(batch: CouponBatch, stores: Sequence[Store]) -> list[str]:
    """Return what a cashier sees of it: the guest's terms, and what the till asks for or refuses beyond them."""
    found = guest_terms(batch, stores)
    if batch.uses_per_customer is not None:
        found.append(gettext("Ask for the phone: without it the till cannot count."))
    if batch.stacking != Stacking.ANY:
        found.append(gettext("Enter the order number: the till looks what else is on the bill."))
    if batch.uses_per_day is not None:
        most = {"count": f"{batch.uses_per_day:,}"}
        found.append(gettext("All stores together take at most %(count)s a day.") % most)
    if batch.budget_minor is not None:
        budget = {"amount": format_money(batch.budget_minor)}
        found.append(gettext("It ends when %(amount)s have been given away.") % budget)
    return found


def brief_terms(batch: CouponBatch) -> list[str]:
    """Return what a label has room for: from which bill, and until when."""
    return [sentence for sentence in (_least(batch), _until(batch)) if sentence]


def more_terms(batch: CouponBatch, stores: Sequence[Store]) -> Iterator[str]:
    """Yield the terms beyond the bill and the days: hours, stores, how often, in what company."""
    if not batch.week.is_always:
        yield gettext("Holds %(hours)s.") % {"hours": week_in_words(batch.week)}
    if stores:
        yield gettext("Only in %(stores)s.") % {"stores": listed(store.name for store in stores)}

    if batch.uses_per_code > 1:
        yield gettext("Each code can be used %(count)d times.") % {"count": batch.uses_per_code}
    if batch.uses_per_customer is not None:
        yield ngettext(
            "Once for each customer.", "%(count)d times for each customer.", batch.uses_per_customer
        ) % {"count": batch.uses_per_customer}  # fmt: skip
    if batch.stacking == Stacking.ALONE:
        yield gettext("Not together with another coupon.")
    elif batch.stacking == Stacking.OTHERS:
        yield gettext("One of these a bill.")


def _least(batch: CouponBatch) -> str:
    if not batch.minimum_spend_minor:
        return ""
    return gettext("From a bill of %(amount)s.") % {"amount": format_money(batch.minimum_spend_minor)}


def _from(batch: CouponBatch) -> str:
    return gettext("Valid from %(day)s.") % {"day": _day(batch.valid_from)} if batch.valid_from else ""


def _until(batch: CouponBatch) -> str:
    if batch.days_valid is not None and batch.valid_until is not None:
        said = gettext("Valid for %(days)d days after you get it, until %(day)s at the latest.")
        return said % {"days": batch.days_valid, "day": _day(batch.valid_until)}
    if batch.days_valid is not None:
        return gettext("Valid for %(days)d days after you get it.") % {"days": batch.days_valid}
    return gettext("Valid until %(day)s.") % {"day": _day(batch.valid_until)} if batch.valid_until else ""


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


in_words = lazy(week_in_words, str)
