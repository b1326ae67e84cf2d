"""``manage.py report channels --start 2026-03-01 --end 2026-04-01 --out channels.xlsx``: the page's workbook."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from analytics import actions, reports
from analytics.filters import MODEL_NAMES, ORDER_NAMES
from attribution.errors import DomainError
from attribution.runs.models import Run
from sheets.write import write_workbook

ASKED = ("start", "end", "store", "model", "order", "channel", "heard")


class Command(BaseCommand):
    help = "Write a report of the latest run as a workbook."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", choices=sorted(reports.REPORTS))
        parser.add_argument("--start", default="", help="first day, such as 2026-03-01")
        parser.add_argument("--end", default="", help="the first day that is not in the period any more")
        parser.add_argument("--store", default="", help="a store's code")
        parser.add_argument("--model", default="", help=", ".join(MODEL_NAMES))
        parser.add_argument("--order", default="", help=f"of markov: {', '.join(ORDER_NAMES)}")
        parser.add_argument("--channel", default="", help="of customers: the channel that they are credited to")
        parser.add_argument("--heard", default="", help="of customers: what was heard, such as survey:metro")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=list(dict(settings.LANGUAGES)))
        parser.add_argument("--out", required=True, type=Path, help="the workbook to write (.xlsx)")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                run, built = self._built(options)
            except DomainError as error:
                raise CommandError(str(error)) from error
            try:
                write_workbook(built.workbook, options["out"])
            except OSError as error:
                raise CommandError(f"{options['out']}: {error.strerror}") from error
        self.stdout.write(f"{options['out']}: {built.workbook.title}, run {run.pk}")

    @staticmethod
    def _built(options: dict[str, Any]) -> tuple[Run, reports.Built]:
        run, report = actions.latest_run(), actions.find_report(options["report"])
        form = report.form({name: options[name] for name in ASKED})
        if not form.is_valid():
            raise CommandError("; ".join(f"--{name}: {errors[0]}" for name, errors in form.errors.items()))
        return run, reports.build(report, run, form.filters(), is_whole=True)
