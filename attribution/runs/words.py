"""What the engine's own names of its parameters and counts are called on a page."""

from collections.abc import Iterator, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DAY = 24 * 60 * 60
SPANS: dict[str, Promise] = {
    "lookback": _("Lookback (days)"),
    "coupon_grace": _("Coupon after the order, at most (days)"),
    "survey_grace": _("Answer after the order, at most (days)"),
    "half_life": _("Half-life of time decay (days)"),
}
COUNTS: dict[str, Promise] = {
    "conversions_read": _("First orders read"),
    "conversions_duplicated": _("First orders left out as duplicates"),
    "conversions_after_watermark": _("First orders after the end of the data"),
    "conversions": _("First orders judged"),
    "conversions_without_touch": _("First orders without a touch"),
    "touches_read": _("Touches read"),
    "touches_after_watermark": _("Touches after the end of the data"),
    "touches_repeating_a_survey": _("Answers repeated by the same customer"),
    "touches_on_paths": _("Touches that led to an order"),
    "touches_ended_in_nothing": _("Touches not followed by an order yet"),
    "touches_on_no_path": _("Touches too far from any order"),
    "paths_ended_in_nothing": _("Customers with touches, not followed by an order yet"),
    "customers": _("Customers"),
    "customers_without_conversion": _("Customers without an order"),
    "customers_without_touch": _("Customers without a touch"),
}


def spans(parameters: Mapping[str, float]) -> Iterator[tuple[Promise | str, float]]:
    """Yield label and days of each parameter, given in seconds; one that has no label yet keeps its own name."""
    for name, seconds in parameters.items():
        yield SPANS.get(name, name), seconds / DAY


def counts(counted: Mapping[str, int]) -> Iterator[tuple[Promise | str, int]]:
    """Yield label and rows of each count."""
    for name, rows in counted.items():
        yield COUNTS.get(name, name), rows
