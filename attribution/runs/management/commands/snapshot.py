"""manage.py snapshot --check: prove on the shop's own data that a run which reads only what changed misses nothing."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from attribution.runs.snapshot import check_facts


class Command(BaseCommand):
    help = "Read what the next run would read, and everything as well, from one state of the database; compare them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        # Where the runs lie, so that unchanged parts are linked and take no room.
        runs = Path(settings.SNAPSHOT_DIR)
        runs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=runs, prefix="check-") as folder:
            written, differs = check_facts(Path(folder), lambda done, total: None)
        self.stdout.write(f"{'fact':<20}{'rows':>12}{'parts read':>12}{'taken over':>12}")
        for name, one in written.items():
            said = f"   differs: {', '.join(map(str, differs[name]))}" if name in differs else ""
            self.stdout.write(f"{name:<20}{one.rows:>12}{one.read:>12}{one.kept:>12}{said}")
        if differs:
            raise CommandError(
                _("What would be taken over is not what stands in the database. Run “manage.py attribute --full”.")
            )
        self.stdout.write(_("What the next run takes over is what it would read."))
