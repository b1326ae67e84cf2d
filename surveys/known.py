"""A guest who comes again to a survey that counts each once: told before they begin, wherever that can be known."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from attribution.customers.devices import device_of
from surveys.models import Placement, Response, SameBy
from surveys.placements import ensure_signed
from surveys.same_guest import EVER, earlier_answer, end_of_window, marks_of
from surveys.tickets import Ticket, plain_receipt


@dataclass(frozen=True)
class Known:
    """The answer of a guest that counts; ``is_own`` where the device, or a receipt signed by the shop's till, proves
    that it is theirs: a receipt's number alone can be guessed, and with it the coupon."""

    response: Response
    at: datetime
    again_at: datetime | None
    is_own: bool


def known_guest(request: HttpRequest, placement: Placement, ticket: Ticket | None) -> Known | None:
    """Return what the guest of this device or receipt has answered within the window; nobody at a shared tablet."""
    if placement.is_kiosk:
        return None
    marks = marks_of(placement, device=device_of(request), receipt=_receipt(request, placement, ticket))
    found = earlier_answer(placement.survey, marks, timezone.now())
    if found is None:
        return None
    again_at = end_of_window(placement.survey, found.at)
    is_own = found.kind == SameBy.DEVICE or placement.is_signed
    return Known(found.response, found.at, None if again_at == EVER else again_at, is_own)


def may_answer_again(response: Response, placement: Placement) -> bool:
    """Whether so much time has passed since this guest's answer that the page begins anew."""
    survey, at = placement.survey, response.submitted_at
    if placement.is_kiosk or at is None or not survey.by_device:
        return False
    return end_of_window(survey, at) <= timezone.now()


def _receipt(request: HttpRequest, placement: Placement, ticket: Ticket | None) -> str:
    if ticket is not None:
        return ticket.receipt
    receipt = plain_receipt(request.GET.get("receipt", ""))
    if receipt and placement.survey.by_receipt:
        ensure_signed(placement, request.GET)
    return receipt
