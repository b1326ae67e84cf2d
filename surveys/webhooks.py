"""Signed messages to other programs, as Standard Webhooks has them (https://www.standardwebhooks.com): pure.

A message is a JSON body with three headers: ``webhook-id`` (the same at each try, so that the receiver can take it
once), ``webhook-timestamp`` (seconds since 1970 of this try, so that an old one can be refused) and
``webhook-signature`` (HMAC-SHA-256 over id, timestamp and body, base64).
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta

PREFIX = "whsec_"
SECRET_BYTES = 24
# How long after each try that failed the next one follows; after the last the message is given up.
PAUSES = tuple(
    timedelta(**pause)
    for pause in (
        {"seconds": 5}, {"minutes": 5}, {"minutes": 30}, {"hours": 2}, {"hours": 5}, {"hours": 10}, {"hours": 14},
        {"hours": 20}, {"hours": 24},
    )
)  # fmt: skip


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_message_id() -> str:
    return f"msg_{secrets.token_hex(16)}"


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """Return the message's signature under a secret.

    Examples
    --------
    The example of the specification:

    >>> signature(
    ...     "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ...     "msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...     1614265330,
    ...     '{"test": 2432232314}',
    ... )
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def headers(secrets_in_use: Sequence[str], message_id: str, timestamp: int, body: str) -> dict[str, str]:
    """Return the headers of one try; while a secret is being changed, a signature under each."""
    return {
        "content-type": "application/json",
        "user-agent": "Wanamaker-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, body) for secret in secrets_in_use),
    }
