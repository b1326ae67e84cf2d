"""kill -9 in the middle: nothing is lost, and nothing is there twice."""

import shutil
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.journey.clients import Guest, Till
from tests.journey.shop import Shop, open_shop
from tests.stack import Stack, empty_redis
from tests.waiting import until

ROWS = 20_000  # four chunks
GUESTS, COUPONS = 24, 40
RECEIVE = """
from pathlib import Path
from attribution.customers.actions.files import receive_file
receive_file(kind="orders", path=Path({path!r}), name={name!r}, options={{}}, staff=None)
"""
PRINT_COUPONS = f"""
import json
from django.utils import timezone
from rest_framework.authtoken.models import Token
from attribution.coupons.actions import issue_coupon
from attribution.coupons.models import CouponBatch
from attribution.customers.models import Staff
from attribution.evidence.models import Channel
batch = CouponBatch.objects.create(
    name_en="Flyer", name_zh_hans="传单", face_value_minor=500, channel=Channel.objects.get(slug="douyin"))
token, _ = Token.objects.get_or_create(user=Staff.objects.get(username="clerk"))
codes = [issue_coupon(batch=batch, at=timezone.now()).code for _ in range({COUPONS})]
print(json.dumps([token.key, codes]))
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One stack for all of these tests: each leaves all its processes running."""
    with Stack(tmp_path_factory.mktemp("kills") / "stack") as stack:
        yield open_shop(stack)


# ── The worker ──────────────────────────────────────────────────────────────────────────────────────────────────────


def hand_in(stack: Stack, folder: Path, rows: int) -> tuple[str, str]:
    """Hand in a file of so many orders of 0.01, 0.02, … for the worker; return its name and its orders' prefix."""
    mark = uuid.uuid4().hex[:8]
    path = folder / f"{mark}.csv"
    lines = [f"{mark}-{n},徐汇店,2026-03-01 12:00,{n // 100}.{n % 100:02}" for n in range(1, rows + 1)]
    path.write_text("\n".join(["订单号,门店,下单时间,订单金额", *lines]), encoding="utf-8")
    stack.script(RECEIVE.format(path=str(path), name=path.name))
    return path.name, mark


def import_of(stack: Stack, name: str) -> dict[str, Any]:
    columns = "state, attempts, rows, inserted, updated, skipped, failed"
    (row,) = stack.ask(f"SELECT {columns} FROM customers_importfile WHERE name = '{name}'")
    return dict(zip(columns.split(", "), row, strict=True))


def is_done(stack: Stack, name: str) -> bool:
    return bool(import_of(stack, name)["state"] == "done")


def test_a_worker_killed_in_an_import_loses_no_order_and_writes_none_twice(shop: Shop, tmp_path: Path):
    stack = shop.stack
    name, mark = hand_in(stack, tmp_path, ROWS)

    until(lambda: import_of(stack, name)["inserted"] > 0, "the first chunk")
    stack.kill("worker")
    left = import_of(stack, name)
    stack.start("worker")

    assert left["state"] == "running"
    assert 0 < left["inserted"] < ROWS
    until(lambda: is_done(stack, name), "an end of the import", seconds=90)
    counted = {"rows": ROWS, "inserted": ROWS, "updated": 0, "skipped": 0, "failed": 0}
    assert import_of(stack, name) == {"state": "done", "attempts": 2, **counted}
    written = stack.ask(f"SELECT count(*), sum(amount_minor) FROM customers_order WHERE number LIKE '{mark}-%'")
    assert [tuple(map(int, row)) for row in written] == [(ROWS, 200_010_000)]  # 1 + 2 + … + 20,000


def test_a_worker_killed_in_a_run_leaves_it_to_the_next(shop: Shop):
    stack = shop.stack
    run, attempts = kill_in_a_run(stack)
    stack.start("worker")

    def ended() -> list[tuple[Any, ...]]:
        return stack.ask(f"SELECT attempts FROM runs_run WHERE id = {run} AND state = 'done'")

    assert until(ended, "an end of the run") == [(attempts + 1,)]
    until(lambda: stack.ask("SELECT count(*) FROM runs_stroke") == [(0,)], "a run that heard all")
    until(lambda: not list((stack.data_dir / "runs").glob("*.part*")), "an end of what dead workers left")


