"""Coupons sent to guests: asked for on the thank-you page, sent by the worker, each request once."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from attribution.coupons.codes import display
from attribution.coupons.models import Coupon
from attribution.customers.identities import EMAIL, PHONE, normalise, open_sealed, seal
from attribution.customers.models import Identity
from attribution.jobs import wake
from attribution.money import format_money
from surveys import messaging
from surveys.definition import Kind
from surveys.errors import NothingLeft, NothingToSend, TooManyMessages
from surveys.messaging import Backend, Message, Refused, Retryable
from surveys.models import CouponMessage, Response
from surveys.models.message import MOST_PER_ADDRESS, MOST_PER_COUPON
from surveys.rewards import last_day_of
from surveys.walk import ANSWERED

KINDS = {messaging.SMS: PHONE, messaging.EMAIL: EMAIL}
# How long after each try that failed the next one follows; after the last the message is given up.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 7200))
LEASE = timedelta(minutes=2)  # after which a message whose worker died is looked at again
KEPT = timedelta(days=30)
MOST_PER_HOUR = 100  # asked for at one place
State = CouponMessage.State
LOG = logging.getLogger(__name__)


# ── Asked for ───────────────────────────────────────────────────────────────────────────────────────────────────────


def left_address(response: Response, channel: str) -> str:
    """Return the phone number or e-mail address that was left with this response; nothing where that is not sure."""
    question = response.version.questionnaire.first_of(Kind(KINDS[channel]))
    if question is None or f"{question.key}{ANSWERED}" not in response.steps.split():
        return ""
    known = Identity.objects.filter(customer=response.customer_id, kind=KINDS[channel])[:2]
    sealed = [identity.sealed for identity in known]
    return open_sealed(bytes(sealed[0])) if len(sealed) == 1 and sealed[0] else ""


def request_message(*, response: Response, key: UUID, channel: str, typed: str) -> CouponMessage:
    """Have the response's coupon sent to the address that was typed, or, where none was, to the one that was left.

    The same key is the same request. Raises BadIdentity, NothingToSend, NothingLeft, TooManyMessages.
    """
    if response.coupon_id is None or channel not in messaging.ways():
        raise NothingToSend
    if not typed.strip() and not (typed := left_address(response, channel)):
        raise NothingLeft(field="to")
    try:
        return _requested(response, key, channel, normalise(KINDS[channel], typed))
    except IntegrityError as error:  # the address was asked for elsewhere in this moment
        raise TooManyMessages from error


@transaction.atomic
def _requested(response: Response, key: UUID, channel: str, address: str) -> CouponMessage:
    Coupon.objects.select_for_update(of=("self",)).get(response=response)  # of two requests, the second counts both
    if (known := CouponMessage.objects.filter(uuid=key, response=response).first()) is not None:
        return known
    today = timezone.localdate(timezone=settings.BUSINESS_ZONE)
    digest = salted_hmac("surveys.coupon_message", f"{channel}:{address}", algorithm="sha256").hexdigest()
    asked = CouponMessage.objects.filter(response=response).count()
    today_asked = CouponMessage.objects.filter(address_digest=digest, day=today).count()
    if asked >= MOST_PER_COUPON or today_asked >= MOST_PER_ADDRESS or _is_busy(response):
        raise TooManyMessages
    wake("surveys.send_coupons")
    return CouponMessage.objects.create(
        uuid=key, response=response, turn=asked + 1, channel=channel, language=translation.get_language(),
        sealed=seal(address), address_digest=digest, day=today, turn_of_day=today_asked + 1,
    )  # fmt: skip


def _is_busy(response: Response) -> bool:
    """Whether so many ask at this place that they are no guests: each message costs."""
    hour = timezone.now() - timedelta(hours=1)
    place = CouponMessage.objects.filter(response__placement=response.placement_id, created_at__gte=hour)
    return place.count() >= MOST_PER_HOUR


# ── Sent by the worker ──────────────────────────────────────────────────────────────────────────────────────────────


def send_waiting_coupons() -> None:
    """Send what is due, and erase what served to count: digests the day after, all of it after a month."""
    while (claimed := _claimed()) is not None:
        send_coupon(*claimed)
    now = timezone.now()
    today = timezone.localdate(now, timezone=settings.BUSINESS_ZONE)
    CouponMessage.objects.filter(day__lt=today).exclude(address_digest=None).update(address_digest=None)
    CouponMessage.objects.filter(ended_at__lt=now - KEPT).delete()


def _claimed() -> tuple[CouponMessage, Backend] | None:
    """Return a due message that is ours for a while; two workers never get the same one.

    One that was handed over to a backend without keys, by a worker that then died, is given up: nobody knows whether
    it was sent, and it is never sent twice.
    """
    now = timezone.now()
    for one in CouponMessage.objects.filter(state=State.WAITING, next_at__lte=now).order_by("next_at")[:10]:
        backend = messaging.backend_of(one.channel)
        if backend is None or one.handed_at is not None or one.attempts > len(PAUSES):
            _end(one, State.GIVEN_UP, error_code="unsure" if backend else "no_backend")
            continue
        handed = None if backend.knows_keys else now
        same = CouponMessage.objects.filter(pk=one.pk, state=State.WAITING, next_at=one.next_at)
        if same.update(attempts=F("attempts") + 1, next_at=now + LEASE, handed_at=handed):
            one.refresh_from_db()
            return one, backend
    return None


def send_coupon(message: CouponMessage, backend: Backend) -> None:
    """Try once. What certainly was not sent waits for its next try, and after the last is given up."""
    try:
        reference = backend.send(composed(message))
    except Refused as error:
        _end(message, State.GIVEN_UP, error_code=str(error)[:40])
    except Retryable as error:
        _wait(message, str(error))
    except Exception as error:  # noqa: BLE001 - whatever a provider’s class raises
        LOG.warning("message %s: %s", message.uuid, type(error).__name__)  # its words may hold the address
        if backend.knows_keys:
            _wait(message, "unsure")
        else:
            _end(message, State.GIVEN_UP, error_code="unsure")
    else:
        _end(message, State.SENT, reference=reference[:80], error_code="")


def _wait(message: CouponMessage, code: str) -> None:
    if message.attempts > len(PAUSES):
        _end(message, State.GIVEN_UP, error_code=code[:40])
        return
    _mine(message).update(
        next_at=timezone.now() + PAUSES[message.attempts - 1], handed_at=None, error_code=code[:40]
    )  # fmt: skip
    wake("surveys.send_coupons", seconds=PAUSES[message.attempts - 1].total_seconds())


def _end(message: CouponMessage, state: str, **values: Any) -> None:
    _mine(message).update(state=state, ended_at=timezone.now(), sealed=None, handed_at=None, **values)


def _mine(message: CouponMessage) -> Any:
    return CouponMessage.objects.filter(pk=message.pk, state=State.WAITING, next_at=message.next_at)


def composed(message: CouponMessage) -> Message:
    """Return what is sent, in the language in which it was asked for."""
    coupon = Coupon.objects.select_related("batch").get(response=message.response_id)
    last = last_day_of(coupon)
    with translation.override(message.language):
        values = {
            "business": settings.BUSINESS_NAME,
            "code": display(coupon.code),
            "amount": coupon.batch.worth,
            "least": format_money(coupon.batch.minimum_spend_minor) if coupon.batch.minimum_spend_minor else "",
            "until": date_format(last, "DATE_FORMAT") if last else "",
        }
        lines = [
            _("%(business)s: your coupon %(code)s, worth %(amount)s.") % values,
            values["least"] and _("For orders from %(amount)s.") % {"amount": values["least"]},
            values["until"] and _("Valid until %(day)s.") % {"day": values["until"]},
            _("Show it at the till. It can be used once."),
        ]
        space = "" if message.language.startswith("zh") else " "
        return Message(
            key=str(message.uuid), to=open_sealed(bytes(message.sealed or b"")), language=message.language,
            subject=_("Your coupon from %(business)s") % values, text=space.join(filter(None, lines)), values=values,
        )  # fmt: skip
