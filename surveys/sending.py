"""One try to send a message to an address that somebody typed in.

Threat model
------------
Whoever may set up a webhook could point it at machines that only this server can reach. So the name is looked up once,
every address it has must be public, and the connection goes to the very address that was looked at; redirects are not
followed. ``WEBHOOK_PRIVATE=1`` lifts this for a network of one's own. An answer is read up to a few hundred bytes, and
a try ends after 15 seconds.
"""

import ipaddress
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.conf import settings

CONNECT_SECONDS, SECONDS = 5, 15
MOST_READ = 500  # bytes of an answer that are kept for the log


@dataclass(frozen=True)
class Answer:
    """What came of a try: the status and the beginning of the answer, or no status and the code of what went wrong.

    ``not_public`` · ``no_such_host`` · ``unreachable`` (refused, timed out, no valid certificate)
    """

    status: int | None
    said: str
    milliseconds: int

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send(url: str, headers: dict[str, str], body: str) -> Answer:
    began = time.monotonic()

    def answer(status: int | None, said: str) -> Answer:
        return Answer(status, said, round((time.monotonic() - began) * 1000))

    parts = urlsplit(url)
    try:
        address = _public_address(parts)
    except OSError:
        return answer(None, "no_such_host")
    if address is None:
        return answer(None, "not_public")
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        with _pool(parts, address) as pool:
            got = pool.urlopen(
                "POST", path, body=body.encode(), headers=headers | {"host": parts.netloc.rpartition("@")[2]},
                redirect=False, retries=False, preload_content=False,
            )  # fmt: skip
            said = got.read(MOST_READ).decode("utf-8", "replace")
            got.release_conn()
            return answer(got.status, said)
    except (urllib3.exceptions.HTTPError, OSError):
        return answer(None, "unreachable")


def _public_address(parts: SplitResult) -> str | None:
    """Return an address of the host, or None if any of its addresses is not for everybody."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = {str(row[4][0]) for row in socket.getaddrinfo(parts.hostname or "", port, type=socket.SOCK_STREAM)}
    if not settings.WEBHOOK_PRIVATE and not all(ipaddress.ip_address(address).is_global for address in found):
        return None
    return min(found, key=lambda address: (":" in address, address))  # IPv4 first: few shops have more


def _pool(parts: SplitResult, address: str) -> urllib3.HTTPConnectionPool:
    usual: dict[str, Any] = {"timeout": urllib3.Timeout(connect=CONNECT_SECONDS, total=SECONDS), "maxsize": 1}
    if parts.scheme == "https":
        names: dict[str, Any] = {"assert_hostname": parts.hostname, "server_hostname": parts.hostname}
        return urllib3.HTTPSConnectionPool(address, parts.port or 443, **names, **usual)
    return urllib3.HTTPConnectionPool(address, parts.port or 80, **usual)
