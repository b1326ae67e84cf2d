"""Asking for a report's workbook, building it in the worker, and tidying up. The only writers of report files."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from analytics import reports
from analytics.errors import NoRunYet, UnknownReport
from analytics.filters import Filters
from analytics.judged import prepare
from analytics.models import ReportFile
from attribution.jobs import wake
from attribution.runs.models import Run
from sheets.write import write_workbook

REUSED = timedelta(minutes=5)  # a second click; later, names may have been changed in the back office
STEPS = 100  # of the progress bar: computing is the first half


def find_report(key: str) -> reports.Report:
    """Return a registered report; raise :class:`UnknownReport` if there is none of this name."""
    if key not in reports.REPORTS:
        raise UnknownReport(field="report", report=key[:40])
    return reports.get(key)


def latest_run() -> Run:
    """Return the run whose numbers are shown; raise :class:`NoRunYet` before there is one."""
    run = Run.objects.latest_done()
    if run is None:
        raise NoRunYet
    return run


@transaction.atomic
def request_report(*, report: reports.Report, run: Run, filters: Filters, language: str, staff: Any) -> ReportFile:
    """Ask the worker for a workbook; the same question to the same run, soon after, is answered by one file."""
    asked = {"report": report.key, "run": run, "filters": filters.to_query(), "language": language, "asked_by": staff}
    same = ReportFile.objects.filter(**asked).exclude(state=ReportFile.State.FAILED)
    row = same.filter(requested_at__gte=timezone.now() - REUSED).order_by("-pk").first()
    if row is None:
        row = ReportFile.objects.create(**asked)
        wake("analytics.look")
    return row


def look() -> None:
    """Build what waits, one after the other, remove what nobody needs any more, prepare the newest run's reports."""
    while (row := ReportFile.objects.claim_next()) is not None:
        build_report(row)
    ReportFile.remove_old()
    run = Run.objects.latest_done()
    if run is not None:
        prepare(run)


def build_report(row: ReportFile) -> None:
    """Build the workbook of a claimed row. Done twice, since its first worker died, it writes the same file again."""
    with row.failing_as("report_failed"), row.kept_alive(), translation.override(row.language):
        report = find_report(row.report)
        form = report.form(row.filters)
        if row.run.pruned_at is not None or not form.is_valid():
            row.fail("run_gone" if row.run.pruned_at else "filters_gone")
            return
        row.renew(STEPS // 10, STEPS)
        built = reports.build(report, row.run, form.filters(), is_whole=True)
        row.renew(STEPS // 2)
        with tempfile.TemporaryDirectory(prefix="wanamaker-") as folder:
            path = Path(folder) / "report.xlsx"
            write_workbook(built.workbook, path)
            with path.open("rb") as file:
                row.finish(file=row.store(f"reports/{row.uuid}.xlsx", file), progress=STEPS)


def file_name(row: ReportFile) -> str:
    """Return the name under which a workbook is saved: readable in its language, safe on every file system."""
    with translation.override(row.language):
        title = str(find_report(row.report).title)
    words = [settings.BUSINESS_NAME, title, row.filters["start"], row.filters["end"]]
    return (
        "-".join("".join(sign if sign.isalnum() or sign in " -_" else "_" for sign in word) for word in words) + ".xlsx"
    )
