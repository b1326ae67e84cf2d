"""Whether answers from a network to a place are suspected just now, and what a guest there is asked to show first.

Suspected is a network from which a place was answered several times within ten minutes faster than anybody reads, or
whose answers the worker has just flagged. Its guests' browsers then work a second before the last step is taken
(`static/js/challenge.js`): find numbers whose SHA-256 together with the challenge begins with zeros. That costs a guest
nothing that they notice, and who sends a thousand answers a thousand seconds. Without JavaScript it is waiting.

A challenge is signed, belongs to one response, and is worth nothing after it: a response is submitted once.
"""

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.core.cache import cache

SUSPECTED_AFTER = 5  # hasty answers from one network to one place
HASTY_COUNT = timedelta(minutes=10)
SUSPECTED_FOR = timedelta(hours=1)
# Eight small puzzles of 2¹³ tries on average rather than one large: nobody has very bad luck.
PUZZLES, BITS = 8, 13
WAIT = 10  # seconds, without JavaScript
VALID = timedelta(minutes=15)
LONGEST_PROOF = 200
SALT = "surveys.challenge"


def is_suspected(placement: int, network: str) -> bool:
    if not network:
        return False
    keys = [_hasty(placement, network), _flagged(placement, network)]
    found = cache.get_many(keys)
    return bool(found.get(keys[1])) or found.get(keys[0], 0) >= SUSPECTED_AFTER


def note_hasty(placement: int, network: str) -> None:
    """Count an answer that was given faster than anybody reads."""
    if network and not cache.add(_hasty(placement, network), 1, HASTY_COUNT.total_seconds()):
        cache.incr(_hasty(placement, network))


def suspect(placement: int, network: str) -> None:
    cache.set(_flagged(placement, network), True, SUSPECTED_FOR.total_seconds())


def challenge_for(sent: Mapping[str, str], placement: int, network: str, response: UUID) -> "Challenge | None":
    """Return what a guest is to show before the last step is taken; None who need not, or has shown it."""
    if not is_suspected(placement, network):
        return None
    challenge = challenge_of(sent, response)
    if challenge is not None and challenge.is_met_by(sent.get("proof", "")):
        return None
    return challenge or new_challenge(response)


@dataclass(frozen=True)
class Challenge:
    response: UUID
    seed: str
    issued_at: int

    @property
    def signed(self) -> str:
        return signing.dumps([self.response.hex, self.seed, self.issued_at], salt=SALT)

    @property
    def wait(self) -> int:
        """For how many seconds more one waits who brings no proof."""
        return max(0, self.issued_at + WAIT - int(time.time()))

    @property
    def puzzles(self) -> int:
        return PUZZLES

    @property
    def bits(self) -> int:
        return BITS

    def is_met_by(self, proof: str) -> bool:
        """Whether each puzzle has its number, or else the waiting is over."""
        numbers = proof.split(",") if len(proof) <= LONGEST_PROOF else []
        is_proven = len(numbers) == PUZZLES and all(
            number.isdecimal() and _zeros(f"{self.seed}:{puzzle}:{number}") >= BITS
            for puzzle, number in enumerate(numbers)
        )
        return is_proven or not self.wait


def new_challenge(response: UUID) -> Challenge:
    return Challenge(response, secrets.token_hex(8), int(time.time()))


def challenge_of(sent: Mapping[str, str], response: UUID) -> Challenge | None:
    """Return the challenge that a page brings back, if it is ours, this response's, and not too old."""
    try:
        owner, seed, issued_at = signing.loads(sent.get("challenge", ""), salt=SALT)
    except signing.BadSignature:
        return None
    is_ours = owner == response.hex and time.time() - issued_at <= VALID.total_seconds()
    return Challenge(response, seed, issued_at) if is_ours else None


def _zeros(text: str) -> int:
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return 256 - digest.bit_length()


def _hasty(placement: int, network: str) -> str:
    return f"surveys:hasty:{placement}:{network}"


def _flagged(placement: int, network: str) -> str:
    return f"surveys:suspected:{placement}:{network}"
