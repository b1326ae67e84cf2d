"""From which network a guest's page was sent: no address is kept, only a keyed digest that changes every day.

A network is the first 24 bits of an IPv4 address, the first 48 of an IPv6 address: a shop's Wi-Fi, or some streets of a
mobile carrier. The digest of one day says nothing about another's, and is forgotten after three days.
"""

import hashlib
import hmac
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle

BITS = {4: 24, 6: 48}
DIGITS = 16


def network_of(request: HttpRequest, now: datetime) -> str:
    """Return the digest of the network that the request came from; nothing where that says nothing.

    That is so for an address of this machine itself: a proxy stands in front that `PROXIES` does not count, and
    all guests would be taken for one network.
    """
    address = _address(BaseThrottle().get_ident(request) or "")  # type: ignore[arg-type]
    if address is None or address.is_loopback:
        return ""
    prefix = ip_network((address, BITS[address.version]), strict=False)
    return _digest(f"{now.date()}\0{prefix}")


def _address(written: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(written.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _digest(message: str) -> str:
    key = settings.IDENTITY_DIGEST_KEY.encode()
    return hmac.new(key, f"network\0{message}".encode(), hashlib.sha256).hexdigest()[:DIGITS]
