"""What the thank-you page and the back office show of coupons that are sent: ways, state, and why one was not."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from attribution.errors import DomainError
from surveys import messaging
from surveys.actions.messaging import left_address, request_message
from surveys.models import CouponMessage, Response, Survey
from surveys.models.message import MOST_PER_COUPON

SHOWN = 10
REASONS = {
    "unsure": _("We cannot tell whether it arrived. Look there before you ask once more."),
    "unreachable": _("It could not be sent."),
    "no_backend": _("It could not be sent."),
}
REFUSED = _("It was not accepted there. Is the number or the address right?")


@dataclass(frozen=True)
class Way:
    channel: str
    has_left: bool  # the guest left such an address with the answers
    typed: str
    error: str

    @property
    def is_sms(self) -> bool:
        return self.channel == messaging.SMS


def sending_of(response: Response, typed: QueryDict, error: DomainError | None) -> dict[str, Any]:
    """Return what the thank-you page needs to offer that its coupon is sent."""
    if response.coupon_id is None or not (ways := messaging.ways()):
        return {}
    sent = list(response.messages.order_by("created_at"))
    wanted = typed.get("send", "")
    shown = [
        Way(one, bool(left_address(response, one)), typed.get("to", "") if one == wanted else "",
            str(error) if error and one == wanted else "")
        for one in ways
    ]  # fmt: skip
    return {
        "ways": shown if len(sent) < MOST_PER_COUPON else [],
        "sent": [(message, reason_of(message)) for message in sent],
        "request_id": uuid.uuid4(),
    }


def ask_for(response: Response, said: QueryDict) -> CouponMessage:
    try:
        key = uuid.UUID(said.get("request", ""))
    except ValueError:
        key = uuid.uuid4()
    typed = "" if said.get("use") == "left" else said.get("to", "")
    return request_message(response=response, key=key, channel=said.get("send", ""), typed=typed)


def reason_of(message: CouponMessage) -> Any:
    """Return why a message was given up, in words; nothing of one that was not."""
    if message.state != CouponMessage.State.GIVEN_UP:
        return ""
    return REASONS.get(message.error_code, REFUSED)


def told_of(survey: Survey) -> dict[str, Any]:
    """Return how many of a survey's coupons were sent in the last month, and why the last ones were not."""
    asked = CouponMessage.objects.filter(response__version__survey=survey)
    counts = {row["state"]: row["number"] for row in asked.values("state").annotate(number=Count("pk"))}
    lost = asked.filter(state=CouponMessage.State.GIVEN_UP).order_by("-ended_at")[:SHOWN]
    return {"counts": counts, "all": sum(counts.values()), "lost": lost, "ways": messaging.ways()}