def kill_in_a_run(stack: Stack) -> tuple[int, int]:
    """Ring the bell until the worker is caught with a run under way, and kill it there; return the run."""
    sql = "SELECT id, attempts FROM runs_run WHERE state = 'running' AND progress > 0"

    def caught() -> tuple[Any, ...] | None:
        if stack.ask("SELECT count(*) FROM runs_run WHERE state IN ('waiting', 'running')") == [(0,)]:
            ring(stack)
        # A run says that it is done in the row that we hold: as long as we do, it is in the middle.
        with stack.database() as connection:
            connection.execute("BEGIN IMMEDIATE" if stack.is_sqlite else "BEGIN")
            row = connection.execute(sql if stack.is_sqlite else f"{sql} FOR UPDATE").fetchone()
            if row:
                stack.kill("worker")
            return tuple(row) if row else None

    run, attempts = until(caught, "a run in the middle")
    return run, attempts


def ring(stack: Stack) -> None:
    with stack.database() as connection:
        connection.execute("INSERT INTO runs_stroke (at) VALUES (CURRENT_TIMESTAMP)")
        if not stack.is_sqlite:
            connection.commit()


def test_an_emptied_broker_loses_no_work(shop: Shop, tmp_path: Path):
    stack = shop.stack
    stack.kill("worker")
    name, _mark = hand_in(stack, tmp_path, rows=10)

    empty_broker(stack)
    stack.start("worker")
    empty_broker(stack)

    until(lambda: is_done(stack, name), "an import that no message tells of")
    assert import_of(stack, name)["inserted"] == 10


def empty_broker(stack: Stack) -> None:
    if (url := stack.environment.get("BROKER_URL", "")).startswith("redis://"):
        empty_redis(url)
    else:
        shutil.rmtree(stack.data_dir / "broker")
        (stack.data_dir / "broker/queue").mkdir(parents=True)


# ── The site ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_killed_site_keeps_all_that_it_acknowledged_and_nothing_twice(shop: Shop):
    stack = shop.stack
    token, codes = stack.json(PRINT_COUPONS)
    before = count_all(stack)
    acknowledged: dict[str, str] = {}
    tills = [Till(stack.url, token, code, acknowledged) for code in codes]
    guests = [Guest(stack.url, shop.token, acknowledged) for _ in range(GUESTS)]

    with ThreadPoolExecutor(12) as people:
        doing = [people.submit(one.act) for one in interleaved(guests, tills)]
        until(lambda: len(acknowledged) >= 12, "the first answers")
        stack.kill("web")
        in_time = len(acknowledged)
        stack.start("web")
        for one in doing:
            one.result(timeout=90)

    assert in_time < GUESTS + COUPONS
    assert len(acknowledged) == GUESTS + COUPONS
    assert len(set(acknowledged.values())) == GUESTS + COUPONS
    grown = {name: count - before[name] for name, count in count_all(stack).items()}
    assert grown == {
        "responses": GUESTS, "thank-you coupons": GUESTS, "survey touches": GUESTS,
        "redemptions": COUPONS, "redeemed coupons": COUPONS, "orders": COUPONS,
    }  # fmt: skip


def interleaved(guests: list[Any], tills: list[Any]) -> list[Any]:
    people = [*guests, *tills]
    return people[::3] + people[1::3] + people[2::3]


def count_all(stack: Stack) -> dict[str, int]:
    counts = {
        "responses": "surveys_response WHERE received_at IS NOT NULL",
        "thank-you coupons": "coupons_coupon WHERE issued_to_id IS NOT NULL",
        "survey touches": "evidence_touchpoint WHERE kind = 'survey' AND retracted_at IS NULL",
        "redemptions": "coupons_redemption WHERE is_standing",
        "redeemed coupons": "(SELECT DISTINCT coupon_id FROM coupons_redemption WHERE is_standing) AS once",
        "orders": "customers_order WHERE number LIKE 'K-%'",
    }
    return {name: stack.ask(f"SELECT count(*) FROM {table}")[0][0] for name, table in counts.items()}
