from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution import facts
from attribution.customers.models import Customer
from attribution.evidence import facts as evidence_facts
from attribution.evidence.actions import record_touch, record_visit, retract_touch
from attribution.evidence.models import Campaign, Spend, TrackedLink
from attribution.runs import snapshot
from attribution.warehouse.snapshot import tables

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def rows(name: str) -> list[tuple[Any, ...]]:
    return list(facts.REGISTRY[name].rows())


def touch(customer: Any, channel: Any, key: str, **values: Any) -> None:
    usual: dict[str, Any] = {"kind": "survey", "occurred_at": NOON, "mapping_key": "m"}
    record_touch(customer=customer, channel=channel, source_key=key, **(usual | values))


def test_the_facts_of_this_room_have_the_columns_that_others_read() -> None:
    columns = {
        name: list(facts.REGISTRY[name].columns) for name in ("channels", "spend", "touches", "visits", "capabilities")
    }

    assert columns == {
        "channels": ["id", "slug", "kind", "is_paid"],
        "spend": ["id", "channel", "store_id", "campaign_id", "first_day", "last_day", "amount_minor"],
        "touches": ["customer_id", "channel", "kind", "at", "campaign_id", "source_key"],
        "visits": ["link_id", "channel", "at"],
        "capabilities": ["channel", "kind"],
    }
    assert facts.REGISTRY["touches"].columns["at"] == pa.timestamp("us")
    assert facts.REGISTRY["spend"].columns["first_day"] == pa.date32()


@pytest.mark.django_db
def test_only_standing_touches_leave(customer: Any, channels: dict[str, Any]) -> None:
    other = Customer.objects.create()
    spring = Campaign.objects.create(channel=channels["douyin"], name_en="Spring")
    touch(customer, channels["douyin"], "a", campaign=spring)
    touch(other, channels["metro"], "b")
    touch(customer, channels["metro"], "c")
    retract_touch(kind="survey", source_key="c")

    assert rows("touches") == [
        (customer.pk, "douyin", "survey", NOON, spring.pk, "a"),
        (other.pk, "metro", "survey", NOON, None, "b"),
    ]


@pytest.mark.django_db
def test_spend_leaves_with_channel_store_and_days(channels: dict[str, Any], store: Any) -> None:
    spend = Spend.objects.create(
        channel=channels["metro"], store=store, first_day=date(2026, 3, 1), last_day=date(2026, 3, 31),
        amount_minor=5_000_00, source_key="x",
    )  # fmt: skip

    expected = (spend.pk, "metro", store.pk, None, date(2026, 3, 1), date(2026, 3, 31), 5_000_00)
    assert rows("spend") == [expected]


@pytest.mark.django_db
def test_a_channel_can_speak_through_surveys_and_active_links(channels: dict[str, Any], link: TrackedLink) -> None:
    TrackedLink.objects.create(name_en="Old", channel=channels["douyin"], destination="/", is_active=False)

    assert sorted(rows("capabilities")) == [
        ("douyin", "survey"), ("friends", "survey"), ("metro", "link"), ("metro", "survey"),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_writes_them_all_with_their_types(
    customer: Any, channels: dict[str, Any], link: TrackedLink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "REGISTRY", {fact.name: fact for fact in evidence_facts.ALL})
    Spend.objects.create(
        channel=channels["metro"], first_day=date(2026, 3, 1), last_day=date(2026, 3, 2), amount_minor=7, source_key="x"
    )
    touch(customer, channels["douyin"], "a")
    record_visit(link=link, device="device-token-of-a-guest", at=NOON)

    snapshot.write_facts(tmp_path / "facts", lambda _done, _total: None)

    def written(name: str) -> Any:
        return pq.read_table(tables(tmp_path / "facts")[name].removesuffix("*.parquet")).to_pylist()

    naive = NOON.replace(tzinfo=None)
    touched = {"customer_id": customer.pk, "channel": "douyin", "kind": "survey", "at": naive}
    assert written("touches") == [touched | {"campaign_id": None, "source_key": "a"}]
    assert written("visits") == [{"link_id": link.pk, "channel": "metro", "at": naive}]
    assert written("spend")[0]["last_day"] == date(2026, 3, 2)
    assert [row["is_paid"] for row in written("channels")] == [True, True, False]
    assert {"channel": "metro", "kind": "link"} in written("capabilities")
