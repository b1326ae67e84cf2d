"""The only writers of channels' evidence: touches, visits, tracked links and spend."""

from attribution.evidence.actions.links import correct_link_channel, save_link, switch_link
from attribution.evidence.actions.spend import (
    BadSpend,
    SpendValue,
    correct_spend,
    delete_spend,
    enter_spend,
    import_spend,
)
from attribution.evidence.actions.touches import (
    recode_touches,
    record_touch,
    record_touches,
    retract_touch,
    retract_touches,
)
from attribution.evidence.actions.visits import adopt_visits, record_visit

__all__ = [
    "BadSpend",
    "SpendValue",
    "adopt_visits",
    "correct_link_channel",
    "correct_spend",
    "delete_spend",
    "enter_spend",
    "import_spend",
    "recode_touches",
    "record_touch",
    "record_touches",
    "record_visit",
    "retract_touch",
    "retract_touches",
    "save_link",
    "switch_link",
]
