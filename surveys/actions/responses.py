"""Responses: a step saved, and a whole response recorded exactly once, with all that follows from it."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from attribution import facts
from attribution.coupons.actions import issue_coupon
from attribution.coupons.models import Coupon
from attribution.customers.actions import assign_order, grant_consent, resolve_customer
from attribution.customers.models import Consent, Customer, Order
from attribution.errors import DomainError
from attribution.evidence.actions import adopt_visits, record_touches
from attribution.rows import has_row
from surveys.actions.coding import codes_of
from surveys.actions.hooks import announce_response
from surveys.actions.one_answer import take_one_answer
from surveys.actions.publishing import touch_of
from surveys.actions.rewarding import count_shown
from surveys.counting import NOT_SEEN, Event, Seen, count
from surveys.definition import AnswersRefused, Kind
from surveys.errors import ResponseTaken, TooManySaves
from surveys.models import Arm, ChoiceChannel, Placement, Response, SurveyVersion
from surveys.refusals import BadAnswers
from surveys.rewards import NOT_DRAWN, Draw
from surveys.same_guest import Mark, marks_of
from surveys.walk import walked

# The wording in templates/guest/phone.html and email.html; a new wording gets a new version.
CONSENT_TEXT = {"phone": "contact-1", "email": "contact-email-1"}
MOST_SAVES = 200  # of one response; a guest who wavers needs twenty


@dataclass(frozen=True)
class Answered:
    """One guest's answers as they came in. ``device`` is the guest's own device's token, None at a tablet."""

    uuid: uuid.UUID
    version: SurveyVersion
    answers: Mapping[str, object]
    language: str
    shown_at: datetime
    shown_order: Mapping[str, Any]
    submitted_at: datetime | None = None  # None: now
    device: str | None = None
    phone: str = ""
    email: str = ""
    has_consent: bool = False
    receipt: str = ""
    source: str = ""
    network: str = ""  # as surveys.networks has it; none where no guest's own device sent it
    draw: Draw = NOT_DRAWN  # whether the guest was promised a coupon
    seen: Seen = NOT_SEEN  # unless a page was shown here
    reached: str = ""  # the question that is shown next; none after the last
    is_view_counted: bool = True  # else the view is counted with the first answer, as at a tablet that may be offline
    is_rewarded: bool = True  # not where the guest has gone and would never see the coupon

    def steps(self, answers: Mapping[str, object]) -> str:
        left = [kind for kind in ("phone", "email") if getattr(self, kind, "")]
        return walked(self.version.questionnaire, answers, left=left, reached=self.reached)

    def begun(self) -> list[Event]:
        """Return what its first step counts as."""
        return ["starts"] if self.is_view_counted else ["impressions", "starts"]


class _SubmittedMeanwhile(Exception):
    """Somebody else has submitted this response: undo all that was done for it here."""


@transaction.atomic
def count_impression(*, placement: Placement, at: datetime, seen: Seen = NOT_SEEN, draw: Draw = NOT_DRAWN) -> None:
    # Rings no bell: a run for every page that is looked at would be too many; the next answer's run sees it.
    count_shown(placement=placement, draw=draw)
    count(placement=placement, at=at, seen=seen, events=["impressions"])


@transaction.atomic
def save_step(*, placement: Placement, answered: Answered) -> Response:
    """Keep the answers so far; a response that was submitted already stays as it is.

    Raises TooManySaves, and ResponseTaken for the id of another placement's response.
    """
    response, is_new = _draft(placement, answered)
    if response.is_submitted:
        return response
    if response.saves >= MOST_SAVES:
        raise TooManySaves
    response.answers = dict(answered.answers)
    response.language = answered.language
    response.saves += 1
    response.steps = answered.steps(answered.answers)
    response.save(update_fields=["answers", "language", "saves", "steps"])
    if is_new:
        count(placement=placement, at=response.shown_at, seen=answered.seen, events=answered.begun())
    return response


def record_response(*, placement: Placement, answered: Answered) -> Response:
    """Store a whole response once, whatever comes twice, and all that follows from it in one transaction.

    The customer (by phone, e-mail address and own device), the consent if it was ticked, the touch, the visits of the
    device, the thank-you coupon while there is stock, the order of the receipt, the day's count. A response that was
    submitted already is returned as it was. What repeats an answer of the same guest is kept, and counts nowhere.

    Raises BadAnswers, BadIdentity, ResponseTaken.
    """
    try:
        clean = answered.version.questionnaire.validate(answered.answers)
    except AnswersRefused as refused:
        raise BadAnswers(refused, answered.answers, answered.version.questionnaire) from refused
    try:
        with transaction.atomic():
            response, is_new = _draft(placement, answered)
            if not response.is_submitted:
                _submit(response, answered, clean)
                events: list[Event] = [*(answered.begun() if is_new else ()), "finishes"]
                count(placement=placement, at=response.shown_at, seen=answered.seen, events=events)
            return response
    except _SubmittedMeanwhile:
        return Response.objects.get(pk=answered.uuid)


def _draft(placement: Placement, answered: Answered) -> tuple[Response, bool]:
    """Return the response, made at its first step and locked: of two at once, the second sees what the first did.

    And whether it was made just now.
    """
    if not has_row(Response, uuid=answered.uuid):
        with suppress(IntegrityError), transaction.atomic():  # somebody else may make it meanwhile
            return _begun(placement, answered), True
    response = Response.objects.select_for_update(of=("self",)).get(pk=answered.uuid)
    if response.placement_id != placement.pk:
        raise ResponseTaken(field="uuid")
    response.placement = placement
    return response, False


