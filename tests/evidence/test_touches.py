from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from attribution.evidence.actions import recode_touches, record_touch, retract_touch
from attribution.evidence.models import Campaign, Touchpoint

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def record(customer: Any, channel: Any, key: str = "response:1", **values: Any) -> Touchpoint:
    return record_touch(
        customer=customer,
        channel=channel,
        kind=values.pop("kind", "survey"),
        occurred_at=values.pop("occurred_at", NOON),
        source_key=key,
        mapping_key=values.pop("mapping_key", "choice:1:heard:a"),
        **values,
    )


def table() -> list[tuple[Any, ...]]:
    """Every touch there is: channel, source, whether it stands."""
    rows = Touchpoint.objects.order_by("pk").values_list("channel__slug", "source_key", "retracted_at")
    return [(slug, key, retracted is None) for slug, key, retracted in rows]


def test_a_source_recorded_twice_is_one_touch(customer: Any, channels: dict[str, Any], bell: list[None]) -> None:
    first = record(customer, channels["douyin"])

    again = record(customer, channels["metro"], occurred_at=NOON + timedelta(hours=1))

    assert again == first
    assert table() == [("douyin", "response:1", True)]
    assert len(bell) == 1


def test_one_source_may_touch_by_two_kinds(customer: Any, channels: dict[str, Any]) -> None:
    record(customer, channels["douyin"], key="7", kind="survey")
    record(customer, channels["douyin"], key="7", kind="import")

    assert Touchpoint.objects.standing().count() == 2


def test_a_retracted_touch_stays_on_file_and_can_be_recorded_anew(
    customer: Any, channels: dict[str, Any], bell: list[None]
) -> None:
    record(customer, channels["douyin"])

    assert retract_touch(kind="survey", source_key="response:1") is True
    record(customer, channels["metro"])

    assert table() == [("douyin", "response:1", False), ("metro", "response:1", True)]
    assert len(bell) == 3


def test_retracting_what_does_not_stand_changes_nothing(bell: list[None]) -> None:
    assert retract_touch(kind="survey", source_key="response:1") is False
    assert bell == []


def test_a_corrected_mapping_moves_exactly_its_standing_touches(
    customer: Any, channels: dict[str, Any], bell: list[None]
) -> None:
    record(customer, channels["douyin"], "response:1")
    record(customer, channels["douyin"], "response:2")
    record(customer, channels["douyin"], "response:3", mapping_key="choice:1:heard:b")
    retract_touch(kind="survey", source_key="response:2")
    bell.clear()

    moved = recode_touches(mapping_key="choice:1:heard:a", channel=channels["metro"])

    assert moved == 1
    assert table() == [
        ("douyin", "response:1", False),
        ("douyin", "response:2", False),
        ("douyin", "response:3", True),
        ("metro", "response:1", True),
    ]
    assert len(bell) == 1


def test_a_recoded_touch_keeps_customer_kind_time_and_mapping(customer: Any, channels: dict[str, Any]) -> None:
    before = record(customer, channels["douyin"])

    recode_touches(mapping_key="choice:1:heard:a", channel=channels["metro"])

    after = Touchpoint.objects.standing().get()
    same = ("customer", "kind", "occurred_at", "source_key", "mapping_key")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]


def test_recoding_to_what_it_is_already_changes_nothing(
    customer: Any, channels: dict[str, Any], bell: list[None]
) -> None:
    record(customer, channels["douyin"])
    bell.clear()

    assert recode_touches(mapping_key="choice:1:heard:a", channel=channels["douyin"]) == 0
    assert table() == [("douyin", "response:1", True)]
    assert bell == []


def test_a_changed_campaign_is_a_change(customer: Any, channels: dict[str, Any]) -> None:
    spring = Campaign.objects.create(channel=channels["douyin"], name_en="Spring")
    record(customer, channels["douyin"])

    assert recode_touches(mapping_key="choice:1:heard:a", channel=channels["douyin"], campaign=spring) == 1
    assert recode_touches(mapping_key="choice:1:heard:a", channel=channels["douyin"], campaign=spring) == 0
    assert Touchpoint.objects.standing().get().campaign == spring


def test_a_mapping_that_means_no_channel_retracts_its_touches(customer: Any, channels: dict[str, Any]) -> None:
    record(customer, channels["douyin"])

    assert recode_touches(mapping_key="choice:1:heard:a", channel=None) == 1
    assert table() == [("douyin", "response:1", False)]


def test_many_touches_move_in_bounded_memory(
    customer: Any, channels: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attribution.evidence.actions.touches.AT_ONCE", 2)
    for number in range(5):
        record(customer, channels["douyin"], f"response:{number}")

    assert recode_touches(mapping_key="choice:1:heard:a", channel=channels["metro"]) == 5
    assert set(Touchpoint.objects.standing().values_list("channel__slug", "source_key")) == {
        ("metro", f"response:{number}") for number in range(5)
    }
