"""The guest's page: one question a step, by plain forms; every address can be reloaded, gone back to and retried."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from attribution.coupons.codes import display
from attribution.customers.devices import device_of, new_device, remember_device
from attribution.errors import DomainError
from surveys.actions import Answered, count_impression, record_response, save_step
from surveys.bursts import least_seconds
from surveys.counting import seen_by
from surveys.definition import Kind, Question
from surveys.errors import NoSuchSurvey, TooManyGuests
from surveys.known import Known, known_guest, may_answer_again
from surveys.limits import seconds_to_wait
from surveys.messages import ask_for, sending_of
from surveys.models import Arm, Placement, Response, SurveyVersion
from surveys.networks import network_of
from surveys.placements import ensure_open, ensure_signed
from surveys.refusals import BadAnswers
from surveys.rewards import last_day_of, promised_to
from surveys.steps import Step, step_at
from surveys.suspicion import challenge_for, note_hasty
from surveys.tickets import COOKIE, Ticket, draft_of, keep_ticket, new_ticket, ticket_of


def friendly(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Turn a refusal into a page in plain words with the right status."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            context = {"error": error, "business": settings.BUSINESS_NAME}
            response = render(request, "guest/sorry.html", context, status=error.status)
            if isinstance(error, TooManyGuests):
                response["Retry-After"] = str(error.params["seconds"])
            return response

    return guarded


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@friendly
def survey(request: HttpRequest, token: str) -> HttpResponse:
    placement = Placement.objects.select_related("survey__reward_batch", "store").filter(token=token).first()
    if placement is None:
        raise NoSuchSurvey
    if "next_guest" in request.POST and (placement.is_kiosk or not placement.survey.by_device):
        return _next_guest(request)
    ticket = ticket_of(request, placement)
    draft = draft_of(ticket, placement) if ticket else None
    if draft and may_answer_again(draft, placement):
        ticket, draft = None, None
    known = known_guest(request, placement, ticket) if draft is None or draft.repeats else None
    done = (draft if draft and draft.is_submitted else None) or (known and known.response)
    if done:
        return _come_back(request, done, known)
    return (_answer if request.method == "POST" else _ask)(request, placement, ticket, draft)


def _come_back(request: HttpRequest, done: Response, known: Known | None) -> HttpResponse:
    """Thank once more a guest who has answered; who answered twice from one device is shown the coupon of the first."""
    if known and not known.is_own:
        return _back_to(request) if request.method == "POST" else _thanks(request, done, known=known)
    if known:
        done = known.response
    return _send(request, done, known) if request.method == "POST" else _thanks(request, done, known=known)


def _ask(request: HttpRequest, placement: Placement, ticket: Ticket | None, draft: Response | None) -> HttpResponse:
    """Show the question that the address names, the first where it names none."""
    is_new = ticket is None
    _ensure_open(placement, ticket)
    if wait := seconds_to_wait(request, placement):
        raise TooManyGuests(seconds=wait)
    ticket = ticket or _first_ticket(request, placement)
    version = _version(placement, ticket, draft)
    step = step_at(
        version.questionnaire, request.GET.get("at", ""), draft.answers if draft else {}, ticket, _language()
    )
    if is_new and request.method == "GET":  # a HEAD is a look at whether the page is there
        count_impression(placement=placement, at=ticket.shown_at, seen=ticket.seen, draw=ticket.draw)
    response = _page(request, placement, step)
    keep_ticket(response, request, placement, ticket)
    return response


def _answer(request: HttpRequest, placement: Placement, ticket: Ticket | None, draft: Response | None) -> HttpResponse:
    """Take one step's answer: on to the next question, or the same page with what is wrong; the last one submits."""
    _ensure_open(placement, ticket)
    ticket = ticket or _first_ticket(request, placement)
    version = _version(placement, ticket, draft)
    answers = draft.answers if draft else {}
    step = step_at(version.questionnaire, request.POST.get("question", ""), answers, ticket, _language())
    step.typed = request.POST
    if wanted := request.POST.get("language", ""):
        return _in_other_language(request, placement, step, wanted)
    if wait := seconds_to_wait(request, placement):
        return _page(request, placement, step, status=429, wait=wait)
    network = "" if placement.is_kiosk else network_of(request, timezone.now())
    if not step.take():
        return _page(request, placement, step, status=422)
    if step.is_last and (challenge := challenge_for(request.POST, placement.pk, network, ticket.uuid)):
        return _page(request, placement, step, status=422, challenge=challenge)
    device = None if placement.is_kiosk else device_of(request) or new_device()
    response = _back_to(request, _store(placement, version, step, device, network))
    keep_ticket(response, request, placement, ticket)
    if device and device != device_of(request):
        remember_device(response, device)
    return response


