"""Who counts as the same guest in a survey, and since when: by own device, by phone or e-mail, by receipt.

A device is the guest's own token (`attribution.customers.devices`), never an address or a guess: guests who share a
Wi-Fi, a phone's model or a tablet are nobody's double. Everything is known by a keyed digest alone.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Case, Q, When

from attribution.customers.identities import DEVICE, EMAIL, PHONE, digest
from surveys.models import OneAnswer, Placement, SameBy, Survey

EVER = datetime.max.replace(tzinfo=UTC)


class Mark(NamedTuple):
    kind: str
    digest: str


def marks_of(
    placement: Placement, *, device: str | None = None, phone: str = "", email: str = "", receipt: str = ""
) -> list[Mark]:
    """Return by what the survey recognises this guest, of what is known; in one order, so that no two wait in a ring.

    Raises BadPhone and the like for what cannot be one.
    """
    survey, marks = placement.survey, []
    if survey.by_device and device and not placement.is_kiosk:
        marks.append(Mark(SameBy.DEVICE, digest(DEVICE, device)))
    if survey.by_contact:
        given = [(kind, value) for kind, value in ((PHONE, phone), (EMAIL, email)) if value]
        marks += [Mark(SameBy.CONTACT, digest(kind, value)) for kind, value in given]
    if survey.by_receipt and receipt:
        marks.append(Mark(SameBy.RECEIPT, _receipt_digest(placement.store_id, receipt)))
    return sorted(marks)


def earlier_answer(survey: Survey, marks: Iterable[Mark], now: datetime) -> OneAnswer | None:
    """Return the answer that still stands for one of these, for the device before others; it says by which."""
    known = Q()
    for mark in marks:
        known |= Q(kind=mark.kind, digest=mark.digest)
    if not known:
        return None
    rows = OneAnswer.objects.filter(known, survey=survey, at__gt=begin_of_window(survey, now))
    rows = rows.select_related("response__coupon__batch", "response__version__survey", "response__placement")
    device_first = Case(When(kind=SameBy.DEVICE, then=0), default=1)
    return rows.defer("response__version__definition").order_by(device_first, "-at").first()


def begin_of_window(survey: Survey, now: datetime) -> datetime:
    """Return since when an answer counts as the same guest's."""
    if survey.window_hours is None:
        return datetime.min.replace(tzinfo=UTC)
    return now - timedelta(hours=survey.window_hours)


def end_of_window(survey: Survey, at: datetime) -> datetime:
    """Return when the guest who answered may answer again."""
    if survey.window_hours is None:
        return EVER
    return at + timedelta(hours=survey.window_hours)


def _receipt_digest(store_id: int, number: str) -> str:
    """Return the receipt's digest; stores number their receipts each for itself."""
    message = f"receipt\0{store_id}\0{number}".encode()
    return hmac.new(settings.IDENTITY_DIGEST_KEY.encode(), message, hashlib.sha256).hexdigest()
