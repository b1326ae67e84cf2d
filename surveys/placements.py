"""A placement's address, with its signature where it has one, and whether guests may begin there now."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from babel.dates import format_skeleton, format_time
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from attribution.customers.models import Store
from sheets.display import locale_of
from surveys.errors import BadSignature, OutsideHours, SurveyClosed
from surveys.models import Placement, Survey

SIGNED = ("source", "receipt")  # parameters of an address; one that is not there counts as empty
SIGNATURE = "sig"
SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")  # no room for anything personal
SIGNATURE_DIGITS = 32  # 128 bits


def ensure_open(placement: Placement, moment: datetime) -> None:
    """Refuse who begins at ``moment``: SurveyClosed where it has ended, OutsideHours where it opens again."""
    if placement.has_ended_at(moment):
        raise SurveyClosed
    if not placement.is_open_at(moment):
        raise OutsideHours(opening=opening_after(placement, moment))


def opening_after(placement: Placement, moment: datetime) -> str:
    """Return when it opens next, by the store's clock, in the reader's words."""
    opening = placement.week.opens_after(moment.astimezone(placement.store.zoneinfo))
    if opening is None:
        return ""
    locale = locale_of(get_language() or settings.LANGUAGE_CODE)
    day = format_skeleton("MMMEd", opening.replace(tzinfo=None), locale=locale)
    return f"{day}, {format_time(opening.time(), 'HH:mm', locale=locale)}"


def site(request: HttpRequest) -> str:
    """Return what addresses begin with: the shop's public address if it is known, else the one in use now."""
    return settings.SITE_URL or request.build_absolute_uri("/").rstrip("/")


def address(placement: Placement, begins: str) -> str:
    """Return what the QR code holds; it ``begins`` with the shop's address."""
    path = reverse("guest:survey", args=[placement.token])
    query = f"?{urlencode({SIGNATURE: signature(placement, {})})}" if placement.is_signed else ""
    return f"{begins}{path}{query}"


def signing_key(placement: Placement) -> str:
    """Return the key by which the shop's till signs addresses of its own, with a receipt's number for instance."""
    return salted_hmac("surveys.placement", placement.token, algorithm="sha256").hexdigest()


def signature(placement: Placement, query: Mapping[str, str]) -> str:
    """Return the signature of an address with these parameters: see docs/api.md."""
    signed = "\n".join([placement.token, *(query.get(name, "") for name in SIGNED)])
    digest = hmac.new(signing_key(placement).encode(), signed.encode(), hashlib.sha256)
    return digest.hexdigest()[:SIGNATURE_DIGITS]


def ensure_signed(placement: Placement, query: Mapping[str, str]) -> None:
    """Refuse an address whose signature is missing, or was made for other parameters, where it needs one."""
    given = query.get(SIGNATURE, "").encode()
    if placement.is_signed and not hmac.compare_digest(signature(placement, query).encode(), given):
        raise BadSignature


def clean_source(typed: str) -> str:
    """Return where an address was found, as it says itself, in small letters; nothing where that is no fit name.

    Examples
    --------
    >>> clean_source(" Till-2 "), clean_source("<b>till</b>"), clean_source("a" * 33)
    ('till-2', '', '')
    """
    plain = typed.strip().lower()
    return plain if SOURCE.fullmatch(plain) else ""


def stores_without(survey: Survey) -> QuerySet[Store]:
    """Return the shop's stores in which the survey is nowhere to be found."""
    return Store.objects.filter(is_active=True).exclude(placement__survey=survey).order_by("code")
