"""``python -m benchmarks.run``: how long a run and the channel report of every model take, and where the time goes.

Fills a database of its own (SQLite in a temporary folder, or a PostgreSQL that lives as long as the measurement) with
three touches and four orders a customer. Then one worker process reads the database, judges first and all sales with
all models, and builds the channel report of the last year, intervals included, for each model in turn. Another process
makes the run that follows one new order. Wall seconds, processor seconds and peak megabytes are those of a process,
start of Python included; the server of PostgreSQL is apart.

Without arguments it also writes its tables to docs/benchmarks.md.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import filling, pages
from benchmarks.processes import ROOT, measured

SIZES = (10_000, 100_000, 1_000_000)
DATABASES = ("sqlite", "postgresql")
TOUCHES, ORDERS = 3, 4  # a customer
Part = tuple[float, float, int]  # wall seconds, processor seconds, peak megabytes up to its end
CLUSTER = str(ROOT / "deploy" / "cluster.sh")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--customers", nargs="+", type=int, default=SIZES)
    parser.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    parser.add_argument("--write", action="store_true", help="write the tables to docs/benchmarks.md")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--fill", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--work", choices=("first", "again"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill or options.work:
        import django

        django.setup()
        if options.fill:
            filling.fill(options.fill, options.fill * TOUCHES, options.fill * ORDERS)
        else:
            print(json.dumps(first_work() if options.work == "first" else work_again()))
        return 0
    if options.one:
        print(json.dumps(one(options.one)))
        return 0
    found = [(name, size, ask(name, size)) for name in options.databases for size in options.customers]
    tables = [totals(found), parts(found)]
    for lines in tables:
        print(*lines, "", sep="\n")
    if options.write or len(sys.argv) == 1:
        pages.write("run", tables)
    return 0


def ask(database: str, customers: int) -> dict[str, Any]:
    """Measure one size on one database, in a process that knows it from its environment."""
    command: tuple[str, ...] = (sys.executable, "-m", "benchmarks.run", f"--one={customers}")
    if database == "sqlite":
        os.environ.pop("DATABASE_URL", None)
    else:
        command = (CLUSTER, *command)
    found: dict[str, Any] = json.loads(measured(*command).output.splitlines()[-1])
    return found


def one(customers: int) -> dict[str, Any]:
    """Fill the database of the environment and do a worker's work on it."""
    with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
        filled = measured(sys.executable, "-m", "benchmarks.run", f"--fill={customers}")
        first, again = (
            measured(sys.executable, "-m", "benchmarks.run", f"--work={which}") for which in ("first", "again")
        )
        kept = sum(path.stat().st_size for path in Path(folder).rglob("*") if "runs" in path.parts and path.is_file())
    return {
        "filled": filled.seconds,
        "wall": first.seconds,
        "processor": first.processor,
        "peak_mb": first.peak_mb,
        "again": again.seconds,
        "kept_mb": kept // 2**20,
        "parts": json.loads(first.output.splitlines()[-1]),
        "parts_again": json.loads(again.output.splitlines()[-1]),
    }


def first_work() -> dict[str, Part]:
    """Do a run and its reports; return what each part took."""
    from analytics import reports
    from analytics.filters import MODEL_NAMES

    clock = Clock()
    run = _judged(clock)
    report = reports.get("channels")
    start, end = ((filling.NOW + timedelta(days=days)).date().isoformat() for days in (-365, 1))
    for place, model in enumerate(MODEL_NAMES):
        form = report.form({"start": start, "end": end, "model": model})
        assert form.is_valid(), form.errors
        with clock.part("reports of all others" if place else "report of the default model"):
            reports.build(report, run, form.filters())
    return clock.parts


def work_again() -> dict[str, Part]:
    """Do the run that follows one new order."""
    from attribution.customers.models import Customer, Order, Store

    clock = Clock()
    new = {"placed_at": datetime.now(UTC), "amount_minor": 1_000, "source": "import", "number": "new"}
    Order.objects.create(store=Store.objects.earliest("pk"), customer=Customer.objects.earliest("pk"), **new)
    _judged(clock)
    return clock.parts


def _judged(clock: "Clock") -> Any:
    from attribution import engine
    from attribution.runs import actions
    from attribution.runs.actions import judging

    names = {"engine": "judge first sales", "orders": "judge all sales"}
    judging.write_facts = clock.around(judging.write_facts, lambda *_, **__: "read the database")
    engine.judge = clock.around(engine.judge, lambda touches, conversions, out, **_: names[out.name])
    with clock.part("rest of the run"):
        actions.ask(now=True)
        run = actions.look()
    assert run is not None
    assert run.state == run.State.DONE, run.state
    return run


class Clock:
    """What each part took, without the parts within it, in the order in which they ended."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        wall, processor = time.monotonic(), time.process_time()
        inside = self._total()
        yield
        spent = (time.monotonic() - wall, time.process_time() - processor)
        within = [after - before for after, before in zip(self._total(), inside, strict=True)]
        known = self.parts.pop(name, (0.0, 0.0, 0))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.parts[name] = (known[0] + spent[0] - within[0], known[1] + spent[1] - within[1], peak)

    def _total(self) -> tuple[float, float]:
        return sum(part[0] for part in self.parts.values()), sum(part[1] for part in self.parts.values())

    def around(self, function: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
        """Return the function, whose every call is a part named by its arguments."""

        def clocked(*arguments: Any, **named: Any) -> Any:
            with self.part(name(*arguments, **named)):
                return function(*arguments, **named)

        return clocked


def totals(found: list[tuple[str, int, dict[str, Any]]]) -> list[str]:
    """One line a measurement; seconds for 100,000 customers show whether it grows in proportion."""
    heading = "database,customers,touches,orders,wall,processor,peak memory,wall for 100k customers,next run,files kept"
    rows = [
        [
            database,
            f"{size:,}",
            f"{size * TOUCHES:,}",
            f"{size * ORDERS:,}",
            f"{each['wall']:.1f} s",
            f"{each['processor']:.1f} s",
            f"{each['peak_mb']:,} MB",
            f"{each['wall'] / size * 100_000:.1f} s",
            f"{each['again']:.1f} s",
            f"{each['kept_mb']:,} MB",
        ]
        for database, size, each in found
    ]
    return pages.table(heading.split(","), rows)


def parts(found: list[tuple[str, int, dict[str, Any]]]) -> list[str]:
    """Where the time goes: a line a part, a column a measurement: wall (processor), peak of memory up to its end."""
    names = list(dict.fromkeys(name for *_, each in found for name in each["parts"]))
    heading = ["part", *(f"{database}, {size:,}" for database, size, _ in found)]
    rows = [[name, *(_part(each["parts"].get(name)) for *_, each in found)] for name in names]
    start = ["start of Python and Django"]
    start += [f"{each['wall'] - sum(part[0] for part in each['parts'].values()):.1f} s" for *_, each in found]
    again = [
        [f"next run: {name}", *(_part(each["parts_again"].get(name)) for *_, each in found)]
        for name in found[0][2]["parts_again"]
    ]
    return pages.table(heading, [start, *rows, *again])


def _part(figures: Part | None) -> str:
    return f"{figures[0]:.1f} s ({figures[1]:.1f} s), {figures[2]:,} MB" if figures else "—"


if __name__ == "__main__":
    raise SystemExit(main())
