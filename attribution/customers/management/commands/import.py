"""``manage.py import orders|spend FILE``: the import page's work, here and now."""  # noqa: N999 - Django names commands by their files

import argparse
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from attribution.customers.actions.files import receive_file
from attribution.customers.imports.contract import REGISTRY, importer_for
from attribution.customers.imports.messages import BadFile, tell
from attribution.customers.imports.work import work
from attribution.customers.models import ImportFile, Store

SOME_FAILED, UNUSABLE = 1, 2


class Command(BaseCommand):
    help = "Import orders or advertising spend from a CSV or Excel file. Exit code 1 if a row failed, 2 if the file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(REGISTRY))
        parser.add_argument("file", type=Path)
        parser.add_argument("--store", default="", help="code of the store, for a file that names none")
        parser.add_argument("--dry-run", action="store_true", help="check every row and write nothing")
        parser.add_argument(
            "--language", default=settings.LANGUAGE_CODE, choices=[code for code, _ in settings.LANGUAGES]
        )

    def handle(self, *, kind: str, file: Path, store: str, dry_run: bool, language: str, **_: Any) -> None:
        if not file.is_file():
            raise CommandError(f"{file}: no such file", returncode=UNUSABLE)
        if store and not Store.objects.filter(code=store).exists():
            known = ", ".join(Store.objects.values_list("code", flat=True))
            raise CommandError(f"--store {store}: no such store; there are: {known}", returncode=UNUSABLE)
        with translation.override(language):
            try:
                options = {"store": store, "language": language}
                job = receive_file(
                    kind=kind, path=file, name=file.name, options=options, staff=None, is_dry_run=dry_run
                )
            except BadFile as error:
                raise CommandError(str(error), returncode=UNUSABLE) from error
            self.work(job)

    def work(self, job: ImportFile) -> None:
        if job.claim():  # a worker that runs beside us may have been quicker; then it is being done there
            work(job)
        job.refresh_from_db()
        if job.state == ImportFile.State.FAILED:
            raise CommandError(tell(job.error_code, job.error_params), returncode=UNUSABLE)
        names = ("rows", "inserted", "updated", "skipped", "failed")
        self.stdout.write(" ".join(f"{name}={getattr(job, name)}" for name in names))
        labels = importer_for(job.kind).remarks
        for code, count in job.report.get("remarks", {}).items():
            self.stdout.write(f"{labels.get(code, code)}: {count}")
        for number, reason in job.report.get("first", []):
            self.stdout.write(f"{number}: {reason}")
        if job.failed:
            self.stdout.write(job.bad_rows.path)
            sys.exit(SOME_FAILED)
