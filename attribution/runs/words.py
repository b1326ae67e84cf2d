"""What the engine's own names are called on a page."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from attribution.engine import MODELS
from attribution.engine.models import DEFAULT
from attribution.evidence.models import UNKNOWN, Channel
from attribution.names import listed

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
    "answers_naming_no_channel": _("Answers that name no channel"),
    "touches_on_paths": _("Touches that led to an order"),
    "touches_ended_in_nothing": _("Touches not followed by an order yet"),
    "touches_on_no_path": _("Touches too far from any order"),
    "paths_ended_in_nothing": _("Customers with touches, not followed by an order yet"),
    "customers": _("Customers"),
    "customers_without_conversion": _("Customers without an order"),
    "customers_without_touch": _("Customers without a touch"),
}
ORDER_COUNTS: dict[str, Promise] = {
    "conversions_read": _("Orders read"),
    "conversions_duplicated": _("Orders left out as duplicates"),
    "conversions_after_watermark": _("Orders after the end of the data"),
    "conversions": _("Orders judged"),
    "conversions_without_touch": _("Orders without a touch since the one before"),
}
# The best comes first. A model without a name here shows the engine's.
KNOWN_MODEL_NAMES: dict[str, Promise] = {
    "evidence": _("All evidence weighed"),
    "precedence": _("Strongest evidence first"),
    "first_touch": _("First touch"),
    "last_touch": _("Last touch"),
    "linear": _("Linear"),
    "position_based": _("Position-based"),
    "time_decay": _("Time decay"),
    "shapley": _("Shapley value"),
    "markov": _("Removal effects (Markov)"),
    "survey": _("Survey answers only"),
    "coupon": _("Coupons only"),
    "link": _("Tracked links only"),
}
MODEL_NAMES: dict[str, Promise | str] = {
    name: KNOWN_MODEL_NAMES.get(name, name) for name in (*KNOWN_MODEL_NAMES, *MODELS) if name in MODELS
}
UNKNOWN_NAME = _("Unknown")
KINDS: dict[str, Promise] = {
    "survey": _("answers"),
    "coupon": _("coupons"),
    "link": _("tracked links"),
    "referral": _("referrals"),
    "import": _("imports"),
}
STATES: dict[str, Promise] = {
    "identified": _("Weighed: enough kinds of evidence speak (%(sources)s) to tell how far each can be believed."),
    "prior_dependent": _(
        "Weighed, but only two kinds of evidence speak (%(sources)s): part of the result rests on an assumption."
    ),
    "one_source": _("Not weighed, since only one kind of evidence speaks (%(sources)s). “%(instead)s” stands in."),
    "one_channel": _("Not weighed, since all evidence names the same channel. “%(instead)s” stands in."),
    "few_overlaps": _(
        "Not weighed, since only %(overlaps)s customers left two kinds of evidence. “%(instead)s” stands in."
    ),
    "too_many_channels": _("Not weighed, since there are too many channels. “%(instead)s” stands in."),
    "no_conversions": _("Not weighed, since no new customer has left any evidence yet. “%(instead)s” stands in."),
}
STEPS: dict[str, Promise] = {
    "snapshot": _("Reading the database"),
    "acquisition": _("Judging first orders"),
    "fit": _("Weighing all evidence"),
    "orders": _("Judging all orders"),
    "record": _("Adding up and checksums"),
}
SETTINGS: dict[str, Promise] = {
    "zone": _("Time zone"),
    "intervals": _("Intervals"),
    "markov": _("Removal effects (Markov)"),
    "evidence": _("All evidence weighed"),
    "libraries": _("Libraries"),
}


def spans(parameters: Mapping[str, float]) -> Iterator[tuple[Promise | str, float]]:
    """Yield label and days of each parameter, given in seconds; one that has no label yet keeps its own name."""
    for name, seconds in _in_order(parameters, SPANS):
        yield SPANS.get(name, name), seconds / DAY


def counts(counted: Mapping[str, int], *, of_orders: bool = False) -> Iterator[tuple[Promise | str, int]]:
    """Yield label and rows of each count; of the judgement of all orders, only what is its own."""
    labels = ORDER_COUNTS if of_orders else COUNTS
    for name, rows in _in_order(counted, labels):
        if not of_orders or name in labels:
            yield labels.get(name, name), rows


def timings(seconds: Mapping[str, float]) -> Iterator[tuple[Promise | str, float]]:
    """Yield label and seconds of each step."""
    for step, took in _in_order(seconds, STEPS):
        yield STEPS.get(step, step), took


def model_settings(settings: Mapping[str, Any]) -> Iterator[tuple[Promise | str, str]]:
    """Yield what the models work with, and its values in one line: ``draws 200, seed 1875``."""
    # Sorted, since PostgreSQL keeps the keys of its JSON in an order of its own.
    for name, value in sorted(settings.items()):
        yield SETTINGS.get(name, name), _line(value)


def _in_order(found: Mapping[str, Any], labels: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what was found in the order of the labels: PostgreSQL keeps the keys of its JSON in one of its own."""
    known = [name for name in labels if name in found]
    return [(name, found[name]) for name in (*known, *sorted(found.keys() - labels.keys()))]


def _line(value: Any) -> str:
    if isinstance(value, Mapping):
        return listed(f"{name} {_line(each)}" for name, each in sorted(value.items()))
    return "–".join(map(str, value)) if isinstance(value, list) else str(value)


def evidence(found: Mapping[str, Any]) -> str:
    """Say how the evidence model stands in a run."""
    state = found["reason"] if found["status"] == "fallback" else found["status"]
    words = {
        "sources": listed(KINDS.get(source, source) for source in found["sources"]),
        "overlaps": found["overlaps"],
        "instead": MODEL_NAMES[DEFAULT],
    }
    return str(STATES.get(state, state)) % words


def channel_names() -> dict[str, str]:
    """Return what channels are called, by slug, in the order of the shop; last those whom nothing explains."""
    return {channel.slug: channel.name for channel in Channel.objects.all()} | {UNKNOWN: str(UNKNOWN_NAME)}
