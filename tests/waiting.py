"""Waiting in tests: for a state, with a deadline; never for a time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
BETWEEN_SECONDS = 0.05


def until(look: Callable[[], Value], what: str, seconds: float = 60) -> Value:
    """Return the first true answer of ``look``; fail, saying what did not happen, when the time is over."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"{what}: not within {seconds} seconds"
        pause.wait(BETWEEN_SECONDS)
    return found
