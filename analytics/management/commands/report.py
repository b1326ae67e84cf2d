"""``manage.py report channels --start 2026-03-01 --end 2026-04-01 --out channels.xlsx``: the page's workbook."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from analytics import actions, reports
from analytics.filters import MODEL_NAMES
from attribution.errors import DomainError
from sheets.write import write_workbook


class Command(BaseCommand):
    help = "Write a report of the latest run as a workbook."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", choices=sorted(reports.REPORTS))
        parser.add_argument("--start", default="", help="first day, such as 2026-03-01")
        parser.add_argument("--end", default="", help="the first day that is not in the period any more")
        parser.add_argument("--store", default="", help="a store's code")
        parser.add_argument("--model", default="", help=", ".join(MODEL_NAMES))
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=list(dict(settings.LANGUAGES)))
        parser.add_argument("--out", required=True, type=Path, help="the workbook to write (.xlsx)")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                run = actions.latest_run()
            except DomainError as error:
                raise CommandError(str(error)) from error
            report = actions.find_report(options["report"])
            form = report.form({name: options[name] for name in ("start", "end", "store", "model")})
            if not form.is_valid():
                raise CommandError("; ".join(f"--{name}: {errors[0]}" for name, errors in form.errors.items()))
            built = reports.build(report, run, form.filters())
            try:
                write_workbook(built.workbook, options["out"])
            except OSError as error:
                raise CommandError(f"{options['out']}: {error.strerror}") from error
        self.stdout.write(f"{options['out']}: {built.workbook.title}, run {run.pk}")
