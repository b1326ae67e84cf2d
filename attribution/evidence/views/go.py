"""Where a poster's code leads: the visit is recorded, the device remembered, and the guest sent on.

Threat model
------------
The address is public, and anybody may call it as often as they like. Nothing in the request can change where it
leads: only the stored destination counts, so it is no help to whoever wants to lend our name to a page of theirs. A
client that hammers it fills no table: a device counts once a minute and link, and an address on the network no more
often than ``VisitThrottle`` says; the redirect itself always works.
"""

import re
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from attribution.customers.api.throttle import CountingThrottle
from attribution.customers.devices import device_of, new_device, remember_device
from attribution.evidence import actions
from attribution.evidence.models import TrackedLink

# Programs that fetch a link to show or check it before anybody has followed it. WeChat's own browser calls itself
# MicroMessenger and is a guest; Cubot is a make of phones.
PREVIEW = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|externalhit|facebot|preview|whatsapp/|embedly|skypeuri|mpcrawler|bingpreview",
    re.IGNORECASE,
)


class VisitThrottle(CountingThrottle):
    """Guests in one shop share its Wi-Fi's address, so many a minute are right; thousands are a program."""

    rate = "120/min"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return f"visits:{self.get_ident(request)}"  # type: ignore[arg-type]


@require_safe
@never_cache
def go(request: HttpRequest, code: str) -> HttpResponse:
    link = TrackedLink.objects.filter(code=code).first()
    if link is None or not link.is_active:
        status = HTTPStatus.NOT_FOUND if link is None else HTTPStatus.GONE
        return render(request, "links/gone.html", {"business": settings.BUSINESS_NAME}, status=status)
    response = HttpResponseRedirect(link.destination)
    response["Referrer-Policy"] = "no-referrer"
    if is_followed(request) and VisitThrottle().allow_request(request, None):
        device = device_of(request) or new_device()
        actions.record_visit(link=link, device=device, at=timezone.now())
        remember_device(response, device)
    return response


def is_followed(request: HttpRequest) -> bool:
    """Return whether a person follows the link, as opposed to a program that looks where it leads."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return (
        request.method == "GET"
        and "prefetch" not in purpose.lower()
        and not PREVIEW.search(request.headers.get("User-Agent", ""))
    )
