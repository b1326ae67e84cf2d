"""A customer, a tracked link, and a bell that can be heard."""

from datetime import UTC, datetime
from typing import Any

import pytest

from attribution import facts
from attribution.customers.actions import resolve_customer
from attribution.evidence.models import TrackedLink

DEVICE = "device-token-of-a-guest"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def customer(db: None) -> Any:
    return resolve_customer(identities=[("phone", "13800138000")], at=NOON)


@pytest.fixture
def link(channels: dict[str, Any]) -> TrackedLink:
    """A poster in the metro that leads to a survey."""
    return TrackedLink.objects.create(name_en="Poster", spot="Exit 3", channel=channels["metro"], destination="/s/abc")


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Grows by one each time the bell rings."""
    rings: list[None] = []
    monkeypatch.setattr(facts, "CHANGED", [lambda: rings.append(None)])
    return rings
