"""The guest's own device: a random token in a cookie, which we know only by its digest."""

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "device"
OURS = re.compile(r"[A-Za-z0-9_-]{20,40}")
KEPT_SECONDS = 60 * 60 * 24 * 180  # as long as a touch can matter: two look-backs


def device_of(request: HttpRequest) -> str | None:
    """Return the device's token, or None if it has none yet or sends something that is not ours."""
    token = request.COOKIES.get(COOKIE, "")
    return token if OURS.fullmatch(token) else None


def new_device() -> str:
    return secrets.token_urlsafe(18)


def remember_device(response: HttpResponse, token: str) -> None:
    """Keep the token on the device; never called for a kiosk, whose device is not the guest's."""
    response.set_cookie(
        COOKIE, token, max_age=KEPT_SECONDS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
