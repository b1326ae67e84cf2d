"""The command does the page's work; what is kept for a while only is deleted."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command

from attribution.customers import tasks
from attribution.customers.models import IdempotencyKey, ImportFile, Order, Staff

pytestmark = pytest.mark.django_db
GOOD = "Order number,Date,Amount\nA1,2026-03-02,18.50\n"


@pytest.fixture
def run(tmp_path, store):
    def command(content, *arguments):
        path, said = tmp_path / "orders.csv", StringIO()
        path.write_text(content)
        code: object = 0
        try:
            call_command("import", "orders", str(path), "--language", "en", *arguments, stdout=said)
        except SystemExit as end:
            code = end.code
        return code, said.getvalue()

    return command


def test_the_command_counts_every_row(run):
    assert run(GOOD) == (0, "rows=1 inserted=1 updated=0 skipped=0 failed=0\nSales: 1\nOrders without a customer: 1\n")
    assert run(GOOD, "--dry-run")[1].startswith("rows=1 inserted=0 updated=0 skipped=1 failed=0")


def test_a_failed_row_is_told_and_makes_the_command_fail(run):
    code, said = run(GOOD + "A2,never,5\n", "--store", "xuhui")
    assert code == 1
    assert "rows=2 inserted=1 updated=0 skipped=0 failed=1" in said
    assert "3: “never” is not a date with a time. Write it as 2026-11-22 18:30.\n" in said


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("nothing", (), "There is no column for Order number"),
        ("Order number,Date,Amount\n", (), "no rows"),
        (GOOD, ("--store", "moon"), "no such store; there are: xuhui"),
    ],
)
def test_an_unusable_file_or_store_ends_with_two(run, content, arguments, message):
    with pytest.raises(CommandError, match=message) as end:
        run(content, *arguments)
    assert end.value.returncode == 2


def test_a_file_that_is_not_there_ends_with_two(tmp_path, db):
    with pytest.raises(CommandError, match="no such file") as end:
        call_command("import", "orders", str(tmp_path / "none.csv"))
    assert end.value.returncode == 2


def test_a_file_that_a_worker_took_first_is_left_to_it(run, monkeypatch):
    monkeypatch.setattr(ImportFile, "claim", lambda self: False)
    assert run(GOOD)[1].startswith("rows=0")


def test_the_worker_takes_what_waits(hand_in):
    hand_in(GOOD)
    tasks.look()
    assert Order.objects.count() == 1


def test_files_go_after_a_week_and_their_counts_stay(imported, time_machine, db):
    time_machine.move_to(datetime(2026, 11, 1, tzinfo=UTC), tick=False)
    job = imported(GOOD + "A2,never,5\n")
    kept = [job.file.path, job.bad_rows.path]
    staff = Staff.objects.create(username="m", role="manager")
    IdempotencyKey.objects.create(staff=staff, route="r", key="k", body_digest="", status=201, answer={})
    Session.objects.create(session_key="s", session_data="", expire_date=datetime(2026, 11, 3, tzinfo=UTC))
    time_machine.shift(6 * 86_400)
    tasks.tidy()
    job.refresh_from_db()
    assert (bool(job.file), IdempotencyKey.objects.count(), Session.objects.count()) == (True, 1, 0)
    time_machine.shift(25 * 86_400)
    tasks.tidy()
    job.refresh_from_db()
    assert not any(job.file.storage.exists(path) for path in kept)
    assert (job.rows, job.failed, job.file.name, job.bad_rows.name) == (2, 1, "", "")
    assert IdempotencyKey.objects.count() == 0
