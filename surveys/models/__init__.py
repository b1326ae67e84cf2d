from surveys.models.brand import Brand
from surveys.models.coding import CodeBook, CodingRule, Recoding
from surveys.models.draft import Draft, DraftStep
from surveys.models.export import ResponseFile
from surveys.models.guest import Burst, BurstDecision, OneAnswer, SameBy
from surveys.models.kiosk import AnswerFile, Kiosk
from surveys.models.message import CouponMessage
from surveys.models.placement import (
    Placement,
    PlacementAlarm,
    PlacementDay,
    PlacementHour,
    PlacementQuerySet,
    PosterFile,
)
from surveys.models.response import Response, ResponseQuerySet
from surveys.models.reward import Arm, RewardTrial, TrialCount
from surveys.models.survey import ChoiceChannel, Survey, SurveyVersion
from surveys.models.webhook import Delivery, Webhook

__all__ = [
    "AnswerFile",
    "Arm",
    "Brand",
    "Burst",
    "BurstDecision",
    "ChoiceChannel",
    "CodeBook",
    "CodingRule",
    "CouponMessage",
    "Delivery",
    "Draft",
    "DraftStep",
    "Kiosk",
    "OneAnswer",
    "Placement",
    "PlacementAlarm",
    "PlacementDay",
    "PlacementHour",
    "PlacementQuerySet",
    "PosterFile",
    "Recoding",
    "Response",
    "ResponseFile",
    "ResponseQuerySet",
    "RewardTrial",
    "SameBy",
    "Survey",
    "SurveyVersion",
    "TrialCount",
    "Webhook",
]
