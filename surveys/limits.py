"""How many of the guests' pages one network may ask for at one place. Guests share a shop's Wi-Fi and a carrier's
addresses, so a full house must pass; what does not is a program."""

import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from attribution.customers.api.throttle import CountingThrottle
from surveys.models import Placement
from surveys.networks import network_of


class GuestThrottle(CountingThrottle):
    def __init__(self) -> None:
        self.rate = f"{settings.GUEST_RATE}/min"
        super().__init__()

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        network = network_of(request, timezone.now())
        return f"guests:{view.pk}:{network}" if network else None


def seconds_to_wait(request: HttpRequest, placement: Placement) -> int:
    """Return for how many seconds this network has to wait; count the request where it need not."""
    throttle = GuestThrottle()
    return 0 if throttle.allow_request(request, placement) else math.ceil(throttle.wait())
