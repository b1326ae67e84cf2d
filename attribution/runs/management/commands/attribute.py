"""manage.py attribute: judge all evidence once, here and now, and print the channel table."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from attribution.engine import MODELS
from attribution.money import format_money
from attribution.runs import actions
from attribution.runs.models import Run
from attribution.runs.results import RunResults


class Command(BaseCommand):
    help = "Judge all evidence once, in the foreground, and print the channel table."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model", choices=sorted(MODELS), default="precedence")

    def handle(self, *args: Any, **options: Any) -> None:
        run = self._judge()
        if run.state != Run.State.DONE:
            raise CommandError(_("The run failed: %(code)s") % {"code": run.error_code})
        self._print(run, options["model"])

    def _judge(self) -> Run:
        waiting = actions.ask(now=True)
        if waiting is None or not waiting.claim():
            raise CommandError(_("A worker has just taken up this run; see the page Runs."))
        return actions.execute(waiting)

    def _print(self, run: Run, model: str) -> None:
        table = RunResults(run).judgement.summary(model).to_pylist()
        self.stdout.write(f"{'channel':<24}{'customers':>12}{'value':>20}")
        for row in table:
            value = format_money(round(row["value"]))
            self.stdout.write(f"{row['channel']:<24}{row['customers']:>12.1f}{value:>20}")
        total = sum(row["customers"] for row in table)
        self.stdout.write(f"{'':<24}{total:>12.1f}   {model}, run {run.pk}, {run.seconds} s")
