"""``python -m attribution.engine``."""

import runpy
import subprocess
import sys
from functools import partialmethod
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from attribution.engine import Judgement
from attribution.engine.__main__ import main
from tests.engine.shop import Sale, Touch, moment, sale_table, touch_table

TOUCHES = """\
customer_id,channel,kind,at
c1,douyin,link,2024-03-01T10:00:00
c1,meituan,coupon,2024-03-05T10:05:00
c2,friends,survey,2024-03-06T09:00:00
c9,douyin,link,2024-03-05T10:00:00
"""
SALES = """\
customer_id,at,value
c1,2024-03-05T10:00:00,3000
c2,2024-03-06T08:00:00,500
c2,2024-03-06T08:00:00,500
c3,2024-03-06T08:30:00,70
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "touches.csv").write_text(TOUCHES, encoding="utf-8")
    (tmp_path / "sales.csv").write_text(SALES, encoding="utf-8")
    return ["--touches", str(tmp_path / "touches.csv"), "--conversions", str(tmp_path / "sales.csv")]


def test_csv_in_and_csv_out(files: list[str], tmp_path: Path):
    out, summary = tmp_path / "credits.csv", tmp_path / "summary.csv"

    assert main([*files, "--model", "linear", "--out", str(out), "--summary", str(summary)]) == 0

    assert summary.read_text(encoding="utf-8").replace('"', "").splitlines() == [
        "channel,customers,value",
        "douyin,0.5,1500",
        "friends,1,500",
        "meituan,0.5,1500",
        "unknown,1,70",
    ]
    assert pc.read_csv(out).select(["customer_id", "channel", "credit", "value"]).to_pylist() == [
        {"customer_id": "c1", "channel": "douyin", "credit": 0.5, "value": 1500},
        {"customer_id": "c1", "channel": "meituan", "credit": 0.5, "value": 1500},
        {"customer_id": "c2", "channel": "friends", "credit": 1.0, "value": 500},
        {"customer_id": "c3", "channel": "unknown", "credit": 1.0, "value": 70},
    ]


def test_credits_are_written_some_at_a_time(files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Judgement, "credit_tables", partialmethod(Judgement.credit_tables, rows=1))

    main([*files, "--out", str(tmp_path / "credits.parquet")])

    written = pq.read_table(tmp_path / "credits.parquet")
    assert written["channel"].to_pylist() == ["meituan", "friends", "unknown"]


def test_parquet_in_and_parquet_out_as_a_program(tmp_path: Path):
    pq.write_table(touch_table([Touch(7, "a", "link", -1)]), tmp_path / "t.parquet")
    pq.write_table(sale_table([Sale(7, 0, 12), Sale(8, 0, 30)]), tmp_path / "c.parquet")
    options = "--touches t.parquet --conversions c.parquet --model precedence --out o.parquet --summary s.csv"

    # An environment without Django's settings, and from another folder: the engine needs neither.
    done = subprocess.run(
        [sys.executable, "-m", "attribution.engine", *options.split()],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr == ""
    assert "precedence: 2 conversions" in done.stdout
    assert pq.read_table(tmp_path / "o.parquet").to_pylist() == [
        {"customer_id": 7, "conversion_at": moment(0), "channel": "a", "credit": 1.0, "value": 12.0},
        {"customer_id": 8, "conversion_at": moment(0), "channel": "unknown", "credit": 1.0, "value": 30.0},
    ]
    assert (tmp_path / "s.csv").exists()


def test_the_engine_loads_no_django():
    program = "import sys, attribution.engine.__main__; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_program_loads_no_pandas(files: list[str]):
    command = [sys.executable, "-X", "importtime", "-m", "attribution.engine", *files, "--model", "markov"]

    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stderr

    assert " pyarrow.lib\n" in loaded
    assert " pandas.core" not in loaded


def test_it_prints_the_summary_and_what_was_left_out(files: list[str], capsys: pytest.CaptureFixture[str]):
    main(files)

    assert capsys.readouterr().out.splitlines() == [
        "precedence: 3 conversions, watermark 2024-03-06T09:00:00+00:00",
        "channel      customers              value",
        "douyin            0.00               0.00",
        "friends           1.00             500.00",
        "meituan           1.00            3000.00",
        "unknown           1.00              70.00",
        "1 touches of customers who did not buy",
        "1 duplicate conversions (same customer, time and value)",
        "1 conversions with no touch (unknown)",
        "1 customers with touches only",
        "1 customers with conversions only",
    ]


@pytest.mark.parametrize(
    ("option", "value", "line"),
    [
        ("--lookback-days", "2", "meituan           1.00            3000.00"),
        ("--coupon-grace-days", "0.001", "douyin            1.00            3000.00"),
        ("--survey-grace-days", "0.01", "friends           0.00               0.00"),
        ("--watermark", "2024-03-06T08:10:00", "friends           0.00               0.00"),
        ("--partitions", "3", "douyin            0.50            1500.00"),
        ("--memory", "200MB", "douyin            0.50            1500.00"),
        ("--threads", "1", "douyin            0.50            1500.00"),
    ],
)
def test_its_options_reach_the_engine(
    option: str, value: str, line: str, files: list[str], capsys: pytest.CaptureFixture[str]
):
    assert main([*files, "--model", "linear", option, value]) == 0

    assert line in capsys.readouterr().out


def test_the_half_life_reaches_the_engine(files: list[str], capsys: pytest.CaptureFixture[str]):
    # Four days of age are two half-lives of two days: 1/4 against 1.
    main([*files, "--model", "time_decay", "--half-life-days", "2"])

    assert "douyin            0.20             600.00" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "douyin", "friends", "meituan"),
    [
        (["--model", "shapley"], (0.5, 1500), (1, 500), (0.5, 1500)),
        # Of c1, c2 and c9, who saw Douyin and left, two buy. Without any of the three channels one would: removal
        # effects 1/2 each. Of 3500, 3000 need Douyin, 3000 Meituan and 500 friends: 3000/6500, 3000/6500, 500/6500.
        (["--model", "markov"], (0.67, 1615.38), (0.67, 269.23), (0.67, 1615.38)),
        (["--model", "markov", "--order", "2"], (0.67, 1615.38), (0.67, 269.23), (0.67, 1615.38)),
    ],
)
def test_shapley_and_markov_share_the_conversions(
    options: list[str], douyin: Any, friends: Any, meituan: Any, files: list[str], capsys: pytest.CaptureFixture[str]
):
    assert main([*files, *options]) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()[2:5]]
    assert lines == [
        [name, f"{customers:.2f}", f"{value:.2f}"]
        for name, (customers, value) in {"douyin": douyin, "friends": friends, "meituan": meituan}.items()
    ]


def test_capabilities_are_read(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "can.csv").write_text("channel,kind\nmeituan,coupon\n", encoding="utf-8")

    main([*files, "--capabilities", str(tmp_path / "can.csv")])

    assert "2 touches through a kind that the channel has no capability for (used anyway)" in capsys.readouterr().out


def test_the_whole_judgement_can_be_kept(files: list[str], tmp_path: Path):
    assert main([*files, "--keep", str(tmp_path / "kept")]) == 0

    assert {path.name for path in (tmp_path / "kept").iterdir()} == {
        "conversions.parquet",
        "evidence.json",
        "judgement.json",
        "path_counts.parquet",
        "paths.parquet",
        "patterns.parquet",
        "time_decay.parquet",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--conversions", "nowhere.csv"], "nowhere.csv: does not exist; check the path"),
        (["--capabilities", "nowhere.csv"], "nowhere.csv: does not exist; check the path"),
        (["--half-life-days", "0"], "half_life is 0:00:00: it must be above 0"),
        (["--model", "linear", "--order", "2"], "linear has no order 2; choose 1"),
        (["--model", "markov", "--out", "out.csv"], "markov has totals per channel only, and no credits"),
        (["--memory", "much"], "memory_limit: 'much' makes no sense"),
        (["--threads", "0"], "threads: '0' makes no sense"),
        (["--out", "no/such/folder/out.parquet"], "no/such/folder/out.parquet"),
    ],
)
def test_what_is_refused_is_one_line_and_the_code_2(
    options: list[str], message: str, files: list[str], capsys: pytest.CaptureFixture[str]
):
    assert main([*files, *options]) == 2

    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert message in said
    assert said.count("\n") == 1


def test_a_cluster_that_cannot_work_is_the_code_2(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Java is not where JAVA_HOME says; where pyspark is not there either, its own process says so."""
    monkeypatch.setitem(sys.modules, "pyspark", spark := ModuleType("pyspark"))
    spark.__spec__ = ModuleSpec("pyspark", None)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))

    assert main([*files, "--warehouse", "local[1]"]) == 2

    assert capsys.readouterr().err.startswith("error: local[1]: ")


