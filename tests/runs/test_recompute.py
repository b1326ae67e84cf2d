"""An old run judged again: to the same numbers, or it says which are not."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import time_machine
from celery import current_app
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from attribution import engine
from attribution.customers.models import Customer, Order, Store
from attribution.evidence.actions import record_touch
from attribution.evidence.models import Channel
from attribution.runs import actions, record
from attribution.runs.models import Recomputation, Run
from attribution.runs.same import unlike
from attribution.runs.tasks import look
from attribution.warehouse import InputError

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2026, 5, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    messages: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: messages.append(name))
    return messages


@pytest.fixture
def run(store: Store, channels: dict[str, Channel]) -> Run:
    """Two customers: one came by a link, the other nobody knows why."""
    for number in (1, 2):
        customer = Customer.objects.create()
        Order.objects.create(
            store=store, number=str(number), customer=customer, placed_at=MAY, amount_minor=1000, source="import"
        )
    record_touch(
        customer=customer, channel=channels["metro"], kind="link", occurred_at=MAY - timedelta(days=1),
        source_key="visit:1", mapping_key="link:1",
    )  # fmt: skip
    return judged()


def judged() -> Run:
    asked = actions.ask(now=True)
    assert asked is not None
    assert asked.claim()
    actions.execute(asked)
    return Run.objects.get(pk=asked.pk)


def recomputed(run: Run) -> Recomputation:
    actions.ask_again(run=run)
    return actions.look_again()


def test_a_run_recomputes_to_the_same_numbers_whatever_has_changed_since(run: Run) -> None:
    Order.objects.update(amount_minor=1)
    again = recomputed(run)
    assert (again.state, again.is_same, again.code_version) == ("done", True, run.code_version)
    assert again.findings == {"facts": [], "altered": [], "files": [], "numbers": []}
    assert list(Path(run.folder.parent).glob("*.part*")) == []


def test_it_uses_the_parameters_that_the_run_recorded(run: Run, settings: Any) -> None:
    settings.LOOKBACK_DAYS = 1
    settings.BUSINESS_ZONE = None
    assert recomputed(run).is_same


def test_other_parameters_give_other_numbers_and_these_are_named(run: Run) -> None:
    """As if the run had been judged with a lookback of an hour, or by another engine."""
    Run.objects.filter(pk=run.pk).update(parameters=run.parameters | {"lookback": 3600.0})
    again = recomputed(Run.objects.get(pk=run.pk))
    assert not again.is_same
    assert again.findings["facts"] == again.findings["altered"] == []
    assert {"engine/conversions.parquet", "engine/judgement.json", "orders/paths.parquet"} <= set(
        again.findings["files"]
    )
    assert ["linear", "metro", 1.0, 0.0] in again.findings["numbers"]
    assert ["linear", "unknown", 1.0, 2.0] in again.findings["numbers"]


def test_a_kept_file_that_was_changed_is_named(run: Run) -> None:
    (part,) = (run.folder / "facts" / "orders").iterdir()
    pq.write_table(pq.read_table(part), part, compression="none")
    conversions = run.folder / "engine" / "conversions.parquet"
    pq.write_table(pq.read_table(conversions).slice(1), conversions)
    (run.folder / "facts" / "stores.parquet").write_bytes((run.folder / "facts" / "stores.parquet").read_bytes())
    again = recomputed(run)
    assert not again.is_same
    assert again.findings["facts"] == ["orders"]
    assert again.findings["altered"] == again.findings["files"] == ["engine/conversions.parquet"]


def test_a_run_from_before_results_were_recorded_can_be_recomputed(run: Run) -> None:
    shutil.rmtree(run.folder / "orders")
    Run.objects.filter(pk=run.pk).update(results={}, files={}, model_settings={})
    again = recomputed(Run.objects.get(pk=run.pk))
    assert again.is_same
    Run.objects.filter(pk=run.pk).update(parameters=run.parameters | {"lookback": 3600.0})
    again = recomputed(Run.objects.get(pk=run.pk))
    assert (again.is_same, again.findings["numbers"]) == (False, [])


def test_asking_twice_is_one_recomputation(run: Run) -> None:
    assert actions.ask_again(run=run) == actions.ask_again(run=run)
    assert actions.look_again() is not None
    assert actions.look_again() is None


def test_a_killed_recomputation_is_taken_up_again(run: Run, settings: Any) -> None:
    actions.ask_again(run=run)
    dead = Recomputation.objects.claim_next()  # by a worker that dies now
    dead.part(1).mkdir()
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)):
        again = actions.look_again()
    assert (again.state, again.attempts, again.is_same) == ("done", 2, True)
    assert not dead.part(1).exists()


def test_a_worker_that_comes_back_late_writes_nothing(
    run: Run, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    judge = engine.judge

    def judge_for_too_long(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(engine, "judge", judge)
        with time_machine.travel(timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)):
            assert actions.look_again().is_same
        return judge(*args, **options)

    actions.ask_again(run=run)
    monkeypatch.setattr(engine, "judge", judge_for_too_long)
    actions.look_again()
    assert "was taken up by another worker" in caplog.text
    assert Recomputation.objects.get().attempts == 2


def test_one_that_breaks_says_so(run: Run) -> None:
    actions.ask_again(run=run)
    shutil.rmtree(run.folder)
    with pytest.raises(InputError):
        actions.look_again()
    again = Recomputation.objects.get()
    assert (again.state, again.error_code) == ("failed", "recomputation_failed")


def test_a_run_without_files_cannot_be_recomputed(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(pruned_at=timezone.now())
    with pytest.raises(actions.NotThere):
        actions.ask_again(run=Run.objects.get(pk=run.pk))
    Run.objects.filter(pk=run.pk).update(pruned_at=None)
    shutil.rmtree(run.folder)
    with pytest.raises(actions.NotThere):
        actions.ask_again(run=Run.objects.get(pk=run.pk))


def test_what_is_being_recomputed_keeps_its_files(run: Run, settings: Any) -> None:
    settings.RUNS_KEPT, settings.RUNS_KEPT_DAILY_DAYS = 2, 0
    job = actions.ask_again(run=run)
    job.part(1).mkdir()
    for _ in range(3):
        judged()
    assert run.folder.exists()
    assert job.part(1).exists()
    assert actions.look_again().is_same
    actions.prune()
    assert not run.folder.exists()


# ── Same or not ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_files_are_the_same_if_they_hold_the_same(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    for name, first, second in (("a.json", '{"x": 1}', '{ "x":1 }'), ("b.json", "[1]", "[2]"), ("c.txt", "1", "2")):
        (one / name).write_text(first)
        (other / name).write_text(second)
    (other / "d.txt").write_text("only here")
    np.savez(one / "e.npz", x=np.arange(3))
    np.savez_compressed(other / "e.npz", x=np.arange(3))
    assert unlike(one, other) == ["b.json", "c.txt", "d.txt"]


# ── Page and command ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_marketer_has_a_run_recomputed(run: Run, marketer: Client, sent: list[str]) -> None:
    page = f"/runs/{run.pk}/"
    sent.clear()
    assert marketer.post(f"{page}recompute/").url == page
    assert sent == ["runs.look"]
    assert "is being judged again" in marketer.get(page, headers={"HX-Request": "true"}).content.decode()
    look()
    assert "every number is the same" in marketer.get(page).content.decode()


def test_the_page_names_what_came_out_differently(run: Run, marketer: Client) -> None:
    Run.objects.filter(pk=run.pk).update(parameters=run.parameters | {"lookback": 3600.0}, code_version="0123456789ab")
    marketer.post(f"/runs/{run.pk}/recompute/")
    look()
    page = marketer.get(f"/runs/{run.pk}/").content.decode()
    assert "not every number is the same" in page
    assert "engine/conversions.parquet" in page
    assert f"judged by the engine 0123456789ab, this was done by {record.CODE_VERSION}" in page
    assert "New customers then" in page


def test_the_page_of_a_run_without_files_says_that_it_cannot(run: Run, marketer: Client) -> None:
    Run.objects.filter(pk=run.pk).update(pruned_at=MAY)
    page = marketer.get(f"/runs/{run.pk}/").content.decode()
    assert "files were removed on 2026-05-01, so it cannot be recomputed" in page
    assert f"/runs/{run.pk}/recompute/" not in page
    refused = marketer.post(f"/runs/{run.pk}/recompute/")
    assert refused.status_code == 400
    assert "cannot be recomputed" in refused.content.decode()


def test_the_page_says_when_it_broke(run: Run, marketer: Client) -> None:
    Recomputation.objects.create(run=run, state="failed", error_code="recomputation_failed")
    assert "It could not be judged again." in marketer.get(f"/runs/{run.pk}/").content.decode()


def test_the_command_recomputes(run: Run) -> None:
    out = StringIO()
    call_command("attribute", "--recompute", str(run.pk), stdout=out)
    assert out.getvalue() == f"Every number of run {run.pk} is the same.\n"


def test_the_command_tells_what_differs_and_fails(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(parameters=run.parameters | {"lookback": 3600.0}, code_version="0123456789ab")
    out = StringIO()
    with pytest.raises(CommandError, match=f"Not every number of run {run.pk} is the same"):
        call_command("attribute", "--recompute", str(run.pk), stdout=out)
    assert "engine/conversions.parquet" in out.getvalue()
    assert "Linear                      Unknown                         1.000000        2.000000" in out.getvalue()
    assert "judged by the engine 0123456789ab" in out.getvalue()


def test_the_command_refuses_what_is_not_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="There is no run 12345"):
        call_command("attribute", "--recompute", "12345")
    monkeypatch.setattr(Recomputation, "claim", lambda self: False)
    with pytest.raises(CommandError, match="just taken up"):
        call_command("attribute", "--recompute", str(run.pk))
    Run.objects.update(pruned_at=MAY)
    with pytest.raises(CommandError, match="cannot be recomputed"):
        call_command("attribute", "--recompute", str(run.pk))


def test_the_manifest_beside_the_files_says_what_the_row_says(run: Run) -> None:
    manifest = json.loads((run.folder / "manifest.json").read_text())
    assert manifest["results"] == run.results
    assert manifest["files"] == run.files
