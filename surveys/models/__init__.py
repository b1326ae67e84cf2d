from surveys.models.coding import CodeBook, CodingRule, Recoding
from surveys.models.draft import Draft, DraftStep
from surveys.models.export import ResponseFile
from surveys.models.kiosk import AnswerFile, Kiosk
from surveys.models.placement import (
    Placement,
    PlacementAlarm,
    PlacementDay,
    PlacementHour,
    PlacementQuerySet,
    PosterFile,
)
from surveys.models.response import Response
from surveys.models.survey import ChoiceChannel, Survey, SurveyVersion
from surveys.models.webhook import Delivery, Webhook

__all__ = [
    "AnswerFile",
    "ChoiceChannel",
    "CodeBook",
    "CodingRule",
    "Delivery",
    "Draft",
    "DraftStep",
    "Kiosk",
    "Placement",
    "PlacementAlarm",
    "PlacementDay",
    "PlacementHour",
    "PlacementQuerySet",
    "PosterFile",
    "Recoding",
    "Response",
    "ResponseFile",
    "Survey",
    "SurveyVersion",
    "Webhook",
]
