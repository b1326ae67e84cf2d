"""``python -m benchmarks.report``: how long a run and a channel report take on a big shop, and how much memory.

Fills a database of its own in a temporary folder, then starts ``manage.py attribute`` and ``manage.py report channels``
as processes of their own, and prints one line: ``report key=value …``. Wall seconds, processor seconds and peak
megabytes are those of the processes, start of Python included.
"""

import argparse
import os
import sys
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np

from benchmarks.processes import timed

ROOT = Path(__file__).resolve().parent.parent
CHANNELS = ("douyin", "xiaohongshu", "meituan", "wechat", "dianping", "metro", "lifts", "friends", "walkby")
KINDS = ("survey", "coupon", "link", "referral", "import")
DAYS = 730
NOW = datetime.now(UTC).replace(microsecond=0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--touches", type=int, default=300_000)
    parser.add_argument("--orders", type=int, default=400_000)
    parser.add_argument("--data-dir", type=Path, help="fill this empty folder and keep it")
    parser.add_argument("--only-fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only_fill:
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


def fill(customers: int, touches: int, orders: int) -> None:
    """Make a shop: small tables row by row, the big ones straight into the database."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    rng = np.random.default_rng(1)
    with transaction.atomic():
        channel_ids, store_ids = _small_tables()
        _big_tables(rng, channel_ids, store_ids, customers, touches, orders)


def _small_tables() -> tuple[list[int], list[int]]:
    from attribution.customers.models import Store
    from attribution.evidence.models import Channel, Spend

    stores = [Store.objects.create(code=f"store-{n}", name_en=f"Store {n}") for n in range(1, 7)]
    channels = [
        Channel.objects.create(slug=slug, name_en=slug.title(), position=place) for place, slug in enumerate(CHANNELS)
    ]
    first = (NOW - timedelta(days=DAYS)).date()
    for channel in channels[:7]:
        for month in range(DAYS // 30):
            day = first + timedelta(days=30 * month)
            Spend.objects.create(
                channel=channel,
                first_day=day,
                last_day=day + timedelta(days=29),
                amount_minor=1_000_003 + month,
                source_key=f"bench:{channel.slug}:{month}",
            )
    return [channel.pk for channel in channels], [store.pk for store in stores]


def _big_tables(rng: Any, channels: list[int], stores: list[int], customers: int, touches: int, orders: int) -> None:
    came = rng.integers(0, DAYS * 86_400, customers)  # seconds before now of each customer's first order
    ids = range(1, customers + 1)
    insert("customers_customer", "id uuid joined_at", zip(ids, _uuids(customers), _moments(came), strict=True))
    buyer = np.concatenate([np.arange(customers), rng.integers(0, customers, orders - customers)])
    since = np.concatenate([np.zeros(customers), rng.exponential(60 * 86_400, orders - customers)])
    insert(
        "customers_order",
        "kind number placed_at amount_minor discount_minor source is_provisional content_digest customer_id store_id",
        zip(
            np.where(rng.random(orders) < 0.02, "refund", "sale").tolist(),
            (f"B{n}" for n in range(orders)),
            _moments(np.maximum(came[buyer] - since, 0)),
            rng.integers(800, 6_000, orders).tolist(),
            [0] * orders,
            ["import"] * orders,
            [False] * orders,
            [""] * orders,
            # One order in five is nobody's, but none of the first.
            [int(b) + 1 if n < customers or n % 5 else None for n, b in enumerate(buyer)],
            rng.choice(stores, orders).tolist(),
            strict=True,
        ),
    )
    who = rng.integers(0, customers, touches)
    before = rng.exponential(12 * 86_400, touches)
    insert(
        "evidence_touchpoint",
        "kind occurred_at source_key mapping_key recorded_at channel_id customer_id",
        zip(
            rng.choice(KINDS, touches, p=[0.4, 0.2, 0.3, 0.05, 0.05]).tolist(),
            moments := _moments(came[who] + before),
            (f"bench:{n}" for n in range(touches)),
            ["bench"] * touches,
            moments,
            rng.choice(channels, touches).tolist(),
            (who + 1).tolist(),
            strict=True,
        ),
    )


def _moments(seconds_ago: Any) -> list[str]:
    moments = np.datetime64(NOW.replace(tzinfo=None), "s") - np.asarray(seconds_ago).astype("timedelta64[s]")
    return np.char.replace(np.datetime_as_string(moments), "T", " ").tolist()


def _uuids(count: int) -> list[str]:
    return [uuid.uuid4().hex for _ in range(count)]


def insert(table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows without an object for each."""
    from django.db import connection

    names = columns.split()
    places = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", cast(Any, rows))


if __name__ == "__main__":
    sys.exit(main())
