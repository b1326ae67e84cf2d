"""Suspicious answers: found by the worker, kept or set aside by a manager, and brought back. None is dropped."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from attribution import facts
from attribution.evidence.actions import record_touches, retract_touches
from attribution.evidence.models import Touchpoint
from surveys.actions.publishing import touch_of
from surveys.bursts import STRETCH, Found, Given, bursts, least_seconds
from surveys.models import Burst, BurstDecision, Response, SurveyVersion
from surveys.suspicion import suspect

AT_ONCE = 1_000
LOOKED_AT = "surveys.bursts.until"  # in the cache: who loses it looks at the last day once more
FIRST_LOOK = timedelta(days=1)
NETWORK_KEPT = timedelta(days=3)


def review_answers() -> None:
    """Find what is suspicious among the answers since the last look, and forget from where the old ones came."""
    now = timezone.now()
    since = cache.get(LOOKED_AT) or now - FIRST_LOOK
    find_bursts(since=since - 2 * STRETCH)
    cache.set(LOOKED_AT, now, None)
    forget_networks(before=now - NETWORK_KEPT)


def find_bursts(*, since: datetime) -> None:
    """Flag suspicious answers among those received since then. Done again, it changes nothing.

    What was judged already is not judged anew: neither flagged again, nor a reason to flag its neighbours.
    """
    answers = Response.objects.filter(received_at__gte=since).filter(Q(burst=None) | Q(burst__state=Burst.State.OPEN))
    columns = ("placement_id", "network", "pk", "submitted_at", "shown_at", "version_id", "language", "answers")
    rows = answers.order_by("placement_id", "network", "submitted_at").values_list(*columns)
    questionnaires: dict[int, Any] = {}
    suspicious = [
        (*where, found)
        for where, some in groupby(rows.iterator(chunk_size=AT_ONCE), key=lambda row: row[:2])
        for found in bursts(_given(row, questionnaires) for row in some)
    ]
    for placement, network, found in suspicious:
        _flag(placement, network, found)


def _given(row: Sequence[Any], questionnaires: dict[int, Any]) -> Given:
    _placement, _network, pk, at, shown_at, version, language, answers = row
    if version not in questionnaires:
        questionnaires[version] = SurveyVersion.objects.get(pk=version).questionnaire
    # Another program that sends answers does not say when it showed what.
    seconds = (at - shown_at).total_seconds() if at > shown_at else None
    return Given(pk, at, seconds, least_seconds(questionnaires[version], answers, language), answers)


@transaction.atomic
def _flag(placement: int, network: str, found: Found) -> None:
    """Put the answers into a burst: into the open one that some of them are in, else into a new one."""
    rows = Response.objects.filter(pk__in=found.answers)
    known = Burst.objects.select_for_update().filter(placement=placement, state=Burst.State.OPEN)
    burst = known.filter(responses__in=found.answers).order_by("pk").first()
    values = {"together": found.together, "hasty": found.hasty, "alike": found.alike}
    if burst is None:
        times = {"first_at": found.first_at, "last_at": found.last_at}
        burst = Burst.objects.create(placement_id=placement, **values, **times)
    else:
        burst.first_at, burst.last_at = min(burst.first_at, found.first_at), max(burst.last_at, found.last_at)
        for name, value in values.items():
            setattr(burst, name, max(getattr(burst, name), value))
        burst.save()
    if rows.filter(burst=None).update(burst=burst) and network:
        suspect(placement, network)


def decide(*, bursts: Iterable[Burst], state: str, staff: Any) -> int:
    """Keep bursts' answers, set them aside, or (``open``) take back what was decided; return how many bursts changed.

    Set aside, answers leave results, figures and evidence; taken back, they are there again as they were.
    """
    return sum(_decide(burst.pk, state, staff) for burst in bursts)


@transaction.atomic
def _decide(pk: int, state: str, staff: Any) -> bool:
    burst = Burst.objects.select_for_update().get(pk=pk)
    if burst.state == state:  # somebody else was quicker
        return False
    burst.state = state
    burst.save(update_fields=["state"])
    answers = list(burst.responses.order_by("pk").values_list("pk", flat=True))
    act = _set_aside if state == Burst.State.SET_ASIDE else _bring_back
    for first in range(0, len(answers), AT_ONCE):
        act(answers[first : first + AT_ONCE])
    BurstDecision.objects.create(burst=burst, state=state, answers=len(answers), staff=staff)
    facts.ring()
    return True


def _set_aside(answers: Sequence[Any]) -> None:
    Response.objects.filter(pk__in=answers, set_aside_at=None).update(set_aside_at=timezone.now())
    retract_touches(kind=Touchpoint.Kind.SURVEY, source_keys=[f"response:{pk}" for pk in answers])


def _bring_back(answers: Sequence[Any]) -> None:
    rows = Response.objects.filter(pk__in=answers, set_aside_at__isnull=False)
    back = list(rows.select_for_update(of=("self",)).select_related("customer", "choice__channel"))
    Response.objects.filter(pk__in=[row.pk for row in back]).update(set_aside_at=None)
    for row in back:
        row.set_aside_at = None
    record_touches(touches=list(_touches(back)))


def _touches(responses: Iterable[Response]) -> Iterator[Touchpoint]:
    for response in responses:
        if (touch := touch_of(response)) is not None:
            yield touch


def forget_networks(*, before: datetime) -> None:
    """Forget from where older answers came."""
    Response.objects.filter(received_at__lt=before).exclude(network="").update(network="")
