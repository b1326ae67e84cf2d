"""Files as staff hand them in, imported at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attribution.customers.actions.files import receive_file
from attribution.customers.imports.work import work
from attribution.customers.models import ImportFile, Order


@pytest.fixture
def hand_in(tmp_path: Path, store: Any) -> Callable[..., ImportFile]:
    """Hand in a text (UTF-8) or bytes as a file of orders of ``store``; the row that waits comes back."""

    def receive(
        content: str | bytes,
        *,
        name: str = "orders.csv",
        is_dry_run: bool = False,
        kind: str = "orders",
        **options: Any,
    ) -> ImportFile:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        options = {"store": store.code, "language": "en"} | options
        return receive_file(kind=kind, path=path, name=name, options=options, staff=None, is_dry_run=is_dry_run)

    return receive


@pytest.fixture
def imported(hand_in: Callable[..., ImportFile]) -> Callable[..., ImportFile]:
    """Hand a file in and work it to its end."""

    def run(content: str | bytes, **how: Any) -> ImportFile:
        job = hand_in(content, **how)
        assert job.claim()
        work(job)
        job.refresh_from_db()
        return job

    return run


def counts(job: ImportFile) -> tuple[int, int, int, int]:
    """Return inserted, updated, skipped and failed, which together are all rows."""
    assert job.state == "done", (job.error_code, job.error_params)
    assert job.rows == job.inserted + job.updated + job.skipped + job.failed == job.progress
    return job.inserted, job.updated, job.skipped, job.failed


def reasons(job: ImportFile) -> dict[int, str]:
    return dict(job.report.get("first", []))


def table() -> dict[str, tuple[str, int, int]]:
    """Return all orders: number → kind, amount, lines."""
    return {order.number: (order.kind, order.amount_minor, order.lines.count()) for order in Order.objects.all()}
