"""From evidence to a finished run: when it starts, what it keeps, what it survives."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import time_machine
from celery import current_app
from django.db import transaction
from django.utils import timezone

from attribution import engine
from attribution.customers.models import Customer, Order, Store
from attribution.evidence.actions import record_touch
from attribution.evidence.models import Channel
from attribution.facts import REGISTRY, ring
from attribution.runs import actions
from attribution.runs.models import Run, Stroke
from attribution.runs.results import RunResults
from attribution.warehouse import InputError

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2026, 5, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The messages to the worker, instead of a broker."""
    messages: list[Any] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: messages.append((name, options)))
    return messages


def sale(store: Store, customer: Customer | None, at: datetime, minor: int = 1800, **values: Any) -> Order:
    number = str(Order.objects.count() + 1)
    return Order.objects.create(
        store=store, number=number, customer=customer, placed_at=at, amount_minor=minor, source="import", **values
    )


def touch(customer: Customer, channel: Channel, kind: str, at: datetime) -> None:
    key = f"{kind}:{customer.pk}:{at:%d%H}"
    record_touch(
        customer=customer, channel=channel, kind=kind, occurred_at=at, source_key=key, mapping_key=f"link:{channel.pk}"
    )


@pytest.fixture
def shop(store: Store, channels: dict[str, Channel]) -> list[Customer]:
    """Anna scanned a poster and came; Bo said friends; Chen came for no known reason; somebody bought unidentified."""
    anna, bo, chen = (Customer.objects.create() for _ in range(3))
    touch(anna, channels["metro"], "link", MAY - timedelta(days=3))
    sale(store, anna, MAY, 2000)
    sale(store, anna, MAY + timedelta(hours=1), 900)
    sale(store, anna, MAY + timedelta(days=2), 1500)
    sale(store, bo, MAY, 1200)
    touch(bo, channels["friends"], "survey", MAY + timedelta(minutes=9))
    sale(store, chen, MAY, 700)
    sale(store, None, MAY, 600)
    return [anna, bo, chen]


def judged(run: Run, model: str) -> dict[str, tuple[float, float]]:
    rows = RunResults(run).judgement.summary(model).to_pylist()
    return {row["channel"]: (row["customers"], row["value"]) for row in rows if row["customers"]}


def test_a_run_follows_the_evidence_and_credits_sum_to_customers(shop: list[Customer]) -> None:
    run = actions.look()
    assert run is not None
    assert run.state == Run.State.DONE
    assert run.customers == 3
    assert judged(run, "precedence") == {"metro": (1.0, 2000.0), "friends": (1.0, 1200.0), "unknown": (1.0, 700.0)}
    assert judged(run, "survey") == {"friends": (1.0, 1200.0), "unknown": (2.0, 2700.0)}


def test_the_next_sale_counts_from_a_later_day_of_the_business(shop: list[Customer]) -> None:
    table = RunResults(actions.look()).judgement.conversions(["customer_id", "next_at"]).to_pylist()
    assert {row["customer_id"]: row["next_at"] for row in table} == {
        shop[0].pk: (MAY + timedelta(days=2)).replace(tzinfo=None),  # not the one an hour later
        shop[1].pk: None,
        shop[2].pk: None,
    }


def test_every_sale_is_judged_by_the_path_since_the_one_before(
    shop: list[Customer], store: Store, channels: dict[str, Channel]
) -> None:
    touch(shop[0], channels["douyin"], "link", MAY + timedelta(days=1))
    run = actions.look()
    orders = RunResults(run).orders
    table = orders.conversions(["customer_id", "order_id", "store_id", "value"]).to_pylist()
    numbers = {row["order_id"]: key for key, row in enumerate(table)}
    assert sorted(numbers) == sorted(Order.objects.exclude(customer=None).values_list("pk", flat=True))
    assert {row["store_id"] for row in table} == {store.pk}
    credited = {row["conversion"]: row["channel"] for row in orders.credits("last_touch").to_pylist()}
    anna = [credited[numbers[order.pk]] for order in Order.objects.filter(customer=shop[0]).order_by("placed_at")]
    assert anna == ["metro", "unknown", "douyin"]  # an hour later nothing new had reached her
    assert (run.excluded["conversions"], run.orders_excluded["conversions"]) == (3, 5)


