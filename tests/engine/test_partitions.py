"""How the warehouse cuts partitions and slices, and what it gives the metrics."""

import pickle
import sys
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution.engine import judge
from attribution.engine.cluster import judged_side_by_side
from attribution.engine.journeys import Parameters
from attribution.engine.partition import Terms, judge_partition
from attribution.warehouse import InputError, Query, WarehouseError, check_cluster, frames, open_evidence, snapshot
from attribution.warehouse.partitions import cut
from tests.engine.shop import TEXT, Sale, Touch, sale_table, touch_table

SALE = Sale(1, 1, 250)
CUSTOMERS = [*range(-9, 30), 7, 7]


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


def sources(text: bool) -> tuple[pa.Table, pa.Table]:
    """Return touches of most customers in no order, the 30th having most of them, and sales of each third one."""
    kind = TEXT if text else pa.int64()
    named: Callable[[int], Any] = (lambda number: f"客 '{number}'") if text else int
    touches = [Touch(named(customer), "a", "link", customer % 4) for customer in (*CUSTOMERS[::-1], *[30] * 50)]
    return touch_table(touches, kind), sale_table([Sale(named(customer), 4) for customer in CUSTOMERS[::3]], kind)


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("count", [0, 1, 4, 10_000])
def test_slices_hold_the_partitions_one_after_the_other(count: int, text: bool, tmp_path: Path):
    with open_evidence(*sources(text)) as evidence:
        whole = [*evidence.partitions()]
        slices = evidence.slices(tmp_path / "slices", count)

    parts = [part for each in slices for part in each.partitions(5, memory="100MB", spill=tmp_path)]

    assert len(slices) <= max(count, 1)
    assert len(slices) >= {0: 1, 1: 1, 4: 2, 10_000: 30}[count]
    for side in (0, 1):
        assert pa.concat_tables([part[side] for part in parts]).equals(pa.concat_tables([part[side] for part in whole]))


def test_no_rows_are_one_slice_of_nothing(tmp_path: Path):
    with open_evidence(touch_table([]), sale_table([])) as evidence:
        (only,) = evidence.slices(tmp_path / "slices", 9)

    (partition,) = only.partitions(5, memory="100MB", spill=tmp_path)
    assert [table.num_rows for table in partition] == [0, 0]
    assert partition.touches.column_names == ["customer_id", "at", "channel", "kind"]


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("CAST(7 AS HUGEINT)", Decimal(7)),
        ("CAST('b' AS ENUM ('b', 'a'))", "b"),
        ("CAST('101' AS BIT)", "101"),
        ("TIMESTAMP_S '2024-03-01'", datetime(2024, 3, 1)),
        ("TIMESTAMP_MS '2024-03-01'", datetime(2024, 3, 1)),
        ("[1, 2]::INTEGER[2]", [1, 2]),
        ("CAST(1.5 AS DECIMAL(9, 2))", Decimal("1.50")),
        ("DATE '2024-03-01'", date(2024, 3, 1)),
        ("TIME '10:00'", time(10)),
        ("TRUE", True),
        ("CAST(3 AS UTINYINT)", 3),
        ("CAST(0.1 AS FLOAT)", pytest.approx(0.1)),
        ("'a'::BLOB", b"a"),
        ("NULL", None),
    ],
)
def test_what_passes_through_is_the_same_in_slices(sql: str, value: Any, tmp_path: Path):
    sale = "1 AS customer_id, TIMESTAMP '2024-03-01' AS \"at\", 5::BIGINT AS value"
    with open_evidence(touch_table([]), Query(f"SELECT {sale}, {sql} AS extra")) as evidence:
        (whole,) = evidence.partitions()
        (only,) = evidence.slices(tmp_path / "slices", 1)

    (sliced,) = only.partitions(5, memory="100MB", spill=tmp_path)
    assert whole.conversions["extra"].to_pylist() == [value]
    assert sliced.conversions.equals(whole.conversions)


def test_what_no_parquet_file_can_hold_is_refused_by_name():
    sales = Query("SELECT 1 AS customer_id, now() AS at, 5 AS value, INTERVAL 1 DAY AS wait", "sales")

    with pytest.raises(InputError, match="sales: column wait: has the type INTERVAL; leave it out"):
        open_evidence(touch_table([]), sales)


