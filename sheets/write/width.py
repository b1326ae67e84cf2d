"""How wide a text stands in a cell."""

import unicodedata
from collections.abc import Sequence


def text_width(text: str) -> int:
    """Return the widest of a text's lines in letters; a Chinese sign is as wide as two."""
    lines: Sequence[str] = text[:200].splitlines() or [""]
    return max(sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in line) for line in lines)
