"""Two at once: the same source, the same scan, the same form. Each guard has a control that shows what it prevents."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from attribution.evidence.actions import SpendValue, enter_spend, record_touch, record_visit, visits
from attribution.evidence.models import Spend, Touchpoint, TrackedLink, Visit

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DEVICE = "device-token-of-a-guest"
AT_ONCE = 8


def together(work: Callable[[], object]) -> list[BaseException]:
    """Run ``work`` in several threads, started at the same moment; return what went wrong in them."""
    barrier, wrong = threading.Barrier(AT_ONCE), []

    def run() -> None:
        try:
            barrier.wait()
            work()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@pytest.fixture
def record(customer: Any, channels: dict[str, Any]) -> Callable[[], Touchpoint]:
    return lambda: record_touch(
        customer=customer, channel=channels["douyin"], kind="survey", occurred_at=NOON, source_key="r", mapping_key="m"
    )


@pytest.fixture
def somebody_is_quicker(monkeypatch: pytest.MonkeyPatch, customer: Any, channels: dict[str, Any]) -> None:
    """The same source is recorded at the worst moment: after we looked, and before we write."""
    get = QuerySet.get

    def and_then_the_other(rows: QuerySet, *args: Any, **values: Any) -> Any:
        try:
            return get(rows, *args, **values)
        except Touchpoint.DoesNotExist:
            Touchpoint.objects.create(
                customer=customer, channel=channels["metro"], kind="survey", occurred_at=NOON, source_key="r"
            )
            raise

    monkeypatch.setattr(QuerySet, "get", and_then_the_other)


@pytest.fixture
def without_the_constraint(db: None) -> Iterator[None]:
    constraint = next(c for c in Touchpoint._meta.constraints if c.name == "touchpoint_source_once_standing")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Touchpoint, constraint)
    yield
    Touchpoint.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(Touchpoint, constraint)


def test_of_many_records_of_one_source_one_touch_stands(record: Callable[[], Touchpoint]) -> None:
    assert together(record) == []
    assert Touchpoint.objects.count() == 1


def test_who_comes_second_gets_the_touch_of_who_came_first(
    record: Callable[[], Touchpoint], somebody_is_quicker: None
) -> None:
    assert record() == Touchpoint.objects.get(channel__slug="metro")
    assert Touchpoint.objects.count() == 1


def test_the_control_without_the_constraint_two_would_stand(
    record: Callable[[], Touchpoint], without_the_constraint: None, somebody_is_quicker: None
) -> None:
    record()

    assert Touchpoint.objects.standing().count() == 2


def test_many_scans_of_one_device_at_once_are_one_visit(link: TrackedLink) -> None:
    assert together(lambda: record_visit(link=link, device=DEVICE, at=NOON)) == []
    assert Visit.objects.count() == 1


def test_the_control_without_lock_and_transaction_each_scan_would_count(
    link: TrackedLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_have_looked, create = threading.Barrier(AT_ONCE), QuerySet.create

    def when_all_have_looked(rows: QuerySet, **values: Any) -> Any:
        all_have_looked.wait()
        return create(rows, **values)

    monkeypatch.setattr(QuerySet, "create", when_all_have_looked)
    monkeypatch.setattr(visits, "_locked", lambda: TrackedLink.objects.select_related("channel", "campaign"))
    unguarded = record_visit.__wrapped__  # type: ignore[attr-defined]

    assert together(lambda: unguarded(link=link, device=DEVICE, at=NOON)) == []
    assert Visit.objects.count() == AT_ONCE


def test_a_form_sent_many_times_at_once_is_one_entry(channels: dict[str, Any]) -> None:
    value = SpendValue(channels["douyin"], date(2026, 3, 1), date(2026, 3, 1), 100_00)

    assert together(lambda: enter_spend(value=value, request_id="r1", staff=None)) == []
    assert Spend.objects.count() == 1
