"""A snapshot that reads only what has changed says what one says that reads everything."""

import json
import logging
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import time_machine
from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from attribution import engine, facts
from attribution.customers.models import Customer, Order, Store
from attribution.evidence.models import Channel
from attribution.facts import Cut
from attribution.runs import actions
from attribution.runs.models import Mark, Run
from attribution.runs.results import RunResults
from attribution.runs.snapshot import check_facts, marks, take_marks
from attribution.runs.snapshot.marks import read_marks
from attribution.runs.snapshot.parts import checksum
from attribution.runs.snapshot.reader import reading
from attribution.runs.tracking import Track
from tests.runs.shop import RandomShop, leap

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2026, 5, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app, "send_task", lambda *args, **options: None)


def judged(**options: Any) -> Run:
    """A run, now."""
    run = actions.ask(now=True)
    assert run is not None
    assert run.claim()
    actions.execute(run, **options)
    return Run.objects.get(pk=run.pk)


def quiet(done: int, total: int) -> None:
    pass


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_incremental_snapshot_is_the_whole_one(
    seed: int, channels: dict[str, Channel], tmp_path: Path
) -> None:
    shop, done, kept = RandomShop(seed, channels), [], 0
    for step in range(50):
        done.append(shop.act())
        if shop.random.random() < 0.3:
            written, differs = check_facts(tmp_path / str(step), quiet)
            assert differs == {}, done
            kept += sum(one.kept for one in written.values())
            judged()
            done.append("run")
    assert kept  # there was something to be wrong about


@pytest.fixture
def three_parts(store: Store) -> list[Order]:
    """Three customers with an order each, in three parts of the table; a run has read them, and proved nothing yet."""
    orders = []
    for number in ("1", "2", "3"):
        orders.append(sale(store, number, Customer.objects.create()))
        leap("customers_order")
    judged()
    return orders


def sale(store: Store, number: str, customer: Customer) -> Order:
    return Order.objects.create(
        store=store, number=number, customer=customer, placed_at=MAY, amount_minor=1000, source="import"
    )


def of_orders(run: Run) -> tuple[int, int, int]:
    """Rows, parts read and parts taken over."""
    found = run.snapshot["facts"]["orders"]
    return found["rows"], found["read"], found["kept"]


def test_the_first_snapshot_reads_everything(three_parts: list[Order]) -> None:
    run = Run.objects.get()
    assert of_orders(run) == (3, 3, 0)
    assert run.read_whole
    assert run.is_base


def test_the_next_one_reads_the_parts_that_have_changed(three_parts: list[Order], store: Store) -> None:
    Order.objects.filter(pk=three_parts[1].pk).update(amount_minor=1)
    sale(store, "4", Customer.objects.create())

    run = judged()

    assert of_orders(run) == (4, 2, 2)
    assert not run.read_whole
    assert list(Run.objects.filter(is_base=True)) == [run]
    assert not Mark.objects.exists()
    orders = RunResults(run).facts().sql("SELECT amount_minor FROM orders ORDER BY id").fetchall()
    assert orders == [(1000,), (1,), (1000,), (1000,)]


def test_a_part_that_is_empty_now_is_gone(three_parts: list[Order]) -> None:
    three_parts[0].delete()
    assert of_orders(judged()) == (2, 0, 2)
    Order.objects.all().delete()
    run = judged()
    assert of_orders(run) == (0, 0, 0)
    assert RunResults(run).facts().sql("FROM orders").fetchall() == []


def test_who_is_merged_dirties_no_more_than_the_parts_with_their_rows(three_parts: list[Order]) -> None:
    first, second, _ = (order.customer for order in three_parts)
    Customer.objects.filter(pk=second.pk).update(merged_into=first)
    run = judged()
    assert of_orders(run) == (3, 1, 2)
    assert RunResults(run).facts().sql("SELECT count(DISTINCT customer_id) FROM orders").fetchall() == [(2,)]


def test_what_no_fact_reads_of_a_customer_dirties_nothing(three_parts: list[Order]) -> None:
    Customer.objects.update(joined_at=MAY)
    assert of_orders(judged()) == (3, 0, 3)


def test_with_very_many_changes_elsewhere_everything_is_read(
    three_parts: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "MOST_ROWS", 1)
    first, second, third = (order.customer for order in three_parts)
    Customer.objects.filter(pk__in=[second.pk, third.pk]).update(merged_into=first)
    assert of_orders(judged()) == (3, 3, 0)


