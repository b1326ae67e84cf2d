"""Tablets: set up, heard of, opened by a PIN; the answers that they send, or that staff bring from one as a file."""

import json
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from attribution.customers.identities import BadIdentity
from attribution.errors import DomainError
from attribution.jobs import wake
from surveys.actions.messaging import request_message
from surveys.actions.responses import Answered, record_response, save_step
from surveys.counting import Seen
from surveys.errors import BadClock, NothingToSend, SurveyClosed
from surveys.kiosk.api import KioskAnswerSerializer
from surveys.kiosk.errors import NoSuchPin, PinLocked, WrongPin
from surveys.kiosk.given import answers_so_far, tablet_at, version_of
from surveys.models import Placement, Response
from surveys.models.kiosk import AnswerFile, Kiosk
from surveys.refusals import BadAnswers
from surveys.rewards import draw_for

MOST_WRONG_PINS = 5
LOCKED = timedelta(minutes=5)
CLOCKS_DISAGREE = timedelta(minutes=5)
OLDEST = timedelta(days=90)
AT_THE_TABLET = timedelta(minutes=15)
MOST_REJECTIONS = 100  # named on the page; all are counted
A_STEP = 20


@dataclass(frozen=True)
class Heard:
    """What a tablet says of itself each minute."""

    version: int | None
    unsent: int
    refused: int
    battery: int | None


@transaction.atomic
def save_kiosk(*, kiosk: Kiosk, pin: str) -> Kiosk:
    """Store how a tablet is set up; an empty PIN leaves it as it is."""
    if pin:
        kiosk.pin, kiosk.wrong_pins, kiosk.locked_until = make_password(pin), 0, None
    kiosk.save()
    return kiosk


@transaction.atomic
def hear_kiosk(*, placement: Placement, heard: Heard, at: datetime) -> None:
    Kiosk.objects.update_or_create(
        placement=placement,
        defaults={
            "seen_at": at, "version": heard.version, "unsent": heard.unsent, "refused": heard.refused,
            "battery": heard.battery,
        },
    )  # fmt: skip


def open_kiosk(*, placement: Placement, pin: str) -> None:
    """Let staff in. Raises NoSuchPin, PinLocked, WrongPin.

    The try is counted before it is looked at, by a conditional update: of many at once, five are looked at.
    """
    now = timezone.now()
    row = Kiosk.objects.filter(placement=placement)
    row.filter(locked_until__lte=now).update(wrong_pins=0, locked_until=None)
    kiosk = row.first()
    if kiosk is None or not kiosk.pin:
        raise NoSuchPin
    if not row.filter(locked_until=None, wrong_pins__lt=MOST_WRONG_PINS).update(wrong_pins=F("wrong_pins") + 1):
        raise PinLocked
    if kiosk.opens_with(pin):
        row.update(wrong_pins=0)
        return
    row.filter(wrong_pins__gte=MOST_WRONG_PINS).update(locked_until=now + LOCKED)
    raise WrongPin


def take_answers(*, placement: Placement, said: dict[str, Any], oldest: timedelta | None = OLDEST) -> Response:
    """Store one guest's answers from a tablet, once however often they come: submitted, or as far as the guest came.

    A guest who walked away with nothing required left open has answered. A phone number that is none is left out
    where its guest is gone. Raises BadAnswers, BadClock, BadIdentity, NoSuchSurvey, ResponseTaken, SurveyClosed.
    """
    at, shown_at = _moment(said, "answered_at", oldest), _moment(said, "shown_at", None)
    ends = [end for end in (placement.expires_at, placement.survey.closed_at) if end is not None]
    if any(at >= end for end in ends):  # switched off is not refused: nobody knows since when, and it was answered
        raise SurveyClosed(field="placement")
    answered = _answered(placement, said, at, min(shown_at, at))
    if not said["is_finished"] and "required" in _open(answered):
        return save_step(placement=placement, answered=answered)
    try:
        return record_response(placement=placement, answered=answered)
    except BadIdentity:
        if said["is_waiting"]:
            raise
    return record_response(placement=placement, answered=replace(answered, phone="", email="", has_consent=False))


def send_from_tablet(*, placement: Placement, said: dict[str, Any]) -> None:
    """Have the coupon of the guest who stands at the tablet sent; of whoever answered longer ago there is none."""
    lately = Response.objects.filter(placement=placement, received_at__gte=timezone.now() - AT_THE_TABLET)
    response = lately.select_related("version").filter(pk=said["uuid"]).first()
    if response is None:
        raise NothingToSend
    request_message(response=response, key=said["request"], channel=said["way"], typed=said["to"])


