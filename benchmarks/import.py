"""``python -m benchmarks.import``: how long a large file of order lines takes to import, and how much memory.

Writes a seeded CSV of order lines such as a till system exports (customers, refunds, lines without a customer), or
takes yours with ``--file``; imports it twice into a database of its own with ``manage.py import orders``, and prints
one line: ``import key=value …``. The second import finds every row there already.
"""

import argparse
import csv
import os
import random
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.processes import timed

LINES = 525_461
HEADINGS = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country")
START = datetime(2025, 1, 1, 8)  # noqa: DTZ001 - as files write it: without a zone


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.import", description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--file", type=Path, help="a file of your own instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as name:
        folder = Path(name)
        file = options.file or write(folder / "orders.csv", options.lines)
        figures = measure(folder / "data", file.resolve())
    print("import", *(f"{name}={value}" for name, value in figures.items()))
    return 0


def write(path: Path, lines: int) -> Path:
    """Write a file of about 18 lines an order, a fifth of them without a customer, 2 % of the orders given back."""
    chance = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADINGS)
        written, invoice, at = 0, 489_434, START
        while written < lines:
            invoice, at = invoice + 1, at + timedelta(seconds=chance.randrange(60, 1_200))
            sign = -1 if chance.random() < 0.02 else 1
            number = f"{'C' if sign < 0 else ''}{invoice}"
            customer = "" if chance.random() < 0.2 else chance.randrange(12_000, 17_000)
            for _ in range(min(chance.randrange(1, 36), lines - written)):
                item, quantity = chance.randrange(20_000, 24_000), sign * chance.randrange(1, 12)
                price = f"{chance.randrange(50, 2_000) / 100:.2f}"
                out.writerow(
                    (number, item, f"ITEM {item}", quantity, f"{at:%Y-%m-%d %H:%M:%S}", price, customer, "China")
                )
                written += 1
    return path


def measure(folder: Path, file: Path) -> dict[str, object]:
    os.environ |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
    os.environ.pop("DATABASE_URL", None)
    timed("manage.py", "migrate", "-v0")
    timed("manage.py", "shell", "-v0", "-c", "Store.objects.create(code='main', name_en='Main')")
    order = ("manage.py", "import", "orders", str(file), "--store", "main")
    seconds, processor, peak = timed(*order)
    again, _, again_peak = timed(*order)
    return {
        "file_mb": file.stat().st_size // 1_000_000,
        "seconds": seconds,
        "cpu_seconds": processor,
        "peak_mb": peak,
        "again_seconds": again,
        "again_peak_mb": again_peak,
    }


if __name__ == "__main__":
    raise SystemExit(main())
