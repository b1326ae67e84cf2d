"""The only writers of surveys, versions, choices and responses."""

from surveys.actions.placing import place_in_missing_stores, place_in_stores, save_placement
from surveys.actions.publishing import correct_choice_channel, create_first_visit_survey, publish_version
from surveys.actions.responses import Answered, count_impression, record_response, save_step

__all__ = [
    "Answered",
    "correct_choice_channel",
    "count_impression",
    "create_first_visit_survey",
    "place_in_missing_stores",
    "place_in_stores",
    "publish_version",
    "record_response",
    "save_placement",
    "save_step",
]
