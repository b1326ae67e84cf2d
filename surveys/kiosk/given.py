"""What a tablet is given: the questionnaire with every word in both languages, the hours, and how it is set up."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils import translation
from django.utils.formats import date_format

from attribution.coupons.codes import display
from attribution.money import format_money
from surveys.actions.messaging import left_address
from surveys.definition import (
    LONGEST_ANSWER,
    LONGEST_STORY,
    WITH_OPTIONS,
    AnswersRefused,
    Definition,
    Kind,
    Question,
    first_and_last,
    least_and_most,
)
from surveys.definition.writing import serialise
from surveys.errors import NoSuchSurvey
from surveys.kiosk.words import words
from surveys.messaging import ways
from surveys.models import Placement, Response, SurveyVersion
from surveys.models.kiosk import Kiosk
from surveys.refusals import WORDS, BadAnswers, hint, in_words
from surveys.rewards import last_day_of, reward_of, trial_of
from surveys.steps import ENDS, ONE_ROW

SCRIPTS = ("kiosk", "kiosk_rules", "kiosk_form", "kiosk_parts", "kiosk_queue", "kiosk_hours", "kiosk_staff")
WORKER = "js/kiosk_worker.js"
# Modules name each other without the fingerprints of collected files.
ASSETS = (*(f"js/{name}.js" for name in SCRIPTS), "css/guest.css", "css/kiosk.css", "icons/wanamaker.svg")


def kiosk_of(placement: Placement) -> Kiosk:
    """Return how the place's tablet is set up; as usual where nobody has."""
    return Kiosk.objects.filter(placement=placement).first() or Kiosk(placement=placement)


def tablet_at(token: str) -> Placement:
    found = Placement.objects.select_related("survey__reward_batch", "store", "kiosk").filter(token=token).first()
    if found is None or not found.is_kiosk:
        raise NoSuchSurvey(field="placement")
    return found


def asset(name: str) -> str:
    return f"{settings.STATIC_URL}{name}" if settings.STATIC_URL.startswith("/") else static(name)


@cache
def revision() -> str:
    """Return what changes with the tablet's own files, so that a tablet knows that it runs old ones."""
    digest = hashlib.sha256()
    for name in (*ASSETS, WORKER):
        digest.update(Path(str(finders.find(name))).read_bytes())
    return digest.hexdigest()[:16]


def given_to(placement: Placement, now: datetime) -> dict[str, Any]:
    """Return all that the tablet needs to ask guests by itself; nothing of any guest."""
    version = placement.survey.latest_version()
    if version is None:
        raise NoSuchSurvey
    kiosk = kiosk_of(placement)
    ends = [end for end in (placement.expires_at, placement.survey.closed_at) if end is not None]
    return {
        "token": placement.token,
        "business": settings.BUSINESS_NAME,
        "revision": revision(),
        "version": version.number,
        "seed": version.pk,
        "languages": [code for code, _name in settings.LANGUAGES],
        "questions": given_questions(version.questionnaire),
        "words": in_each(lambda: words(settings.BUSINESS_NAME)),
        "is_open": placement.is_open and placement.store.is_active,
        "ends_at": milliseconds(min(ends)) if ends else None,
        "hours": placement.hours,
        "zone": placement.store.zone,
        "idle": kiosk.idle_seconds,
        "partial": kiosk.partial,
        "has_pin": bool(kiosk.pin),
        "reward": _reward(placement, now),
    }


def in_each(say: Callable[[], Any]) -> dict[str, Any]:
    """Return what ``say`` says in each language of the shop."""
    said = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said[code] = say()
    return said


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def given_questions(definition: Definition) -> list[dict[str, Any]]:
    rows = serialise(definition)["questions"]
    return [row | _about(question) for row, question in zip(rows, definition.questions, strict=True)]


def _about(question: Question) -> dict[str, Any]:
    """Return what the server knows of a question beyond its definition."""
    bounds: dict[str, Any] = {}
    if question.kind in {Kind.MULTIPLE, Kind.NUMBER}:
        bounds["bounds"] = least_and_most(question)
    if question.kind is Kind.DATE:
        bounds["days"] = [day.isoformat() for day in first_and_last(question)]
    if question.points:
        bounds |= {"points": question.points, "is_short": len(question.points) <= ONE_ROW}
        bounds["ends"] = in_each(lambda: [str(word) for word in ENDS.get(question.kind, ("", ""))])
    bounds["longest"] = LONGEST_STORY if question.kind is Kind.LONGTEXT else LONGEST_ANSWER
    bounds["hint"] = in_each(lambda: hint(question))
    bounds["errors"] = in_each(lambda: {code: in_words(code, question) for code in _codes(question)})
    return bounds


def _codes(question: Question) -> tuple[str, ...]:
    """Return what a guest may get wrong there."""
    if question.kind in WITH_OPTIONS:
        return "required", "unknown_option", "not_alone", "too_few", "too_many", "too_long"
    kinds: Mapping[Kind, tuple[str, ...]] = {
        Kind.NUMBER: ("required", "not_a_number", "too_exact", "too_small", "too_large"),
        Kind.DATE: ("required", "not_a_date", "too_early", "too_late"),
        Kind.PHONE: ("phone_missing",),
        Kind.EMAIL: ("email_missing",),
        Kind.STATEMENT: (),
    }
    return kinds.get(question.kind, ("required", "not_a_score", "too_long"))


def _reward(placement: Placement, now: datetime) -> dict[str, Any] | None:
    reward = reward_of(placement.survey, now)
    if reward is None:
        return None
    batch = reward.batch
    trial = trial_of(placement.survey, now)
    drawn = {"id": trial.pk, "percent": trial.percent} if trial else None
    return {"is_left": reward.is_left, "worth": in_each(lambda: batch.worth), "trial": drawn}


def thanks(response: Response) -> dict[str, Any]:
    """Return what the tablet shows of a response that has arrived."""
    coupon = response.coupon
    if coupon is None:
        return {"coupon": None, "repeats": bool(response.repeats)}
    last = last_day_of(coupon)
    batch = coupon.batch
    least = batch.minimum_spend_minor
    return {
        "coupon": {
            "code": display(coupon.code),
            "qr": segno.make_qr(coupon.code, error="m").svg_data_uri(border=2),
            "worth": in_each(lambda: batch.worth),
            "least": in_each(lambda: format_money(least)) if least else None,
            "until": in_each(lambda: date_format(last, "DATE_FORMAT")) if last else None,
            "ways": [{"way": way, "has_left": bool(left_address(response, way))} for way in ways()],
        }
    }


def answers_so_far(definition: Definition, answers: Mapping[str, object]) -> dict[str, Any]:
    """Return the answers of a guest who walked away, cleaned; what is still to be answered may be missing."""
    clean: dict[str, Any] = {}
    try:
        return definition.validate(answers)
    except AnswersRefused as refused:
        if wrong := {key: code for key, code in refused.errors.items() if code != "required"}:
            raise BadAnswers(AnswersRefused(wrong), answers, definition) from refused
        left = refused.errors
    for question in definition.asked(answers):
        clean |= {} if question.key in left else question.check(answers)
    return clean


def version_of(placement: Placement, number: int) -> SurveyVersion:
    found = placement.survey.versions.select_related("survey__reward_batch").filter(number=number).first()
    if found is None:
        raise NoSuchSurvey(field="version")
    return found


def reason_in_words(code: str) -> str:
    return str(WORDS.get(code, code))
