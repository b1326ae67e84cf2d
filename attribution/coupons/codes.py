"""The codes on our own coupons: pure text, no database.

A code is 10 random characters and one check character. The alphabet has 23 characters, a prime, and no two that are
read for one another: of 0 O 1 I J L, U V, 2 Z, 5 S, 6 G, 8 B, Q and W only 2, 5, 6, 8 and V are used. With weights
11, 10 … 1 the weighted sum of a good code is 0 modulo 23, so every single wrong character and every swap of two
different characters is noticed (ISO/IEC 7064's idea with plain weights: over a prime, no difference of weights and no
weight is a divisor of zero), before anything is looked up. 23^10 codes are 45 bits: with 100,000 live ones, a guess
hits once in 400 million.
"""

import secrets
import unicodedata

import numpy as np

ALPHABET = "23456789ACDEFHKMNPRTVXY"
RANDOM_LENGTH = 10
LENGTH = RANDOM_LENGTH + 1
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
# What separates or comes along unseen: spaces, hyphens of every kind, control and format characters (scanners, copies).
_SEPARATORS = {"Zs", "Zl", "Zp", "Pd", "Cc", "Cf"}
_MINUS = "\N{MINUS SIGN}"


def new_code() -> str:
    """Return a new unguessable code of 11 characters from :data:`ALPHABET`, its check character last."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return random + check_character(random)


def new_codes(count: int) -> list[str]:
    """Return so many new codes, no two alike, drawn by the column: a million in a second."""
    fresh: set[str] = set()
    while len(fresh) < count:
        fresh.update(_draw(count - len(fresh)))
    return list(fresh)


def _draw(count: int) -> list[str]:
    base = len(ALPHABET)
    drawn = np.frombuffer(secrets.token_bytes(count * RANDOM_LENGTH * 21 // 20 + 64), np.uint8)
    fair = drawn[drawn < 256 // base * base] % base  # a byte beyond the last whole multiple would favour some
    values = fair[: len(fair) // RANDOM_LENGTH * RANDOM_LENGTH].reshape(-1, RANDOM_LENGTH)[:count]
    checks = -(values.astype(np.int64) @ np.arange(LENGTH, 1, -1)) % base
    letters = np.frombuffer(ALPHABET.encode(), np.uint8)[np.column_stack([values, checks])]
    found: list[str] = np.ascontiguousarray(letters).view(f"S{LENGTH}").ravel().astype(str).tolist()
    return found


def check_character(random: str) -> str:
    """Return the character that makes the weighted sum of ``random`` and itself 0 modulo 23.

    Examples
    --------
    >>> check_character("2222222223")  # 3 has the value 1 and the weight 2, so the check must add 21
    'X'
    """
    return ALPHABET[-_weighted(random, last_weight=2) % len(ALPHABET)]


def normalise(text: str) -> str:
    """Return what was typed or scanned without case, spaces, hyphens and full-width forms.

    Examples
    --------
    >>> normalise(" ａｃ23－4567 kmn\\r")
    'AC234567KMN'
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if unicodedata.category(c) not in _SEPARATORS and c != _MINUS)


def check(code: str) -> bool:
    """Return whether a normalised code can be one of ours: right length, right characters, right check character.

    Examples
    --------
    >>> check("2222222223X"), check("2222222232X"), check("222222222OX")
    (True, False, False)
    """
    if len(code) != LENGTH or any(character not in _VALUE for character in code):
        return False
    return _weighted(code, last_weight=1) % len(ALPHABET) == 0


def display(code: str) -> str:
    """Return the code as it is printed and read out, in groups of four; a platform's own code stays as it is.

    Examples
    --------
    >>> display("2222222223X"), display("889123456789")
    ('2222-2222-23X', '889123456789')
    """
    if not check(code):
        return code
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def _weighted(characters: str, last_weight: int) -> int:
    weights = range(len(characters) - 1 + last_weight, last_weight - 1, -1)
    return sum(weight * _VALUE[character] for weight, character in zip(weights, characters, strict=True))