def test_a_time_in_the_future_is_remarked(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "sales.csv").write_text(f"{SALES}c4,2999-01-01T00:00:00,100\n", encoding="utf-8")
    remark = "the latest time lies in the future: --watermark leaves out what is later"

    assert main(files) == 0
    assert remark in capsys.readouterr().out.splitlines()

    assert main([*files, "--watermark", "2024-04-01"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert remark not in told
    assert "1 conversions after the watermark" in told


@pytest.mark.parametrize(
    "option",
    [
        "--model=magic",
        "--watermark=soon",
        "--partitions=x",
        "--partitions=0",
        "--lookback-days=1e300",
        "--half-life-days=long",
        "--order=4",
        "--warehouse=duckdb",
        "--bad",
    ],
)
def test_arguments_that_make_no_sense_are_the_code_2(option: str, files: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["attribution.engine", *files, option])
    monkeypatch.delitem(sys.modules, "attribution.engine.__main__")
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])

    with pytest.raises(SystemExit) as caught:
        runpy.run_module("attribution.engine", run_name="__main__")

    assert caught.value.code == 2


def test_auto_lets_the_paths_choose_the_order_and_tells_it(files: list[str], capsys: pytest.CaptureFixture[str]):
    assert main([*files, "--model", "markov", "--order", "auto"]) == 0

    assert "order 1\n" in capsys.readouterr().out


def test_a_fallback_says_what_it_falls_back_to_and_why(files: list[str], capsys: pytest.CaptureFixture[str]):
    assert main([*files, "--model", "evidence"]) == 0

    assert "fallback to precedence: two sources speak on fewer than 30 conversions\n" in capsys.readouterr().out


def test_intervals_stand_beside_the_customers(files: list[str], capsys: pytest.CaptureFixture[str]):
    assert main([*files, "--model", "linear", "--intervals"]) == 0

    assert capsys.readouterr().out.splitlines()[1].split() == ["channel", "customers", "value", "low", "high"]