def test_machines_side_by_side_judge_what_one_does_and_leave_nothing(tmp_path: Path):
    """A cluster sends tasks as bytes, does some of them twice, and the last first."""

    def spread(function: Callable[[Any], list[str]], tasks: list[Any], folder: Path) -> list[list[str]]:
        sent = [pickle.loads(pickle.dumps(task)) for task in tasks]
        done = [function(task) for task in [*sent[::-1], sent[0]]]
        return done[:-1][::-1]

    with open_evidence(*sources(text=False)) as evidence:
        terms = Terms(Parameters(), evidence.watermark, evidence.channels, ("time_decay",))
        (whole,) = (judge_partition(partition, terms) for partition in evidence.partitions())
        parts = [*judged_side_by_side(evidence, terms, spread, tmp_path, rows=5, memory="100MB")]

    assert len(parts) > 8
    assert sum((part.counts for part in parts[1:]), parts[0].counts) == whole.counts
    columns = ["customer_id", "at", "value", "weight"]
    assert pa.concat_tables([part.conversions for part in parts]).select(columns) == whole.conversions.select(columns)
    for credit in ("channel", "credit"):
        kept = pa.concat_tables([part.credits["time_decay"] for part in parts])[credit]
        assert kept.to_pylist() == whole.credits["time_decay"][credit].to_pylist()
    assert {*pa.concat_tables([part.words["path"] for part in parts])["word"].to_pylist()} == {
        *whole.words["path"]["word"].to_pylist()
    }
    assert [*(tmp_path / "judged").iterdir()] == []


@pytest.mark.parametrize("address", ["spark", "spark://host", "http://host:80", "local", "local[0]", "spark://a b:1"])
def test_an_address_that_names_no_cluster_is_refused(address: str):
    with pytest.raises(WarehouseError, match="names no cluster; write spark://host:port"):
        check_cluster(address)


def test_a_machine_without_spark_or_java_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(WarehouseError, match=r"pyspark is not installed; run: .* requirements/spark\.txt"):
        check_cluster("spark://one:7077,two:7077")

    found = ModuleType("pyspark")
    found.__spec__ = ModuleSpec("pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark", found)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(WarehouseError, match="Spark needs Java 17 or newer"):
        check_cluster("local[2]")

    monkeypatch.setenv("JAVA_HOME", "/opt/java")
    check_cluster("local[*]")


def test_a_cluster_that_fails_is_told_in_one_line_and_its_files_are_gone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """With a Java that is not there; where pyspark is not there either, its own process says so."""
    monkeypatch.setitem(sys.modules, "pyspark", spark := ModuleType("pyspark"))
    spark.__spec__ = ModuleSpec("pyspark", None)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))

    with pytest.raises(WarehouseError, match=r"^local\[1\]: .*(JAVA|pyspark)") as caught:
        judge(*sources(text=False), tmp_path / "out", warehouse="local[1]")

    assert "\n" not in str(caught.value)
    assert [*(tmp_path / "out").glob(".*"), *(tmp_path / "out").glob("*.json")] == []


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


def test_a_folder_of_parts_is_one_view(tmp_path: Path):
    (tmp_path / "orders").mkdir()
    pq.write_table(sale_table([SALE]), tmp_path / "orders" / "0.parquet")
    pq.write_table(sale_table([Sale(2, 0, 50)]), tmp_path / "orders" / "7.parquet")

    assert snapshot(tmp_path).sql("SELECT sum(value) FROM orders").fetchall() == [(300,)]
    assert len(frames(tmp_path)["orders"].collect()) == 2


def test_a_snapshots_frames_are_lazy_and_narwhals(tmp_path: Path):
    pq.write_table(sale_table([SALE, Sale(2, 0, 50)]), tmp_path / "orders.parquet")

    orders = frames(tmp_path)["orders"]

    assert orders.select("value").sort("value").collect()["value"].to_list() == [50, 250]


def test_a_folder_without_parquet_is_no_snapshot(tmp_path: Path):
    with pytest.raises(InputError, match="holds no Parquet file"):
        snapshot(tmp_path)
