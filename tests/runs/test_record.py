"""What a run says of itself, and two runs side by side."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.test import Client

from attribution.customers.models import Customer, Order, Store
from attribution.evidence.actions import record_touch
from attribution.evidence.models import Channel
from attribution.runs import actions, comparing, memory, record, words
from attribution.runs.memory import PeakMemory
from attribution.runs.models import Run
from attribution.runs.snapshot import checksum

MAY = datetime(2026, 5, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app, "send_task", lambda *args, **options: None)


def sale(store: Store, customer: Customer | None = None) -> Order:
    number = str(Order.objects.count())
    return Order.objects.create(
        store=store, number=number, customer=customer or Customer.objects.create(), placed_at=MAY, amount_minor=1000,
        source="import",
    )  # fmt: skip


def touch(order: Order, channel: Channel, kind: str) -> None:
    record_touch(
        customer=order.customer, channel=channel, kind=kind, occurred_at=MAY, source_key=f"visit:{order.pk}",
        mapping_key="m",
    )  # fmt: skip


def judged() -> Run:
    asked = actions.ask(now=True)
    assert asked is not None
    assert asked.claim()
    actions.execute(asked)
    return Run.objects.get(pk=asked.pk)


@pytest.mark.django_db(transaction=True)
def test_a_run_records_what_it_was_made_from_and_what_came_of_it(store: Store, channels: dict[str, Channel]) -> None:
    touch(sale(store), channels["metro"], "link")
    sale(store)

    run = judged()

    assert run.parameters["lookback"] == 90 * 86400
    assert run.model_settings["intervals"] == {"draws": 200, "seed": 1875}
    assert run.model_settings["evidence"]["seed"] == 1922
    assert run.model_settings["zone"] == "Asia/Shanghai"
    assert set(run.model_settings["libraries"]) == {"python", "numpy", "pyarrow", "duckdb"}
    customers = run.results["customers"]
    assert [customers["linear"][channel][0] for channel in ("metro", "unknown")] == [1.0, 1.0]
    assert set(customers) == set(words.MODEL_NAMES)
    assert run.results["evidence"]["reason"] == "one_source"
    assert run.results["markov_order"] in {1, 2, 3}
    assert run.files["engine/conversions.parquet"] == checksum(run.folder / "engine" / "conversions.parquet")
    assert {name.partition("/")[0] for name in run.files} == {"engine", "orders"}
    assert set(run.timings) == {"snapshot", "acquisition", "fit", "orders", "record"}
    assert sum(run.timings.values()) <= run.seconds
    assert run.code_version == record.CODE_VERSION


@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_run_says_it_in_words(store: Store, channels: dict[str, Channel], marketer: Client) -> None:
    touch(sale(store), channels["metro"], "link")
    run = judged()
    page = marketer.get(f"/runs/{run.pk}/").content.decode()
    for said in (
        "only one kind of evidence speaks (tracked links). “Strongest evidence first” stands in.",
        "Weighing all evidence", "Peak memory", "draws 200, seed 1875", "Orders judged", "Metro posters",
        "Everything was read.",
    ):  # fmt: skip
        assert said in page, said


@pytest.mark.django_db(transaction=True)
def test_the_page_shouts_when_a_proof_failed(store: Store, marketer: Client) -> None:
    sale(store)
    run = judged()
    snapshot = run.snapshot | {"differs": {"orders": [0, 3]}}
    Run.objects.filter(pk=run.pk).update(is_proved=False, snapshot=snapshot)
    page = marketer.get(f"/runs/{run.pk}/").content.decode()
    assert "was not what stands in the database" in page
    assert "differed: 0, 3" in page
    assert "snapshot check failed" in marketer.get("/runs/").content.decode()


# ── Side by side ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_two_runs_are_compared_in_words(store: Store, channels: dict[str, Channel], settings: Any) -> None:
    first_order = sale(store)
    one = judged()
    settings.LOOKBACK_DAYS = 30
    touch(first_order, channels["metro"], "link")
    sale(store)
    other = judged()

    found = {section.title: {pair.label: pair for pair in section.pairs} for section in comparing.sections(one, other)}

    made = found["How they were made"]
    assert (made["Lookback (days)"].one, made["Lookback (days)"].other) == ("90.0", "30.0")
    assert made["Lookback (days)"].differs
    assert not made["Engine"].differs
    assert not made["Intervals"].differs
    orders = found["Rows read"]["orders"]
    assert (orders.one, orders.other, orders.change) == ("1", "2", "+1")
    counted = found["Rows counted"]
    assert (counted["First orders judged"].change, counted["Orders judged"].change) == ("+1", "+1")
    touches = counted["Touches read"]
    assert (touches.one, touches.other, touches.change) == ("—", "1", "")
    linear = found["New customers: Linear"]
    assert (linear["Metro posters"].one, linear["Metro posters"].other) == ("—", "1.0")
    assert (linear["Unknown"].one, linear["Unknown"].other, linear["Unknown"].differs) == ("1.0", "1.0", False)
    assert found["New customers: Tracked links only"]["Metro posters"].differs


@pytest.mark.django_db
def test_what_shrank_has_a_minus_and_what_was_not_recorded_a_dash() -> None:
    one = Run(results={"customers": {"linear": {"gone": [1200.0, 1, 2], "unknown": [2.0, 1, 3]}}})
    other = Run(results={"customers": {"linear": {"unknown": [1.5, 1, 3]}}})
    found = {section.title: section.pairs for section in comparing.sections(one, other)}
    pairs = [(pair.label, pair.one, pair.other, pair.change) for pair in found["New customers: Linear"]]
    assert pairs == [("Unknown", "2.0", "1.5", "−0.5"), ("gone", "1,200.0", "—", "")]
    assert set(found) == {"How they were made", "New customers: Linear"}
    assert ("Peak memory", "not known") in {(pair.label, pair.one) for pair in found["How they were made"]}


@pytest.mark.django_db(transaction=True)
def test_the_page_compares_two_runs_and_asks_for_two(store: Store, marketer: Client, clerk: Client) -> None:
    sale(store)
    one, other = judged(), judged()
    page = marketer.get(f"/runs/compare/?a={one.pk}&b={other.pk}").content.decode()
    assert "New customers: Linear" in page
    assert "same" in page
    assert f"/runs/compare/?a={one.pk}&amp;b={other.pk}" in marketer.get(f"/runs/{other.pk}/").content.decode()
    assert 'name="a"' in marketer.get("/runs/").content.decode()
    assert marketer.get("/runs/compare/").status_code == 200
    assert marketer.get("/runs/compare/?a=1&b=x").status_code == 400
    assert clerk.get("/runs/compare/").status_code == 403


# ── Memory and code ─────────────────────────────────────────────────────────────────────────────────────────────────


def status(folder: Path, kilobytes: int) -> None:
    (folder / "status").write_text(f"Name:\tpython\nVmHWM:\t   {kilobytes} kB\nVmRSS:\t 7 kB\n")


def test_the_peak_is_that_of_the_work_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "OWN", tmp_path)
    with PeakMemory() as peak:
        assert (tmp_path / "clear_refs").read_text() == "5"
        status(tmp_path, 2_000)
        assert peak.read() == 2_048_000
        status(tmp_path, 3_000)
    assert peak.bytes == 3_072_000


def test_where_the_system_cannot_begin_anew_the_peak_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "OWN", tmp_path / "nowhere")
    with PeakMemory() as peak:
        pass
    assert peak.bytes is None


def test_the_code_version_is_that_of_engine_warehouse_and_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("engine", "warehouse"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
        monkeypatch.setattr(getattr(record, name), "__file__", str(tmp_path / name / "__init__.py"))
    first = record.code_version()
    (tmp_path / "warehouse" / "deep" / "reading.py").write_text("x = 1")
    second = record.code_version()
    (tmp_path / "warehouse" / "deep" / "reading.py").rename(tmp_path / "engine" / "deep" / "reading.py")
    assert len({first, second, record.code_version()}) == 3
    assert record.CODE_VERSION not in {first, second}


def test_what_has_no_label_yet_keeps_its_own_name() -> None:
    assert list(words.spans({"patience": 86400.0})) == [("patience", 1.0)]
    fit = {"status": "fallback", "reason": "too_tired", "sources": [], "overlaps": 0}
    assert words.evidence(fit) == "too_tired"
    assert list(words.timings({"thinking": 2.0})) == [("thinking", 2.0)]
    assert list(words.model_settings({"orders": [1, 2]})) == [("orders", "1–2")]
    assert list(words.counts({"conversions_read": 3, "customers": 2}, of_orders=True)) == [("Orders read", 3)]