def test_asked_for_everything_a_run_reads_everything(three_parts: list[Order]) -> None:
    run = judged(whole=True)
    assert of_orders(run) == (3, 3, 0)
    assert run.is_proved is None


def test_an_emptied_table_is_read_again(three_parts: list[Order]) -> None:
    how = "DELETE FROM customers_order" if connection.vendor == "sqlite" else "TRUNCATE customers_order CASCADE"
    with connection.cursor() as cursor:
        cursor.execute(how)
    assert of_orders(judged()) == (0, 0, 0)


def test_a_snapshot_sees_one_state_however_long_it_reads(three_parts: list[Order]) -> None:
    schema = pa.schema([("amount_minor", pa.int64())])
    with reading() as reader:
        before = reader.table(Order.objects.values_list("amount_minor"), schema)
        Order.objects.update(amount_minor=5)
        assert reader.table(Order.objects.values_list("amount_minor"), schema) == before
        assert read_marks(reader).parts == {}


# ── What may be lost ────────────────────────────────────────────────────────────────────────────────────────────────


def part_files(run: Run) -> list[Path]:
    return sorted((run.folder / "facts" / "orders").iterdir())


def test_a_file_that_is_lost_or_spoilt_is_read_again(three_parts: list[Order]) -> None:
    lost, spoilt, _ = part_files(Run.objects.get())
    lost.unlink()
    spoilt.write_bytes(b"PAR1")
    assert of_orders(judged()) == (3, 2, 1)


def test_a_folder_that_is_lost_costs_a_reading_of_everything(
    three_parts: list[Order], caplog: pytest.LogCaptureFixture
) -> None:
    base = Run.objects.get()
    shutil.rmtree(base.folder)
    run = judged()
    assert of_orders(run) == (3, 3, 0)
    assert run.read_whole
    assert f"The files of run {base.pk} are gone" in caplog.text


def test_a_run_that_is_removed_takes_nothing_from_the_next(three_parts: list[Order]) -> None:
    first, second = Run.objects.get(), judged()
    assert [file.stat().st_nlink for file in part_files(second)] == [2, 2, 2]
    shutil.rmtree(first.folder)
    assert RunResults(second).facts().sql("SELECT count(*) FROM orders").fetchall() == [(3,)]
    assert of_orders(judged()) == (3, 0, 3)


