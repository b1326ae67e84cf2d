"""On a Spark cluster the engine says what it says on one machine. The cluster is that of `make cluster-test`."""

import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution.engine import MODELS, Judgement, judge
from attribution.engine.__main__ import main
from attribution.warehouse import KINDS, WarehouseError, map_on_cluster
from tests.engine.shop import START, sale_table, touch_table
from tests.stack import free_port
from tests.waiting import until

pytestmark = pytest.mark.cluster
CLUSTER = os.environ.get("TEST_WAREHOUSE", "")
CHANNELS = ("douyin", "friends", "meituan", "metro", "客 'q'")
DAY = timedelta(days=1)


def random_shop(seed: int, customers: int, *, text: bool = False) -> tuple[pa.Table, pa.Table]:
    """Return touches and sales in no order: many ties and duplicates, one customer with 5,000 rows a side.

    Some customers have touches only, some sales only. Weights are fractions, and other columns pass through.
    """
    rng = np.random.default_rng(seed)

    def owners(rows: int) -> pa.Array:
        some = np.concatenate([rng.integers(-customers, customers, rows), np.full(5_000, 77)])
        return pa.array([f"客-{number}" for number in some] if text else some)

    def times(rows: int) -> pa.Array:
        hours = rng.integers(0, 150 * 24, rows)
        return pa.array([START + DAY * (int(hour) / 24) for hour in hours], pa.timestamp("us"))

    touching, buying = owners(4 * customers), owners(customers)
    touches = {
        "customer_id": touching,
        "channel": rng.choice(CHANNELS, len(touching)),
        "kind": rng.choice(KINDS, len(touching)),
        "at": times(len(touching)),
    }
    sales = {
        "customer_id": buying,
        "at": times(len(buying)),
        "value": rng.integers(1, 5, len(buying)),
        "weight": rng.choice([0.1, 1.0, 1 / 3], len(buying)),
        "store_id": pa.array(rng.integers(0, 9, len(buying)), mask=rng.random(len(buying)) < 0.1),
        "next_at": times(len(buying)),
    }
    again = rng.integers(0, len(buying), customers // 5)
    return pa.table(touches), pa.concat_tables([pa.table(sales), pa.table(sales).take(again)])


def assert_same(here: Judgement, there: Judgement) -> None:
    """Compare all that both keep: every file, column by column, and what every model says."""
    assert there.manifest == here.manifest
    files = sorted(path.name for path in here.directory.iterdir())
    assert sorted(path.name for path in there.directory.iterdir()) == files
    for name in files:
        one, other = here.directory / name, there.directory / name
        if name.endswith(".parquet"):  # how it is cut into groups of rows may differ
            assert pq.read_table(other).equals(pq.read_table(one)), name
        elif name != "judgement.json":
            assert other.read_bytes() == one.read_bytes(), name
    for model, kind in MODELS.items():
        assert there.summary(model).equals(here.summary(model)), model
        if kind.per_customer:
            tables = (pa.concat_tables(judgement.credit_tables(model)) for judgement in (there, here))
            assert next(tables).equals(next(tables)), model


@pytest.mark.parametrize("text", [False, True], ids=["numbers", "texts"])
def test_a_cluster_gives_the_same_files_and_credits_as_one_machine(text: bool, tmp_path: Path):
    touches, sales = random_shop(3, 9_000, text=text)
    capabilities = pa.table({"channel": ["metro", "douyin"], "kind": ["link", "coupon"]})
    options: dict[str, Any] = {"capabilities": capabilities, "watermark": START + 120 * DAY}
    here = judge(touches, sales, tmp_path / "here", partitions=1, **options)

    there = judge(touches, sales, tmp_path / "there", partitions=60, warehouse=CLUSTER, **options)

    assert here.counts["conversions_duplicated"] > 1_000
    assert_same(here, there)


def test_a_cluster_judges_nothing_as_one_machine_does(tmp_path: Path):
    here = judge(touch_table([]), sale_table([]), tmp_path / "here")

    assert_same(here, judge(touch_table([]), sale_table([]), tmp_path / "there", warehouse=CLUSTER))


def test_the_command_takes_a_cluster_and_shows_nothing_of_spark(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    touches, sales = random_shop(4, 300)
    for name, table in (("touches", touches), ("sales", sales)):
        pq.write_table(table, tmp_path / f"{name}.parquet")
    files = ["--touches", str(tmp_path / "touches.parquet"), "--conversions", str(tmp_path / "sales.parquet")]
    assert main(files) == 0
    here = capfd.readouterr()

    assert main([*files, "--warehouse", CLUSTER]) == 0

    assert capfd.readouterr() == here
    assert here.err == ""


def test_a_cluster_that_is_not_there_or_a_failing_task_is_told_in_one_line(tmp_path: Path):
    with pytest.raises(WarehouseError, match="No such file or directory: 'nowhere'") as caught:
        map_on_cluster(CLUSTER, os.listdir, ["nowhere"], tmp_path)

    assert "\n" not in str(caught.value)


class Cluster:
    """A master and two workers of a test's own, since it ends one of them."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.address = f"spark://127.0.0.1:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.start("master.Master", "--port", str(self.port))
        until(self.is_up, "the master listens")
        for name in ("one", "two"):
            place = ["--work-dir", str(self.folder / name), "--cores", "1", "--memory", "600m"]
            self.start("worker.Worker", *place, self.address)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    def start(self, name: str, *arguments: str) -> None:
        command = [f"{os.environ['SPARK_HOME']}/bin/spark-class", f"org.apache.spark.deploy.{name}"]
        with (self.folder / "log.txt").open("ab") as log:
            where = ["--host", "127.0.0.1", "--webui-port", "0", *arguments]
            self.processes.append(subprocess.Popen([*command, *where], stdout=log, stderr=log))

    def is_up(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def test_a_worker_that_dies_at_work_changes_nothing(tmp_path: Path):
    touches, sales = random_shop(5, 9_000)
    here, out = judge(touches, sales, tmp_path / "here"), tmp_path / "there"

    with Cluster(tmp_path) as cluster, ThreadPoolExecutor() as threads:
        job = threads.submit(judge, touches, sales, out, partitions=200, warehouse=cluster.address)
        until(lambda: job.done() or [*out.glob(".cluster-*/judged/*.arrow")], "a task is done")
        cluster.processes[-1].kill()
        assert not job.done()

        assert_same(here, job.result())
