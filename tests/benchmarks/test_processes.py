"""A measured process that takes too much is ended, and one that fails is not a figure."""

import sys

import pytest

from benchmarks.processes import OverLimit, measured, timed


def test_a_process_is_measured_and_its_output_kept() -> None:
    usage = measured(sys.executable, "-c", "print(sum(range(1_000_000)))")

    assert usage.output == "499999500000\n"
    assert usage.processor > 0
    assert usage.seconds > 0
    assert 1 < usage.peak_mb < 1_000
    assert timed("-c", "")[2] > 1


def test_a_process_over_its_time_is_ended() -> None:
    with pytest.raises(OverLimit, match=r"^over 1 s$"):
        measured(sys.executable, "-c", "while True: pass", seconds=1)


def test_a_process_over_its_memory_is_ended() -> None:
    with pytest.raises(OverLimit, match=r"^over 0.2 GB$"):
        measured(sys.executable, "-c", "held = b'x' * 300_000_000\nwhile True: pass", megabytes=200)


def test_a_process_within_its_limits_is_left_alone() -> None:
    assert measured(sys.executable, "-c", "print(1)", seconds=60, megabytes=4_000).output == "1\n"


def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(SystemExit, match=r"(?s)ended with 1: .*ZeroDivisionError"):
        measured(sys.executable, "-c", "1 / 0")
