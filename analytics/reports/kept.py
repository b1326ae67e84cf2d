"""What a report computes once per run and question, and keeps."""

import hashlib
import json
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

from attribution.runs.models import Run

KEPT_SECONDS = 24 * 60 * 60

Found = TypeVar("Found")


def kept(name: str, run: Run, asked: object, compute: Callable[[], Found]) -> Found:
    """Return what ``compute`` returned for this run and ``asked`` (anything JSON can say), now or within a day."""
    words = json.dumps(asked, sort_keys=True, default=str)
    key = f"{name}-{run.uuid}-{hashlib.sha256(words.encode()).hexdigest()[:32]}"
    found: Found | None = cache.get(key)
    if found is None:
        found = compute()
        cache.set(key, found, KEPT_SECONDS)
    return found
