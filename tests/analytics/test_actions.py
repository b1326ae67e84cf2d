"""Report files: asked for, built, built again, tidied away."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from analytics import actions, reports, tasks
from analytics.filters import ReportForm
from analytics.models import ReportFile
from attribution.runs import actions as runs
from tests.analytics.conftest import MARCH


def asked(run, **values):
    form = ReportForm(MARCH)
    assert form.is_valid()
    given = {"report": reports.get("channels"), "run": run, "filters": form.filters(), "language": "en", "staff": None}
    return actions.request_report(**(given | values))


def states():
    return sorted(ReportFile.objects.values_list("state", flat=True))


def test_a_second_click_is_the_same_workbook_and_another_language_another(run):
    first = asked(run)

    assert asked(run) == first
    assert asked(run, language="zh-hans") != first


def test_the_worker_builds_all_that_waits(run):
    asked(run)
    asked(run, language="zh-hans")

    tasks.look()

    assert states() == ["done", "done"]
    assert all(default_storage.exists(row.file.name) for row in ReportFile.objects.all())
    assert set(ReportFile.objects.values_list("progress", flat=True)) == {100}


def test_a_workbook_whose_worker_died_is_built_again_into_the_same_file(run):
    row = asked(run)
    actions.look()
    ReportFile.objects.update(state="running", lease_until=timezone.now() - timedelta(seconds=1))

    actions.look()

    row.refresh_from_db()
    assert (row.state, row.file.name) == ("done", f"reports/{row.uuid}.xlsx")
    assert default_storage.listdir("reports")[1] == [f"{row.uuid}.xlsx"]


def test_a_workbook_of_a_run_whose_files_are_gone_fails_and_says_why(run):
    row = asked(run)
    run.pruned_at = timezone.now()
    run.save()

    actions.look()

    row.refresh_from_db()
    assert (row.state, row.error_code) == ("failed", "run_gone")


def test_a_workbook_of_a_store_that_is_gone_fails_and_says_why(run):
    row = asked(run)
    ReportFile.objects.update(filters=MARCH | {"store": "atlantis"})

    actions.look()

    row.refresh_from_db()
    assert (row.state, row.error_code) == ("failed", "filters_gone")
    assert asked(run) != row  # asked again, it is tried again


def test_an_unforeseen_error_is_written_on_the_row(run, monkeypatch):
    row = asked(run)
    monkeypatch.setattr(actions, "write_workbook", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        actions.look()

    row.refresh_from_db()
    assert (row.state, row.error_code) == ("failed", "report_failed")


def test_workbooks_are_removed_after_a_week(run):
    old, new = asked(run), asked(run, language="zh-hans")
    never_built = asked(run, language="xx")
    actions.build_report(claimed(old))
    ReportFile.objects.exclude(pk=new.pk).update(requested_at=timezone.now() - timedelta(days=7, seconds=1))

    assert ReportFile.remove_old() == 2
    assert list(ReportFile.objects.all()) == [new]
    assert not default_storage.exists(f"reports/{old.uuid}.xlsx")
    assert never_built.file.name == ""


def claimed(row):
    assert row.claim()
    return row


def test_a_file_name_is_safe_in_both_languages(run, settings):
    settings.BUSINESS_NAME = "Tea/House: “Nº 1”"

    name = actions.file_name(asked(run, language="zh-hans"))

    assert name.startswith("Tea_House_ _Nº 1_-")
    assert name.endswith("-2026-03-01-2026-04-01.xlsx")


def test_the_worker_joins_what_all_reports_of_a_run_need_before_anybody_waits_for_it(run):
    kept = run.folder / "measured"
    tasks.look()
    files = sorted(kept.iterdir())
    assert [file.name.split("-")[0] for file in files] == ["bought", "meetings"]
    before = [file.stat().st_mtime_ns for file in files]

    tasks.look()
    form = ReportForm(MARCH | {"model": "linear"})
    assert form.is_valid()
    built = reports.build(reports.get("channels"), run, form.filters())

    assert sorted(kept.iterdir()) == files
    assert [file.stat().st_mtime_ns for file in files] == before
    assert built.tables[0].totals[3] == 3


def test_a_run_that_judged_nobody_is_prepared_too(transactional_db):
    asked = runs.ask(now=True)
    assert asked.claim()

    tasks.look()  # nothing is done yet
    done = runs.execute(asked)
    tasks.look()

    assert len(list((done.folder / "measured").iterdir())) == 2


def test_before_there_is_a_run_the_worker_finds_nothing_to_do(db):
    tasks.look()

    assert states() == []
