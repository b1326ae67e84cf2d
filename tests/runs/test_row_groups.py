"""What a snapshot's files look like to those who read them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from attribution.customers.models import Order
from attribution.evidence.models import Channel, Spend
from attribution.runs import snapshot
from attribution.runs.snapshot import reader

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_drivers_small_batches_become_one_row_group_a_file(
    store: Any, channels: dict[str, Channel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "BATCH", 100)
    at, day = datetime(2026, 5, 1, tzinfo=UTC), date(2026, 5, 1)
    Order.objects.bulk_create(
        Order(store=store, number=str(n), placed_at=at, amount_minor=n, source="import") for n in range(2_500)
    )
    Spend.objects.bulk_create(
        Spend(channel=channels["metro"], first_day=day, last_day=day, amount_minor=n, source_key=str(n))
        for n in range(250)
    )

    written = snapshot.write_facts(tmp_path / "facts", lambda _done, _total: None).facts

    assert (written["orders"].rows, written["spend"].rows) == (2_500, 250)
    files = [pq.read_metadata(file) for file in (tmp_path / "facts").rglob("*.parquet")]
    assert {file.num_row_groups for file in files if file.num_rows} == {1}
