"""What the staff's page shows of each survey: where it hangs, how many were shown it, and what they said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.numbers import format_percent
from django.conf import settings
from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from attribution.evidence.models import Channel
from sheets.display import locale_of
from surveys.labels import choice_labels
from surveys.models import ChoiceChannel, Placement, PlacementDay, Response, Survey, SurveyVersion
from surveys.rewards import Reward, reward_of

LATELY = timedelta(days=7)


@dataclass(frozen=True)
class PlacementRow:
    placement: Placement
    address: str
    is_open: bool
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
    placements: list[PlacementRow]
    choices: list[ChoiceRow]
    answered: int
    lately: int


def survey_rows(request: HttpRequest, now: datetime) -> list[SurveyRow]:
    labels = choice_labels()
    surveys = Survey.objects.select_related("reward_batch").order_by("-created_at")
    return [_row(survey, labels, request, now) for survey in surveys]


def address(placement: Placement, request: HttpRequest) -> str:
    """Return what the QR code holds: the shop's public address if it is known, else the one in use now."""
    path = reverse("guest:survey", args=[placement.token])
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def _row(survey: Survey, labels: dict[tuple[int, str, str], str], request: HttpRequest, now: datetime) -> SurveyRow:
    submitted = Response.objects.filter(version__survey=survey, received_at__isnull=False)
    counts = submitted.aggregate(
        answered=Count("pk"),
        lately=Count("pk", filter=Q(received_at__gte=now - LATELY)),
        forgotten=Count("pk", filter=Q(has_dont_remember=True, choice=None)),
    )
    choices = list(_choices(survey, labels))
    if counts["forgotten"]:
        choices.append(ChoiceRow(_("Does not remember"), None, counts["forgotten"]))
    return SurveyRow(
        survey=survey,
        version=survey.latest_version(),
        reward=reward_of(survey, now),
        placements=list(_placements(survey, request, now)),
        choices=sorted(choices, key=lambda row: -row.count),
        answered=counts["answered"],
        lately=counts["lately"],
    )


def _choices(survey: Survey, labels: dict[tuple[int, str, str], str]) -> Iterable[ChoiceRow]:
    submitted = Count("responses", filter=Q(responses__received_at__isnull=False))
    for choice in ChoiceChannel.objects.filter(survey=survey).select_related("channel").annotate(count=submitted):
        label = labels.get((survey.pk, choice.question_key, choice.option_key), choice.option_key)
        yield ChoiceRow(label, choice.channel, choice.count)


def _placements(survey: Survey, request: HttpRequest, now: datetime) -> Iterable[PlacementRow]:
    summed = PlacementDay.objects.filter(placement__survey=survey).values_list("placement")
    counts = {
        pk: (shown, started, finished)
        for pk, shown, started, finished in summed.annotate(Sum("impressions"), Sum("starts"), Sum("finishes"))
    }
    rows = Placement.objects.filter(survey=survey).select_related("store", "survey").order_by("store__code", "pk")
    for placement in rows:
        counted = counts.get(placement.pk, (0, 0, 0))
        yield PlacementRow(placement, address(placement, request), placement.is_open_at(now), *counted)
