"""The list of Facts, and the bell."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from attribution import facts
from attribution.facts import Cut, Fact


def test_two_facts_cannot_have_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "REGISTRY", {})
    one, other = Fact("tea", {"id": pa.int64()}, list), Fact("tea", {"leaf": pa.string()}, list)
    facts.register(one)
    facts.register(one)  # an app may be made ready twice
    with pytest.raises(ValueError, match="two Facts are called tea"):
        facts.register(other)
    assert list(facts.REGISTRY.items()) == [("tea", one)]


def test_a_listener_is_called_once_a_ring_however_often_it_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "CHANGED", [])
    heard: list[int] = []

    def listen() -> None:
        heard.append(1)

    facts.on_change(listen)
    facts.on_change(listen)
    facts.ring()
    assert heard == [1]


def test_a_cut_by_numbers_puts_65536_in_a_part() -> None:
    cut = Cut()
    assert cut.parts(pa.array([0, 65_535, 65_536, 200_000], pa.int64())).to_pylist() == [0, 0, 1, 3]
    assert cut.bounds(1, 3) == (65_536, 262_144)


def test_a_cut_by_months_puts_a_month_in_a_part() -> None:
    cut = Cut("received_at", "months")
    times = [datetime(2026, 1, 31, 23, 59), datetime(2026, 2, 1), datetime(2025, 12, 5)]
    assert cut.parts(pa.array(times, cut.type)).to_pylist() == [24312, 24313, 24311]
    assert cut.bounds(24311, 24312) == (datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