def _open(answered: Answered) -> set[str]:
    try:
        answered.version.questionnaire.validate(answered.answers)
    except ValueError as refused:
        return set(refused.errors.values())  # type: ignore[attr-defined]
    return set()


def _answered(placement: Placement, said: dict[str, Any], at: datetime, shown_at: datetime) -> Answered:
    version = version_of(placement, said["version"])
    is_whole, definition = said["is_finished"], version.questionnaire
    trial = placement.survey.trials.filter(pk=said["trial"]).first() if said["trial"] else None
    return Answered(
        uuid=said["uuid"],
        version=version,
        answers=said["answers"] if is_whole else answers_so_far(definition, said["answers"]),
        language=said["language"],
        shown_at=shown_at,
        shown_order=definition.shown_order(f"{said['uuid']}:{version.pk}"),  # drawn alike there
        submitted_at=at,
        phone=said["phone"],
        email=said["email"],
        has_consent=said["consent"],
        seen=Seen(said["language"], "tablet"),
        reached="" if is_whole else said["reached"],
        is_view_counted=False,
        is_rewarded=said["is_waiting"],
        draw=draw_for(said["uuid"], trial),
    )


def _moment(said: dict[str, Any], name: str, oldest: timedelta | None) -> datetime:
    """Return a moment of the tablet's clock by ours, as far as the two were apart when they last met."""
    now = timezone.now()
    moment = datetime.fromtimestamp((said[name] + said["offset"]) / 1000, UTC)
    if moment > now + CLOCKS_DISAGREE or (oldest and moment < now - oldest):
        raise BadClock(field=name, days=OLDEST.days)
    return min(moment, now)


# ── A file of answers ───────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def hand_in_answers(*, file: Any, name: str, staff: Any) -> AnswerFile:
    """Keep a file that staff saved on a tablet, for the worker to take in."""
    row = AnswerFile(name=name[:200], handed_in_by=staff)
    row.file.save(f"{row.uuid}.json", File(file), save=False)
    row.save()
    wake("surveys.look")
    return row


def take_waiting_answers() -> None:
    while (row := AnswerFile.objects.claim_next()) is not None:
        take_answer_file(row)


def take_answer_file(row: AnswerFile) -> None:
    """Take in a claimed file. Done twice, since its first worker died, it finds its answers known."""
    with row.failing_as("answers_failed"):
        rows = _rows_of(row)
        if rows is None:
            return row.fail("no_answers")
        counts = {"taken": 0, "known": 0}
        rejections: list[list[str]] = []
        for number, one in enumerate(rows):
            if number % A_STEP == 0:
                row.renew(number, len(rows))
            outcome, *why = _take_row(one)
            if outcome == "rejected":
                rejections.append(why)
            else:
                counts[outcome] += 1
        named = rejections[:MOST_REJECTIONS]
        row.finish(**counts, rejected=len(rejections), rejections=named, progress=len(rows))
    return None


def _rows_of(row: AnswerFile) -> list[Any] | None:
    try:
        with row.file.open("rb") as file:
            content = json.load(file)
        rows = content["answers"] if content["kind"] == "wanamaker-answers" else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return rows if isinstance(rows, list) else None


def _take_row(one: Any) -> tuple[str, ...]:
    """Take in one guest's answers; return taken, known, or rejected with its id, a code and what it is about."""
    named = str(one.get("uuid", "") if isinstance(one, dict) else "")[:40]
    try:
        form = KioskAnswerSerializer(data=one)
        form.is_valid(raise_exception=True)
        said = form.validated_data | {"is_waiting": False}
        is_known = _is_known(said["uuid"])
        take_answers(placement=tablet_at(str(one.get("placement", ""))), said=said, oldest=None)
    except ValidationError as error:
        field = next(iter(error.detail)) if isinstance(error.detail, dict) else ""
        return "rejected", named, "unreadable", str(field)
    except BadAnswers as error:
        return "rejected", named, error.code, (error.field or "").removeprefix("answers.")
    except DomainError as error:
        return "rejected", named, error.code, ""
    return ("known",) if is_known else ("taken",)


def _is_known(identity: uuid.UUID) -> bool:
    return Response.objects.filter(pk=identity).exists()
