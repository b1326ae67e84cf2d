"""The list of Facts, and the bell."""

import pyarrow as pa
import pytest

from attribution import facts
from attribution.facts import Fact


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
