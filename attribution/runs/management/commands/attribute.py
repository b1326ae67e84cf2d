"""manage.py attribute: judge all evidence once, here and now, and print the channel table; or a kept run once more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from attribution.engine import MODELS, ModelError
from attribution.engine.models import AUTO, Order
from attribution.money import format_money
from attribution.runs import actions, showing
from attribution.runs.models import Recomputation, Run
from attribution.runs.results import RunResults


class Command(BaseCommand):
    help = "Judge all evidence once, in the foreground, and print the channel table."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model", choices=sorted(MODELS), help="without it, the run's best: evidence if it can be")
        parser.add_argument(
            "--order", choices=["1", "2", "3", AUTO], default=AUTO, help="of markov: how many touches a state holds"
        )
        parser.add_argument(
            "--full", action="store_true", help="read everything again, even what has not changed since the last run"
        )
        parser.add_argument("--recompute", type=int, metavar="N", help="judge what run N read again, and compare")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["recompute"] is not None:
            self._recompute(options["recompute"])
            return
        run = self._judge(whole=options["full"])
        if run.state != Run.State.DONE:
            raise CommandError(_("The run failed: %(code)s") % {"code": run.error_code})
        self._print(run, options["model"], options["order"])

    def _judge(self, *, whole: bool) -> Run:
        waiting = actions.ask(now=True)
        if waiting is None or Run.objects.is_judging() or not waiting.claim():
            raise CommandError(_("A worker has just taken up this run; see the page Runs."))
        return actions.execute(waiting, whole=whole)

    def _print(self, run: Run, model: str | None, order: str) -> None:
        judgement = RunResults(run).judgement
        name = model or judgement.default_model
        kind = MODELS[name]
        chosen: Order = kind.orders[0] if len(kind.orders) == 1 else (order if order == AUTO else int(order))
        try:
            values = judgement.summary(name, order=chosen)["value"].to_pylist()
            rows = judgement.intervals(name, order=chosen).to_pylist()
        except ModelError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{'channel':<24}{'customers':>12}{'value':>20}{'low':>12}{'high':>12}")
        for row, value in zip(rows, values, strict=True):
            ends = f"{row['low']:>12.1f}{row['high']:>12.1f}"
            self.stdout.write(f"{row['channel']:<24}{row['customers']:>12.1f}{format_money(round(value)):>20}{ends}")
        total = sum(row["customers"] for row in rows)
        used = judgement.used(name)
        stands = name if used == name else f"{name} ({used})"
        self.stdout.write(f"{'':<24}{total:>12.1f}   {stands}, run {run.pk}, {run.seconds} s")

    def _recompute(self, number: int) -> None:
        run = Run.objects.filter(pk=number).first()
        if run is None:
            raise CommandError(_("There is no run %(number)s.") % {"number": number})
        try:
            asked = actions.ask_again(run=run)
        except actions.NotThere as error:
            raise CommandError(str(error)) from error
        if not asked.claim():
            raise CommandError(_("A worker has just taken up this run; see the page Runs."))
        self._tell(actions.recompute(asked))

    def _tell(self, again: Recomputation) -> None:
        run = again.run
        if again.code_version != run.code_version:
            words = _("The run was judged by the engine %(then)s, this was done by %(now)s.")
            self.stdout.write(words % {"then": run.code_version, "now": again.code_version})
        if again.is_same:
            self.stdout.write(_("Every number of run %(number)s is the same.") % {"number": run.pk})
            return
        for name in (*again.findings["facts"], *again.findings["altered"], *again.findings["files"]):
            self.stdout.write(name)
        for row in showing.differences(again):
            self.stdout.write(f"{row.model!s:<28}{row.channel:<24}{row.then:>16}{row.now:>16}")
        raise CommandError(_("Not every number of run %(number)s is the same.") % {"number": run.pk})
