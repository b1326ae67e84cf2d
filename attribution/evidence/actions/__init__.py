"""The only writers of channels' evidence: touches, visits, tracked links and spend."""

from attribution.evidence.actions.links import correct_link_channel
from attribution.evidence.actions.touches import recode_touches, record_touch, retract_touch
from attribution.evidence.actions.visits import adopt_visits, record_visit

__all__ = [
    "adopt_visits",
    "correct_link_channel",
    "recode_touches",
    "record_touch",
    "record_visit",
    "retract_touch",
]
