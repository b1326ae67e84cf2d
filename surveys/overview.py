"""What the staff's page shows of each survey: where it hangs, how many were shown it, and what they said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.numbers import format_percent
from django.conf import settings
from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from attribution.evidence.models import Channel
from sheets.display import locale_of
from surveys.labels import choice_labels
from surveys.models import ChoiceChannel, Placement, PlacementDay, Response, Survey, SurveyVersion
from surveys.placements import address, site, stores_without
from surveys.rewards import Reward, reward_of

LATELY = timedelta(days=7)
FIRST = 10  # places of a survey that the page of all surveys shows


@dataclass(frozen=True)
class PlacementRow:
    placement: Placement
    address: str
    has_ended: bool
    is_open: bool  # it has not ended, and these are its hours
    shown: int
    started: int
    finished: int

    @property
    def rate(self) -> str:
        """Finished of shown, as text; not known before it was shown to anybody."""
        if not self.shown:
            return "—"
        language = get_language() or settings.LANGUAGE_CODE
        return str(format_percent(self.finished / self.shown, locale=locale_of(language)))


@dataclass(frozen=True)
class ChoiceRow:
    label: str
    channel: Channel | None
    count: int


@dataclass(frozen=True)
class SurveyRow:
    survey: Survey
    version: SurveyVersion | None
    reward: Reward | None
    placements: list[PlacementRow]  # the first few of so many places
    places: int
    missing: int  # stores without any
    choices: list[ChoiceRow]
    answered: int
    lately: int


def survey_rows(request: HttpRequest, now: datetime) -> list[SurveyRow]:
    labels = choice_labels()
    surveys = Survey.objects.select_related("reward_batch", "draft").order_by("-created_at")
    return [_row(survey, labels, request, now) for survey in surveys]


def _row(survey: Survey, labels: dict[tuple[int, str, str], str], request: HttpRequest, now: datetime) -> SurveyRow:
    submitted = Response.objects.counted().filter(version__survey=survey)
    counts = submitted.aggregate(
        answered=Count("pk"),
        lately=Count("pk", filter=Q(received_at__gte=now - LATELY)),
        forgotten=Count("pk", filter=Q(has_dont_remember=True, choice=None)),
    )
    choices = list(_choices(survey, labels))
    if counts["forgotten"]:
        choices.append(ChoiceRow(_("Does not remember"), None, counts["forgotten"]))
    places = Placement.objects.of(survey)
    return SurveyRow(
        survey=survey,
        version=survey.latest_version(),
        reward=reward_of(survey, now),
        placements=placement_rows(places[:FIRST], request, now),
        places=places.count(),
        missing=stores_without(survey).count(),
        choices=sorted(choices, key=lambda row: -row.count),
        answered=counts["answered"],
        lately=counts["lately"],
    )


def _choices(survey: Survey, labels: dict[tuple[int, str, str], str]) -> Iterable[ChoiceRow]:
    counted = Q(responses__received_at__isnull=False, responses__repeats="", responses__set_aside_at=None)
    submitted = Count("responses", filter=counted)
    for choice in ChoiceChannel.objects.filter(survey=survey).select_related("channel").annotate(count=submitted):
        label = labels.get((survey.pk, choice.question_key, choice.option_key), choice.option_key)
        yield ChoiceRow(label, choice.channel, choice.count)


def placement_rows(placements: Iterable[Placement], request: HttpRequest, now: datetime) -> list[PlacementRow]:
    """Return what is known of each of these places, all days together."""
    shown = list(placements)
    summed = PlacementDay.objects.filter(placement__in=shown).values_list("placement")
    counts = {
        pk: (shown, started, finished)
        for pk, shown, started, finished in summed.annotate(Sum("impressions"), Sum("starts"), Sum("finishes"))
    }
    return [
        PlacementRow(
            placement, address(placement, site(request)), placement.has_ended_at(now), placement.is_open_at(now),
            *counts.get(placement.pk, (0, 0, 0)),
        )
        for placement in shown
    ]  # fmt: skip
