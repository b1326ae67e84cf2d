"""The runs' pages and the command."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.test import Client

from attribution.customers.models import Customer, Order, Store
from attribution.facts import ring
from attribution.runs import actions
from attribution.runs.models import Run

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


def test_attribute_judges_here_and_now_and_prints_the_table(store: Store) -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    Order.objects.create(
        store=store, number="1", customer=Customer.objects.create(), placed_at=at, amount_minor=1850, source="import"
    )
    out = StringIO()
    call_command("attribute", "--model", "linear", stdout=out)
    assert "unknown                          1.0" in out.getvalue()
    assert "18.50" in out.getvalue()


def test_attribute_says_so_when_a_worker_was_quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    ring()
    monkeypatch.setattr(Run, "claim", lambda self: False)
    with pytest.raises(CommandError, match="just taken up"):
        call_command("attribute")
