"""Long work as rows: claimed once, kept by a lease, taken up again when its worker dies."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from attribution.jobs import MOST_ATTEMPTS, LostLease, wake
from attribution.runs.models import Run


@pytest.fixture
def waiting(db: None) -> Run:
    return Run.objects.create()


def test_a_waiting_job_is_claimed_once(waiting: Run) -> None:
    first, second = Run.objects.get(), Run.objects.get()
    assert first.claim()
    assert not second.claim()
    assert Run.objects.get().attempts == 1


def test_a_job_that_may_not_start_yet_is_not_due(waiting: Run) -> None:
    Run.objects.update(not_before=timezone.now() + timedelta(minutes=1))
    assert Run.objects.claim_next() is None


def test_a_job_of_a_living_worker_is_left_alone(waiting: Run) -> None:
    assert Run.objects.claim_next() == waiting
    assert Run.objects.claim_next() is None


def test_a_job_of_a_silent_worker_is_taken_up_again(waiting: Run, settings: Any) -> None:
    Run.objects.claim_next()
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)):
        again = Run.objects.claim_next()
        assert again == waiting
        assert again.attempts == 2


def test_a_worker_that_comes_back_late_may_write_nothing(waiting: Run, settings: Any) -> None:
    late = Run.objects.claim_next()
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)):
        Run.objects.claim_next()
        for write in (late.renew, late.finish, lambda: late.fail("x")):
            with pytest.raises(LostLease):
                write()
    assert Run.objects.get().state == Run.State.RUNNING


def test_a_renewed_job_is_not_taken_up(waiting: Run, settings: Any) -> None:
    run = Run.objects.claim_next()
    start = timezone.now()
    with time_machine.travel(start + timedelta(seconds=settings.JOB_LEASE_SECONDS - 1)):
        run.renew(3, 10)
    with time_machine.travel(start + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)):
        assert Run.objects.claim_next() is None
    run.refresh_from_db()
    assert (run.progress, run.total, run.percent) == (3, 10, 30)


def test_a_job_that_kills_its_workers_ends_as_failed(waiting: Run, settings: Any) -> None:
    moment = timezone.now()
    for _ in range(MOST_ATTEMPTS):
        with time_machine.travel(moment):
            assert Run.objects.claim_next() == waiting
        moment += timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)
    with time_machine.travel(moment):
        assert Run.objects.claim_next() is None
    run = Run.objects.get()
    assert (run.state, run.error_code) == (Run.State.FAILED, "worker_died")


def test_an_unforeseen_error_is_recorded_and_let_out(waiting: Run) -> None:
    run = Run.objects.claim_next()
    with pytest.raises(ZeroDivisionError), run.failing_as("run_failed"):
        _ = 1 / 0
    run.refresh_from_db()
    assert (run.state, run.error_code, run.error_params) == ("failed", "run_failed", {"error": "ZeroDivisionError"})


def test_a_lost_lease_is_no_failure_of_the_job(waiting: Run) -> None:
    run = Run.objects.claim_next()
    with pytest.raises(LostLease), run.failing_as("run_failed"):
        raise LostLease
    assert Run.objects.get().state == Run.State.RUNNING


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_cannot_be_reached_is_no_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(current_app, "send_task", refuse)
    with transaction.atomic():
        Run.objects.create()
        wake("runs.look")
    assert Run.objects.get().state == Run.State.WAITING
    assert "no broker" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_long_step_keeps_its_lease_from_beside(settings: Any) -> None:
    settings.JOB_LEASE_SECONDS = 0.08  # renewed every 0.02 s
    Run.objects.create()
    run = Run.objects.claim_next()
    first = run.lease_until
    renewed = threading.Event()
    with run.kept_alive():
        while not renewed.is_set():
            if Run.objects.get().lease_until > first:
                renewed.set()
    assert renewed.is_set()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_exactly_one_claims() -> None:
    Run.objects.create()
    barrier, won = threading.Barrier(8), []

    def worker() -> None:
        row = Run.objects.get()
        barrier.wait()
        if row.claim():
            won.append(row)
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_condition_several_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same race with the conditional update turned into a plain one: the test above would notice."""
    Run.objects.create()
    rows = [Run.objects.get() for _ in range(8)]
    monkeypatch.setattr(Run, "claim", lambda self: bool(Run.objects.filter(pk=self.pk).update(state="running")))
    assert sum(row.claim() for row in rows) == 8
