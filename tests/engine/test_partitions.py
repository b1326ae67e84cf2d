"""How the warehouse cuts partitions, and what it gives the metrics."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution.warehouse import InputError, Query, frames, open_evidence, snapshot
from attribution.warehouse.partitions import cut
from tests.engine.shop import Sale, Touch, sale_table, touch_table

SALE = Sale(1, 1, 250)


@pytest.mark.parametrize("rows", [1, 2, 5, 100])
def test_partitions_never_cut_a_customer_and_come_in_order(rows: int):
    touches = touch_table([Touch(customer, "a", "link", day) for customer in (9, 2, 5) for day in (2, 1, 3)])
    sales = sale_table([Sale(customer, 4) for customer in (7, 5, 1, 9)])

    with open_evidence(touches, sales) as evidence:
        partitions = [
            ([*partition.touches["customer_id"].to_pylist()], [*partition.conversions["customer_id"].to_pylist()])
            for partition in evidence.partitions(rows)
        ]

    assert [customer for part, _ in partitions for customer in part] == [2, 2, 2, 5, 5, 5, 9, 9, 9]
    assert [customer for _, part in partitions for customer in part] == [1, 5, 7, 9]
    seen = [set(some) | set(more) for some, more in partitions]
    assert sum(map(len, seen)) == 5
    assert len(partitions) >= {1: 4, 2: 3, 5: 2, 100: 1}[rows]


def stream(*batches: list[int]) -> pa.RecordBatchReader:
    schema = pa.schema([("customer_id", pa.int64())])
    return pa.RecordBatchReader.from_batches(schema, [pa.record_batch([batch], schema=schema) for batch in batches])


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_partitions_never_cut_a_customer_whose_rows_come_in_several_batches(rows: int):
    touches, sales = stream([1], [1, 1], [1, 4], [4]), stream([1], [3], [4, 6], [6])

    parts = [[table["customer_id"].to_pylist() for table in part] for part in cut(touches, sales, rows)]

    assert [customer for part, _ in parts for customer in part] == [1, 1, 1, 1, 4, 4]
    assert [customer for _, part in parts for customer in part] == [1, 3, 4, 6, 6]
    assert sum(len({*some, *more}) for some, more in parts) == 4


def test_small_memory_spills_to_disk_and_gives_the_same(tmp_path: Path):
    touches = Query(
        "SELECT hash(i) % 100000 AS customer_id, 'c' || (i % 7) AS channel, 'link' AS kind,"
        " TIMESTAMP '2024-01-01' + INTERVAL (hash(i) % 80) DAY AS \"at\" FROM range(1500000) AS t(i)"
    )

    with open_evidence(touches, sale_table([SALE]), memory="48MB", threads=1, spill=tmp_path) as evidence:
        customers = [part.touches["customer_id"] for part in evidence.partitions(100_000)]

    assert sum(map(len, customers)) == 1_500_000
    assert all(part[0].as_py() <= part[-1].as_py() for part in customers)


def test_a_snapshot_has_a_view_per_file(tmp_path: Path):
    pq.write_table(sale_table([SALE, Sale(2, 0, 50)]), tmp_path / "orders.parquet")
    pq.write_table(pa.table({"amount": [5]}), tmp_path / "spend-by-day.parquet")

    con = snapshot(tmp_path, memory="200MB", threads=1)

    assert con.sql('SELECT sum(value), max(amount) FROM orders, "spend-by-day"').fetchall() == [(300, 5)]
    assert con.table("orders").to_arrow_table().num_rows == 2


def test_a_snapshots_frames_are_lazy_and_narwhals(tmp_path: Path):
    pq.write_table(sale_table([SALE, Sale(2, 0, 50)]), tmp_path / "orders.parquet")

    orders = frames(tmp_path)["orders"]

    assert orders.select("value").sort("value").collect()["value"].to_list() == [50, 250]


def test_a_folder_without_parquet_is_no_snapshot(tmp_path: Path):
    with pytest.raises(InputError, match="holds no Parquet file"):
        snapshot(tmp_path)
