"""The limit on calls to the API: one count for all processes, which a busy client does not pay for."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache

from attribution.customers.api import throttle
from attribution.customers.api.throttle import CountingThrottle

MINUTE = 1_700_000_000 // 60 * 60.0  # before the files that are made now


class Three(CountingThrottle):
    rate = "3/min"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return str(request)


@pytest.fixture(params=["files", "cache"])
def clock(request: Any, settings: Any, tmp_path: Any, monkeypatch: Any) -> Any:
    """A clock that the test sets, with the counts in files and in a cache in turn."""
    settings.SNAPSHOT_DIR, settings.CACHE_URL = tmp_path / "runs", request.param == "cache" and "redis://"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    clock = SimpleNamespace(now=MINUTE)
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: clock.now))
    return clock


def asked(clock: Any, at: float, who: str = "ann") -> bool:
    clock.now = MINUTE + at
    return Three().allow_request(who, None)  # type: ignore[arg-type]


def test_a_fourth_request_in_a_minute_is_refused_and_only_its_sender_is(clock: Any) -> None:
    assert [asked(clock, second) for second in (1, 2, 3, 4)] == [True, True, True, False]
    assert asked(clock, 5, who="../bo")


def test_what_was_asked_in_the_last_minute_counts_across_the_turn_of_a_window(clock: Any) -> None:
    assert [asked(clock, second) for second in (57, 58, 59)] == [True, True, True]

    # 3 × 59 ÷ 60 are 2.95 of 3: no room; 3 × 40 ÷ 60 are 2: room for one.
    assert [asked(clock, second) for second in (61, 80, 81)] == [False, True, False]


def test_refused_requests_do_not_prolong_the_wait(clock: Any) -> None:
    for second in range(60):
        asked(clock, second)

    assert asked(clock, 119)
    limit = Three()
    assert not [limit.allow_request("ann", None) for _ in range(9)][-1]  # type: ignore[arg-type]
    assert limit.wait() == 1.0


def test_files_of_past_windows_are_removed(clock: Any, settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    if settings.CACHE_URL:
        return
    old = tmp_path / "rates" / "old.1"
    asked(clock, 0)
    old.write_text("...")
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: old.stat().st_mtime + 121))

    Three().allow_request("ann", None)  # type: ignore[arg-type]

    assert not old.exists()