def test_a_run_from_before_orders_were_judged_still_shows(shop: list[Customer]) -> None:
    run = actions.look()
    shutil.rmtree(run.folder / "orders")
    assert RunResults(run).orders is None
    assert len(judged(run, "linear")) == 3


def test_the_bell_asks_once_for_a_flood(sent: list[Any], db: None) -> None:
    for _ in range(5):
        ring()
    assert sent == [("runs.look", {"countdown": 0})]
    assert Stroke.objects.count() == 5


def test_a_transaction_rings_once(sent: list[Any], db: None) -> None:
    with transaction.atomic():
        ring()
        with transaction.atomic():
            ring()
        ring()
    assert Stroke.objects.count() == 1
    with transaction.atomic():
        ring()
    assert Stroke.objects.count() == 2


def test_a_stroke_that_a_savepoint_took_back_is_rung_again(sent: list[Any], db: None) -> None:
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            ring()
            _ = 1 / 0
        ring()
    assert Stroke.objects.count() == 1
    assert sent == [("runs.look", {"countdown": 0})]


def test_a_bell_that_was_rolled_back_was_never_rung(sent: list[Any]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ring()
        _ = 1 / 0
    assert sent == []
    assert actions.look() is None


def test_without_new_evidence_there_is_no_run(shop: list[Customer]) -> None:
    assert actions.look() is not None
    assert actions.look() is None
    assert Run.objects.count() == 1


def test_a_stroke_during_a_run_asks_for_the_next(shop: list[Customer], monkeypatch: pytest.MonkeyPatch) -> None:
    judge = engine.judge

    def judge_while_somebody_answers(*args: Any, **options: Any) -> Any:
        ring()
        return judge(*args, **options)

    monkeypatch.setattr(engine, "judge", judge_while_somebody_answers)
    run = actions.look()
    assert Stroke.objects.count() == 2  # one a judgement: of first orders, and of all
    waiting = Run.objects.get(state=Run.State.WAITING)
    assert waiting.not_before == run.finished_at + timedelta(seconds=5 * run.seconds)


def test_the_next_run_rests_five_times_the_last_ones_duration(shop: list[Customer]) -> None:
    run = actions.look()
    Run.objects.filter(pk=run.pk).update(seconds=60)
    ring()
    assert actions.look() is None
    with time_machine.travel(run.finished_at + timedelta(seconds=299)):
        assert actions.look() is None
    with time_machine.travel(run.finished_at + timedelta(seconds=301)):
        assert actions.look().state == Run.State.DONE


def test_two_runs_never_judge_at_once(shop: list[Customer]) -> None:
    Run.objects.create()
    Run.objects.claim_next()
    assert actions.look() is None


def test_a_killed_run_is_taken_up_again_and_judges_the_same(shop: list[Customer], settings: Any) -> None:
    Run.objects.create()
    Run.objects.claim_next()  # by a worker that dies now
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)):
        run = actions.look()
    assert (run.state, run.attempts, run.customers) == (Run.State.DONE, 2, 3)
    assert sum(customers for customers, _ in judged(run, "linear").values()) == 3
    assert sorted(path.name for path in Path(settings.SNAPSHOT_DIR).iterdir()) == [str(run.uuid)]


def test_a_worker_that_comes_back_late_leaves_what_another_wrote(
    shop: list[Customer], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = engine.judge

    def judge_for_too_long(*args: Any, **options: Any) -> Any:
        with time_machine.travel(timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)):
            theirs = Run.objects.claim_next()
        theirs.folder.mkdir()
        (theirs.folder / "theirs").touch()
        return judge(*args, **options)

    monkeypatch.setattr(engine, "judge", judge_for_too_long)
    run = actions.look()
    run.refresh_from_db()
    assert (run.state, run.attempts) == (Run.State.RUNNING, 2)
    assert [path.name for path in run.folder.iterdir()] == ["theirs"]