def _begun(placement: Placement, answered: Answered) -> Response:
    return Response.objects.create(
        uuid=answered.uuid,
        placement=placement,
        version=answered.version,
        language=answered.language,
        device=answered.seen.kind,
        shown_order=answered.shown_order,
        shown_at=answered.shown_at,
        started_at=timezone.now(),
        receipt_number=answered.receipt,
        source=answered.source,
        trial_id=answered.draw.trial_id,
        arm=answered.draw.arm,
    )


def _submit(response: Response, answered: Answered, clean: dict[str, Any]) -> None:
    at = answered.submitted_at or timezone.now()
    customer = _who(answered, at)
    questionnaire = answered.version.questionnaire
    codes = codes_of(answered.version, questionnaire, clean)
    choice = _choice(answered.version, clean | codes)
    chose_placebo = _chose_placebo(response, answered.version, clean)
    place, places = (None, None) if chose_placebo else _place(response, answered.version, clean)
    survey = response.placement.survey
    response.repeats = take_one_answer(response=response, survey=survey, marks=_marks(response, answered), at=at)
    values = {
        "version": answered.version,
        "answers": clean,
        "codes": codes,
        "steps": answered.steps(clean),
        "language": answered.language,
        "customer": customer,
        "choice": choice,
        "nps": _score(Kind.NPS, answered.version, clean),
        "csat": _score(Kind.STARS, answered.version, clean),
        "has_dont_remember": questionnaire.forgot(clean | codes),
        "chose_placebo": chose_placebo,
        "chosen_place": place,
        "places": places,
        "repeats": response.repeats,
        "network": answered.network,
        "coupon": _thank(response, answered, customer, at),
        "submitted_at": at,
        "received_at": timezone.now(),
    }
    _finish(response, values)
    if (touch := touch_of(response)) is not None:
        record_touches(touches=[touch])
    announce_response(response=response)
    if answered.device and response.counts:
        adopt_visits(customer=customer, device=answered.device)
    if answered.has_consent:
        _grant(response, customer, [kind for kind in CONSENT_TEXT if getattr(answered, kind)], at)
    _tie_order(response, customer)
    facts.ring()


def _finish(response: Response, values: dict[str, Any]) -> None:
    """Submit the response if it still waits for it; the row count says who was first."""
    if not Response.objects.filter(pk=response.pk, received_at=None).update(**values):
        raise _SubmittedMeanwhile
    for name, value in values.items():
        setattr(response, name, value)


def _who(answered: Answered, at: datetime) -> Customer:
    given = [("phone", answered.phone), ("email", answered.email), ("device", answered.device)]
    identities = [(kind, value) for kind, value in given if value]
    if not identities:  # a guest at the tablet who leaves nothing is a customer whom nothing recognises again
        return Customer.objects.create(joined_at=at)
    return resolve_customer(identities=identities, at=at)


def _marks(response: Response, answered: Answered) -> list[Mark]:
    return marks_of(
        response.placement,
        device=answered.device,
        phone=answered.phone,
        email=answered.email,
        receipt=response.receipt_number,
    )


def _choice(version: SurveyVersion, clean: dict[str, Any]) -> ChoiceChannel | None:
    question = version.questionnaire.first_of(Kind.CHANNEL)
    option = question.option(clean.get(question.key)) if question else None
    if question is None or option is None or option.placebo is not None:
        return None
    # Locked: whoever corrects this choice meanwhile comes wholly before or wholly after us.
    rows = ChoiceChannel.objects.select_for_update(no_key=True, of=("self",)).select_related("channel")
    return rows.filter(survey=version.survey_id, question_key=question.key, option_key=option.key).first()


def _place(response: Response, version: SurveyVersion, clean: dict[str, Any]) -> tuple[int | None, int | None]:
    """Return where the chosen channel's option stood, by the order that the first step kept."""
    question = version.questionnaire.first_of(Kind.CHANNEL)
    shown = response.shown_order.get(question.key, ()) if question else ()
    return (question.place_of(clean.get(question.key), shown) if question else None) or (None, None)


def _score(kind: Kind, version: SurveyVersion, clean: dict[str, Any]) -> int | None:
    question = version.questionnaire.first_of(kind)
    return clean.get(question.key) if question else None


def _chose_placebo(response: Response, version: SurveyVersion, clean: dict[str, Any]) -> bool | None:
    question = version.questionnaire.first_of(Kind.CHANNEL)
    if question is None:
        return None
    return question.chose_placebo(clean.get(question.key), response.shown_order.get(question.key, ()))


def _thank(response: Response, answered: Answered, customer: Customer, at: datetime) -> Coupon | None:
    """Return the thank-you coupon, or None where none is promised or none is left: the answer counts all the same.

    A guest who has answered before gets no second one.
    """
    batch = answered.version.survey.reward_batch
    if batch is None or not answered.is_rewarded or response.arm == Arm.WITHOUT or response.repeats:
        return None
    try:
        return issue_coupon(batch=batch, customer=customer, at=at)
    except DomainError:
        return None


def _grant(response: Response, customer: Customer, kinds: list[str], at: datetime) -> None:
    for kind in kinds:
        grant_consent(
            customer=customer,
            purpose=Consent.Purpose.CONTACT,
            text_version=CONSENT_TEXT[kind],
            language=response.language,
            where=f"placement:{response.placement_id}",
            at=at,
        )


def _tie_order(response: Response, customer: Customer) -> None:
    """Say whose the receipt's order is, if it is there and nobody's yet."""
    if not response.receipt_number:
        return
    sales = Order.objects.sales().filter(store=response.placement.store_id, number=response.receipt_number)
    order = sales.filter(customer=None).first()
    if order is not None:
        assign_order(order=order, customer=customer)