def test_where_the_disk_knows_no_links_files_are_copied(
    three_parts: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    run = judged()
    assert of_orders(run) == (3, 0, 3)
    assert [file.stat().st_nlink for file in part_files(run)] == [1, 1, 1]


def test_another_definition_of_a_fact_is_read_whole(three_parts: list[Order], monkeypatch: pytest.MonkeyPatch) -> None:
    orders = facts.REGISTRY["orders"]
    sales = replace(orders, rows=lambda: orders.rows().filter(kind="sale"))
    monkeypatch.setattr(facts, "REGISTRY", facts.REGISTRY | {"orders": sales})
    assert of_orders(judged()) == (3, 3, 0)


def test_without_its_triggers_a_fact_is_read_whole(three_parts: list[Order]) -> None:
    """As after a migration that rebuilt the table."""
    on = "" if connection.vendor == "sqlite" else " ON customers_order"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER mark_customers_order_update{on}")
    try:
        assert of_orders(judged()) == (3, 3, 0)
    finally:
        with connection.schema_editor() as editor:
            Track("customers_order", cut=Cut()).database_forwards("runs", editor, None, None)
    assert of_orders(judged()) == (3, 0, 3)


# ── Two at once ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_changes_while_a_run_judges_is_read_by_the_next(
    three_parts: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a part that the run had read again already: its mark is another one."""
    judge = engine.judge
    first = three_parts[0]

    def change(minor: int) -> None:
        Order.objects.filter(pk=first.pk).update(amount_minor=minor)

    def judge_while_an_order_is_corrected(*args: Any, **options: Any) -> Any:
        change(7)
        return judge(*args, **options)

    change(5)
    monkeypatch.setattr(engine, "judge", judge_while_an_order_is_corrected)
    assert of_orders(judged()) == (3, 1, 2)
    monkeypatch.setattr(engine, "judge", judge)
    run = judged()
    assert of_orders(run) == (3, 1, 2)
    assert RunResults(run).facts().sql("SELECT amount_minor FROM orders ORDER BY id").fetchall()[0] == (7,)


def test_a_mark_left_between_the_taking_and_the_reading_is_read_and_stays(three_parts: list[Order]) -> None:
    take_marks()
    Order.objects.filter(pk=three_parts[0].pk).update(amount_minor=5)
    with reading() as reader:
        found = read_marks(reader)
    assert found.parts == {"customers_order": {three_parts[0].pk // 65536}}
    # SQLite's mark may come to stand for a later change too; PostgreSQL's is this transaction's alone.
    assert len(found.removable) == (0 if connection.vendor == "sqlite" else 1)


def test_of_two_runs_at_once_the_first_to_finish_is_the_base(
    three_parts: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second has not seen what changed before the first one's marks were removed."""
    judge, late = engine.judge, []

    def judge_while_another_run_finishes(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(engine, "judge", judge)
        Order.objects.filter(pk=three_parts[0].pk).update(amount_minor=5)
        late.append(judged())
        return judge(*args, **options)

    monkeypatch.setattr(engine, "judge", judge_while_another_run_finishes)
    slow = judged()
    assert list(Run.objects.filter(is_base=True)) == late
    assert slow.pk < late[0].pk
    amounts = RunResults(judged()).facts().sql("SELECT amount_minor FROM orders ORDER BY id").fetchall()
    assert amounts[0] == (5,)


def test_of_two_first_runs_at_once_one_is_the_base(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    judge, late = engine.judge, []

    def judge_while_another_run_finishes(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(engine, "judge", judge)
        late.append(judged())
        return judge(*args, **options)

    monkeypatch.setattr(engine, "judge", judge_while_another_run_finishes)
    assert judged().state == Run.State.DONE
    assert list(Run.objects.filter(is_base=True)) == late


def test_what_is_rolled_back_leaves_no_mark(three_parts: list[Order]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        three_parts[0].delete()
        _ = 1 / 0
    assert not Mark.objects.exists()


# ── The proof ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_once_a_day_a_run_proves_that_nothing_was_missed(three_parts: list[Order]) -> None:
    first = Run.objects.get()
    assert judged().is_proved is None
    with time_machine.travel(first.finished_at + timedelta(days=1, minutes=1)):
        proved = judged()
        assert (proved.is_proved, proved.read_whole) == (True, True)
        assert of_orders(proved) == (3, 0, 3)
        assert judged().is_proved is None


def test_a_proof_that_fails_is_told_and_what_was_read_whole_counts(
    three_parts: list[Order], caplog: pytest.LogCaptureFixture
) -> None:
    Order.objects.filter(pk=three_parts[2].pk).update(amount_minor=5)
    Mark.objects.all().delete()  # by a hand that should not
    part = three_parts[2].pk // 65536
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        run = judged()
    assert run.is_proved is False
    assert run.snapshot["differs"] == {"orders": [part]}
    assert f"differs from a reading of everything: {{'orders': [{part}]}}" in caplog.text
    assert [record.levelno for record in caplog.records if "differs" in record.message] == [logging.ERROR]
    assert of_orders(run) == (3, 3, 0)
    amounts = RunResults(run).facts().sql("SELECT amount_minor FROM orders ORDER BY id").fetchall()
    assert amounts == [(1000,), (1000,), (5,)]
    assert of_orders(judged()) == (3, 0, 3)


def test_files_of_the_same_rows_are_the_same_whatever_wrote_them(three_parts: list[Order], tmp_path: Path) -> None:
    base = Run.objects.get()
    file = part_files(base)[0]
    pq.write_table(pq.read_table(file), file, compression="none")
    recorded = json.loads((base.folder / "snapshot.json").read_text())
    parts = recorded["orders"]["parts"]
    parts[str(int(file.stem))][1] = checksum(file)
    (base.folder / "snapshot.json").write_text(json.dumps(recorded))
    written, differs = check_facts(tmp_path, quiet)
    assert (written["orders"].kept, differs) == (3, {})


def test_a_cut_in_whose_order_the_rows_do_not_come_is_refused(
    three_parts: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    def even_and_odd(self: Cut, rows: pa.Array) -> pa.Array:
        return pa.array([number % 2 for number in range(len(rows))], pa.int64())

    monkeypatch.setattr(Cut, "parts", even_and_odd)
    with pytest.raises(ValueError, match="the rows of orders do not come in the order of their parts"):
        judged(whole=True)
