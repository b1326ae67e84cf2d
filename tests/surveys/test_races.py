"""Twenty at once. Each race has a control that shows the guard is what holds."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from attribution.coupons.models import Coupon
from attribution.evidence.models import Touchpoint
from surveys.actions import publish_version, record_response, responses
from surveys.models import Placement, PlacementDay, Response, Survey

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
AT_ONCE = 20


def at_once(act: Callable[[], Any]) -> list[Any]:
    """Do it in twenty threads that start together; return what each one got."""
    barrier, results = threading.Barrier(AT_ONCE), []

    def one() -> None:
        barrier.wait(10)
        try:
            results.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.fixture
def no_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every one of the twenty believes that it is the first: only the last guard is left."""
    monkeypatch.setattr(Response, "is_submitted", False)


def test_twenty_submissions_of_one_response_are_one_response_and_one_coupon(
    placement: Placement, answered: Callable[..., Any], reward: Any
) -> None:
    reward.stock = 100
    reward.save()
    answer = answered(phone="13800138000")

    got = at_once(lambda: record_response(placement=placement, answered=answer))

    assert {response.coupon_id for response in got} == {Coupon.objects.get().pk}
    assert len(got) == AT_ONCE
    assert (Response.objects.count(), Touchpoint.objects.count()) == (1, 1)
    assert PlacementDay.objects.values_list("impressions", "starts", "finishes").get() == (1, 1, 1)


def test_the_conditional_update_alone_holds(
    placement: Placement, answered: Callable[..., Any], reward: Any, no_first_look: None
) -> None:
    answer = answered(device=None)

    at_once(lambda: record_response(placement=placement, answered=answer))

    assert (Coupon.objects.count(), Response.objects.get().customer_id is not None) == (1, True)
    reward.refresh_from_db()
    assert reward.issued_count == 1


def test_control_without_the_guard_one_response_gets_many_coupons(
    placement: Placement, answered: Callable[..., Any], reward: Any, no_first_look: None, monkeypatch: Any
) -> None:
    reward.stock = 100
    reward.save()
    monkeypatch.setattr(responses, "_finish", lambda row, values: Response.objects.filter(pk=row.pk).update(**values))
    monkeypatch.setattr(responses, "touch_of", lambda *_: None)
    answer = answered()

    at_once(lambda: record_response(placement=placement, answered=answer))

    assert Coupon.objects.count() == AT_ONCE


def test_twenty_guests_share_three_coupons(placement: Placement, answered: Callable[..., Any], reward: Any) -> None:
    at_once(lambda: record_response(placement=placement, answered=answered(device=None)))

    assert Response.objects.filter(received_at__isnull=False).count() == AT_ONCE
    assert Response.objects.filter(coupon__isnull=False).count() == Coupon.objects.count() == 3


def test_twenty_versions_get_twenty_numbers(survey: Survey, definition: Any) -> None:
    at_once(lambda: publish_version(survey=survey, definition=definition))

    assert sorted(survey.versions.values_list("number", flat=True)) == list(range(1, 22))
