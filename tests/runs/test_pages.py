"""The runs' pages and the command."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.test import Client

from attribution.customers.models import Customer, Order, Store
from attribution.facts import ring
from attribution.runs import actions
from attribution.runs.models import Mark, Run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app, "send_task", lambda *args, **options: None)


def test_the_list_says_what_to_do_before_there_is_a_run(marketer: Client) -> None:
    assert b"No run yet" in marketer.get("/runs/").content


def test_a_marketer_asks_for_a_run_and_sees_it(marketer: Client) -> None:
    assert marketer.post("/runs/now/").status_code == 302
    assert Run.objects.get().state == Run.State.WAITING
    actions.look()
    run = Run.objects.get()
    assert f"/runs/{run.pk}/" in marketer.get("/runs/").content.decode()
    assert "SHA-256" in marketer.get(f"/runs/{run.pk}/").content.decode()


def test_asking_twice_is_one_run(marketer: Client) -> None:
    marketer.post("/runs/now/")
    marketer.post("/runs/now/")
    assert Run.objects.count() == 1


def test_a_run_that_is_not_there_is_a_404(marketer: Client) -> None:
    assert marketer.get("/runs/12345/").status_code == 404


def test_the_till_has_no_business_with_runs(clerk: Client, outsider: Client) -> None:
    assert clerk.get("/runs/").status_code == 403
    assert clerk.post("/runs/now/").status_code == 403
    assert outsider.get("/runs/").status_code == 302
    assert not Run.objects.exists()


def sale(store: Store) -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    number = str(Order.objects.count())
    Order.objects.create(
        store=store, number=number, customer=Customer.objects.create(), placed_at=at, amount_minor=1850, source="import"
    )


def test_attribute_judges_here_and_now_and_prints_the_table(store: Store) -> None:
    sale(store)
    out = StringIO()
    call_command("attribute", "--model", "linear", stdout=out)
    assert "unknown                          1.0" in out.getvalue()
    assert "18.50" in out.getvalue()


def test_attribute_says_so_when_a_worker_was_quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    ring()
    monkeypatch.setattr(Run, "claim", lambda self: False)
    with pytest.raises(CommandError, match="just taken up"):
        call_command("attribute")


def test_attribute_leaves_a_run_alone_that_a_worker_judges(store: Store) -> None:
    Run.objects.create()
    Run.objects.claim_next()
    with pytest.raises(CommandError, match="just taken up"):
        call_command("attribute")


def test_attribute_takes_the_best_model_and_says_what_stands_in_for_it(store: Store) -> None:
    sale(store)
    out = StringIO()
    call_command("attribute", stdout=out)
    assert "   precedence, run " in out.getvalue()
    call_command("attribute", "--model", "evidence", stdout=out)
    assert "   evidence (precedence), run " in out.getvalue()
    call_command("attribute", "--model", "markov", "--order", "2", stdout=out)
    assert "   markov, run " in out.getvalue()


def test_the_check_says_what_the_next_run_takes_over(store: Store) -> None:
    sale(store)
    call_command("attribute", stdout=StringIO())
    sale(store)
    out = StringIO()
    call_command("snapshot", "--check", stdout=out)
    assert "orders                         2           1           0" in out.getvalue()
    assert "What the next run takes over is what it would read." in out.getvalue()


def test_the_check_fails_if_something_was_missed(store: Store, settings: Any) -> None:
    sale(store)
    call_command("attribute", stdout=StringIO())
    Order.objects.update(amount_minor=5)
    Mark.objects.all().delete()
    out = StringIO()
    with pytest.raises(CommandError, match="is not what stands in the database"):
        call_command("snapshot", "--check", stdout=out)
    part = Order.objects.get().pk // 65536
    assert f"orders                         1           0           1   differs: {part}" in out.getvalue()
    call_command("attribute", "--full", stdout=out)
    call_command("snapshot", "--check", stdout=out)
    assert [path.name for path in Path(settings.SNAPSHOT_DIR).glob("check-*")] == []