def test_a_run_that_fails_leaves_no_files_and_asks_again(
    shop: list[Customer], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "judge", lambda *args, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.look()
    run = Run.objects.get(state=Run.State.FAILED)
    assert (run.error_code, run.error_params) == ("run_failed", {"error": "ZeroDivisionError"})
    assert list(Path(settings.SNAPSHOT_DIR).iterdir()) == []
    assert Stroke.objects.exists()
    assert actions.due_at() == run.finished_at + timedelta(minutes=1)


def test_a_run_whose_cluster_cannot_work_fails_and_says_so(shop: list[Customer], settings: Any) -> None:
    settings.WAREHOUSE = "spark://nowhere"
    run = actions.look()
    assert (run.state, run.error_code, run.error_params) == ("failed", "run_failed", {"error": "WarehouseError"})


def test_a_run_whose_input_is_refused_fails_and_says_so(shop: list[Customer], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> Any:
        raise InputError("touches", "kind", "1 row says 'radio'", "use one of link, survey")

    monkeypatch.setattr(engine, "judge", refuse)
    run = actions.look()
    assert (run.state, run.error_code, run.error_params) == ("failed", "run_failed", {"error": "InputError"})


def test_a_run_names_what_it_read(shop: list[Customer]) -> None:
    run = actions.look()
    facts = run.snapshot["facts"]
    assert set(facts) == set(REGISTRY)
    assert facts["orders"]["rows"] == 6
    assert facts["touches"]["rows"] == 2
    assert len(facts["orders"]["sha256"]) == 64
    manifest = json.loads((run.folder / "manifest.json").read_text())
    assert manifest["snapshot"] == run.snapshot
    assert run.parameters["lookback"] == 90 * 86400
    assert len(run.code_version) == 12


def test_no_fact_holds_more_than_it_declares(shop: list[Customer]) -> None:
    run = actions.look()
    for name, fact in REGISTRY.items():
        parts = [*(run.folder / "facts").glob(f"{name}.parquet"), *(run.folder / "facts").glob(f"{name}/*.parquet")]
        assert parts, name
        assert all(pq.read_schema(part).equals(fact.schema) for part in parts), name


def test_orders_after_the_watermark_are_left_out_and_counted(shop: list[Customer], store: Store) -> None:
    sale(store, Customer.objects.create(), timezone.now() + timedelta(days=2))
    run = actions.look()
    assert run.customers == 3
    assert run.excluded["conversions_after_watermark"] == 1


def test_merged_people_count_once(shop: list[Customer]) -> None:
    Customer.objects.filter(pk=shop[2].pk).update(merged_into=shop[1])
    assert actions.look().customers == 2


def test_a_run_without_any_order_is_done_and_empty(db: None) -> None:
    ring()
    run = actions.look()
    assert (run.state, run.customers) == (Run.State.DONE, 0)


def test_old_runs_lose_their_files_but_one_a_day_stays(shop: list[Customer], settings: Any) -> None:
    settings.RUNS_KEPT = 2
    runs = []
    for hours in (0, 1, 26, 27, 28):
        ring()
        with time_machine.travel(datetime(2026, 6, 1, 1, tzinfo=UTC) + timedelta(hours=hours)):
            runs.append(actions.look())
    kept = [Run.objects.get(pk=run.pk).pruned_at is None for run in runs]
    assert kept == [False, True, False, True, True]
    assert [run.folder.exists() for run in runs] == kept


def test_pruning_removes_what_was_begun_for_runs_that_nobody_works_at(db: None) -> None:
    parts = []
    for state in (Run.State.RUNNING, Run.State.FAILED):
        run = Run.objects.create(state=state, attempts=5, lease_until=timezone.now() + timedelta(minutes=1))
        parts.append(Path(f"{run.folder}.part5"))
        (parts[-1] / "facts").mkdir(parents=True)

    actions.prune()

    assert [part.exists() for part in parts] == [True, False]
