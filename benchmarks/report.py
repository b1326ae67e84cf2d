"""``python -m benchmarks.report``: how long a run and a channel report take on a big shop, and how much memory.

Fills a database of its own in a temporary folder, then starts ``manage.py attribute`` and ``manage.py report channels``
as processes of their own, and prints one line: ``report key=value …``. Wall seconds, processor seconds and peak
megabytes are those of the processes, start of Python included.
"""

import argparse
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from benchmarks.filling import NOW, fill
from benchmarks.processes import timed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--touches", type=int, default=300_000)
    parser.add_argument("--orders", type=int, default=400_000)
    parser.add_argument("--data-dir", type=Path, help="fill this empty folder and keep it")
    parser.add_argument("--only-fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only_fill:
        import django

        django.setup()
        fill(options.customers, options.touches, options.orders)
        return 0
    with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as folder:
        figures = measure(options.data_dir or Path(folder), options.customers, options.touches, options.orders)
    print("report", *(f"{name}={value}" for name, value in figures.items()))
    return 0


def measure(folder: Path, customers: int, touches: int, orders: int) -> dict[str, object]:
    """Fill the shop, judge it, write its workbook."""
    os.environ |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
    os.environ.pop("DATABASE_URL", None)
    # In a process of its own: a child's peak memory is never less than its parent's.
    sizes = (f"--customers={customers}", f"--touches={touches}", f"--orders={orders}")
    filled, *_ = timed("-m", "benchmarks.report", "--only-fill", *sizes)
    start, end = (NOW - timedelta(days=365)).date().isoformat(), (NOW + timedelta(days=1)).date().isoformat()
    book = folder / "channels.xlsx"
    run_seconds, run_cpu, run_mb = timed("manage.py", "attribute")
    report = ("manage.py", "report", "channels", "--start", start, "--end", end, "--out", str(book))
    book_seconds, book_cpu, book_mb = timed(*report)
    return {
        "customers": customers,
        "touches": touches,
        "orders": orders,
        "fill_seconds": filled,
        "run_seconds": run_seconds,
        "run_cpu_seconds": run_cpu,
        "run_peak_mb": run_mb,
        "workbook_seconds": book_seconds,
        "workbook_cpu_seconds": book_cpu,
        "workbook_peak_mb": book_mb,
        "workbook_kb": book.stat().st_size // 1000,
    }


if __name__ == "__main__":
    sys.exit(main())
