"""manage.py load_demo: fill an empty database with the demo shop."""

from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.demo.load import TRUTH, load_demo
from analytics.demo.setup import make_logins
from attribution.customers.models import Customer, Staff, Store
from attribution.evidence.models import Channel


class Command(BaseCommand):
    help = "Fill an empty database with a simulated bubble-tea chain of six stores and nine channels."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customers", type=int, default=3000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--until", type=date.fromisoformat, help="last day of the history; default: yesterday")
        parser.add_argument("--if-empty", action="store_true", help="do nothing, without an error, if there is a shop")

    def handle(self, *args: Any, **options: Any) -> None:
        if any(model.objects.exists() for model in (Store, Channel, Customer, Staff)):
            if options["if_empty"]:
                return
            raise CommandError("There is a shop in this database already; the demo shop needs an empty one.")
        if not 1 <= options["customers"] <= 3_000_000:
            raise CommandError("--customers: from 1 to 3000000.")
        until = options["until"] or timezone.localdate(timezone=settings.BUSINESS_ZONE) - timedelta(days=1)
        folder = Path(settings.DATA_DIR) / "demo"
        counts = load_demo(customers=options["customers"], seed=options["seed"], until=until, truth=folder / TRUTH)
        lines = [f"{name:<10}{password}" for name, password in make_logins().items()]
        (folder / "logins.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / "logins.txt").chmod(0o600)
        told = ", ".join(f"{rows} {name}" for name, rows in counts.items())
        self.stdout.write(f"Loaded the demo shop: {told}.")
