"""The signed slip that a guest's page carries: which response it is, of which version, first shown when.

It lies in the placement's cookie, and in the page itself, so that a page left open across a new version, or one whose
cookie is gone, still answers what it asked. Signed for one placement: nobody can make up an id, a version or a time.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from surveys.counting import NOT_SEEN, Seen
from surveys.models import Placement, Response, SurveyVersion
from surveys.placements import clean_source
from surveys.rewards import NOT_DRAWN, Draw, draw_for, trial_of

COOKIE = "guest"
IN_COOKIE = timedelta(hours=24)
IN_PAGE = timedelta(days=7)
LONGEST_RECEIPT = 64


@dataclass(frozen=True)
class Ticket:
    uuid: uuid.UUID
    version_id: int
    shown_at: datetime
    receipt: str = ""
    seen: Seen = NOT_SEEN
    source: str = ""
    draw: Draw = NOT_DRAWN

    @property
    def seed(self) -> str:
        """What decides the order in which options are shown."""
        return f"{self.uuid}:{self.version_id}"

    def signed(self, placement: Placement) -> str:
        values = [self.uuid.hex, self.version_id, int(self.shown_at.timestamp()), self.receipt, self.seen.written()]
        values += [self.source, self.draw.trial_id, self.draw.arm]
        return signing.dumps(values, salt=_salt(placement))


def new_ticket(version: SurveyVersion, receipt: str, seen: Seen = NOT_SEEN, source: str = "") -> Ticket:
    """Return the slip of a guest who begins now; whether a coupon is promised is drawn here."""
    now, identity = timezone.now().replace(microsecond=0), uuid.uuid4()
    draw = draw_for(identity, trial_of(version.survey, now))
    return Ticket(identity, version.pk, now, plain_receipt(receipt), seen, clean_source(source), draw)


def plain_receipt(typed: str) -> str:
    return "".join(character for character in typed.strip() if character.isprintable())[:LONGEST_RECEIPT]


def read_ticket(signed: str, placement: Placement, most_age: timedelta) -> Ticket | None:
    try:
        identity, version_id, shown, receipt, *more = _loaded(signed, placement, most_age)
    except signing.BadSignature:
        return None
    # A page that was open while we learned to keep more has less in its slip.
    nothing: tuple[Any, ...] = (NOT_SEEN.written(), "", None, "")
    seen, source, trial, arm = (*more, *nothing[len(more) :])
    at = datetime.fromtimestamp(shown, UTC)
    return Ticket(uuid.UUID(identity), version_id, at, receipt, Seen.read(seen), source, Draw(trial, arm))


def ticket_of(request: HttpRequest, placement: Placement) -> Ticket | None:
    """Return the ticket of the cookie, or of the page that was sent where that one shows another version.

    A tablet's page counts for nothing by itself: after "next guest" an old page must not bring the last guest back.
    """
    kept = read_ticket(request.COOKIES.get(COOKIE, ""), placement, IN_COOKIE)
    if placement.is_kiosk or request.method != "POST":
        return kept
    shown = read_ticket(request.POST.get("ticket", ""), placement, IN_PAGE)
    return kept if shown is None or (kept and kept.version_id == shown.version_id) else shown


def keep_ticket(response: HttpResponse, request: HttpRequest, placement: Placement, ticket: Ticket) -> None:
    response.set_cookie(
        COOKIE,
        ticket.signed(placement),
        max_age=None if placement.is_kiosk else int(IN_COOKIE.total_seconds()),
        path=request.path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def draft_of(ticket: Ticket, placement: Placement) -> Response | None:
    """Return the ticket's response, begun or submitted; None before its first step."""
    return with_coupon().filter(pk=ticket.uuid, placement=placement).first()


def with_coupon() -> QuerySet[Response]:
    rows = Response.objects.select_related("coupon__batch", "version__survey", "placement")
    return rows.defer("version__definition")


def _loaded(signed: str, placement: Placement, most_age: timedelta) -> list[Any]:
    return list(signing.loads(signed, salt=_salt(placement), max_age=most_age))


def _salt(placement: Placement) -> str:
    return f"surveys.ticket:{placement.pk}"
