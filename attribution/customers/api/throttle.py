"""How many requests each person may make: counted for all processes of the machine together, at the cost of a byte."""

import hashlib
import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import SimpleRateThrottle, UserRateThrottle


class CountingThrottle(SimpleRateThrottle):
    """Counts what it lets through in each window of time; of the one before, the share that still lies in the last
    minute (or whatever the rate says) counts too.

    The framework's own keeps the moment of each request: at a hundred a second it would read and write six thousand
    with each. Requests that come at the same instant may pass one another: the limit is then exceeded by those.
    """

    duration: int  # of a window, in seconds
    num_requests: int  # that a window may have

    def allow_request(self, request: Any, view: Any) -> bool:
        key = None if self.rate is None else self.get_cache_key(request, view)
        if key is None:
            return True
        length = self.duration
        window, passed = divmod(time.time(), length)
        self.left = length - passed
        counts = _InCache if settings.CACHE_URL else _InFiles
        this, before = (counts(key, int(window) - ago, length) for ago in (0, 1))
        if this.count() + before.count() * self.left / length + 1 > self.num_requests:
            return False
        this.add()
        return True

    def wait(self) -> float:
        return max(1.0, self.left)


class ApiThrottle(CountingThrottle, UserRateThrottle):
    """By the person who calls, else by the address."""


class _InCache:
    def __init__(self, key: str, window: int, length: int) -> None:
        self.key, self.keep = f"{key}:{window}", 2 * length

    def count(self) -> int:
        return cache.get(self.key, 0)

    def add(self) -> None:
        cache.add(self.key, 0, self.keep)
        cache.incr(self.key)


class _InFiles:
    """A file's length is the count: whoever adds one appends a byte, and no process need know of another."""

    def __init__(self, key: str, window: int, length: int) -> None:
        self.folder, self.keep = Path(settings.SNAPSHOT_DIR).with_name("rates"), 2 * length
        self.path = self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.{window}"

    def count(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def add(self) -> None:
        try:
            file = self._open()
        except FileNotFoundError:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self._open()
        try:
            os.write(file, b".")
            is_first = os.fstat(file).st_size == 1
        finally:
            os.close(file)
        if is_first:
            self._forget()

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _forget(self) -> None:
        """Remove the files of windows that count no more, whosesoever they are."""
        end = time.time() - self.keep
        for entry in os.scandir(self.folder):
            try:
                if entry.stat().st_mtime < end:
                    Path(entry.path).unlink()
            except FileNotFoundError:  # another process was quicker
                continue