def _version(placement: Placement, ticket: Ticket, draft: Response | None) -> SurveyVersion:
    """Return what the guest was shown; read before already, as a rule."""
    if draft is not None and draft.version_id == ticket.version_id:
        version = draft.version
    else:
        version = SurveyVersion.objects.defer("definition").get(pk=ticket.version_id)
    if version.survey_id == placement.survey_id:
        version.survey = placement.survey
    return version


def _store(
    placement: Placement, version: SurveyVersion, step: Step, device: str | None, network: str
) -> Question | None:
    """Save the step, or submit after the last; return the question that comes next."""
    answered = Answered(
        uuid=step.ticket.uuid,
        version=version,
        answers=step.answers,
        language=step.language,
        shown_at=step.ticket.shown_at,
        shown_order=step.definition.shown_order(step.ticket.seed),
        device=device,
        phone=step.left(Kind.PHONE),
        email=step.left(Kind.EMAIL),
        has_consent=step.leaves_contact and step.has_consent,
        receipt=step.ticket.receipt,
        source=step.ticket.source,
        network=network,
        draw=step.ticket.draw,
        seen=step.ticket.seen,
        reached="" if step.is_last else step.asked[step.number].key,
    )
    if not step.is_last:
        save_step(placement=placement, answered=answered)
        return step.asked[step.number]
    try:
        record_response(placement=placement, answered=answered)
    except BadAnswers as refused:  # an earlier question was left out: there
        return step.definition.question(next(iter(refused.errors)))
    least = least_seconds(step.definition, step.answers, step.language)
    if (timezone.now() - step.ticket.shown_at).total_seconds() < least:
        note_hasty(placement.pk, network)
    return None


def _page(
    request: HttpRequest, placement: Placement, step: Step, status: int = 200, *, wait: int = 0, challenge: Any = None
) -> HttpResponse:
    """Show a step, with all that was typed; ``wait`` seconds, or meet the ``challenge``, before it can be sent."""
    reward = promised_to(step.ticket.draw, placement.survey, timezone.now())
    context = {
        "step": step,
        "placement": placement,
        "ticket": step.ticket.signed(placement),
        "business": settings.BUSINESS_NAME,
        "reward": reward if step.number == 1 else None,
        "is_promised": reward is not None and reward.is_left,
        "wait": wait,
        "challenge": challenge,
    }
    response = render(request, "guest/step.html", context, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _in_other_language(request: HttpRequest, placement: Placement, step: Step, wanted: str) -> HttpResponse:
    """Show the same page in the other language, with all that was typed and not yet sent."""
    if wanted in dict(settings.LANGUAGES):
        translation.activate(wanted)
        request.LANGUAGE_CODE = wanted
        step.language = wanted
    response = _page(request, placement, step)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, step.language, samesite="Lax", secure=settings.LANGUAGE_COOKIE_SECURE
    )
    return response


def _send(request: HttpRequest, done: Response, known: Known | None) -> HttpResponse:
    """Have the coupon of a response sent, if that was asked for; else it was sent twice, and is thanked again."""
    try:
        if "send" in request.POST:
            ask_for(done, request.POST)
    except DomainError as error:
        return _thanks(request, done, error, known=known)
    return _back_to(request)


def _thanks(
    request: HttpRequest, done: Response, error: DomainError | None = None, *, known: Known | None = None
) -> HttpResponse:
    coupon = done.coupon if known is None or known.is_own else None
    context = {
        "placement": done.placement,
        "business": settings.BUSINESS_NAME,
        "known": known,
        "repeats": done.repeats,
        "may_another": not done.version.survey.by_device,
        "coupon": coupon,
        "code": display(coupon.code) if coupon else "",
        "last_day": last_day_of(coupon) if coupon else None,
        "was_promised": done.version.survey.reward_batch_id is not None and done.arm != Arm.WITHOUT,
        "qr": segno.make_qr(coupon.code, error="m").svg_inline(border=2, omitsize=True) if coupon else "",
    }
    context |= sending_of(done, request.POST, error)
    return render(request, "guest/thanks.html", context, status=error.status if error else 200)


def _first_ticket(request: HttpRequest, placement: Placement) -> Ticket:
    ensure_signed(placement, request.GET)
    version = placement.survey.latest_version()
    if version is None:
        raise NoSuchSurvey
    query = request.GET
    return new_ticket(version, query.get("receipt", ""), seen_by(request, _language()), query.get("source", ""))


def _ensure_open(placement: Placement, ticket: Ticket | None) -> None:
    """Refuse where it has ended, but let a guest finish who began in time, within the hour."""
    now = timezone.now()
    began = ticket.shown_at if ticket and now - ticket.shown_at < timedelta(hours=1) else now
    ensure_open(placement, began)


def _next_guest(request: HttpRequest) -> HttpResponse:
    response = _back_to(request)
    response.delete_cookie(COOKIE, path=request.path)
    return response


def _back_to(request: HttpRequest, question: Question | None = None) -> HttpResponse:
    address = request.path if question is None else f"{request.path}?at={question.key}"
    return HttpResponseRedirect(address, status=303)


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE
