from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from attribution.customers.actions import resolve_customer
from attribution.evidence.actions import adopt_visits, correct_link_channel, record_visit, retract_touch
from attribution.evidence.models import Touchpoint, TrackedLink, Visit

pytestmark = pytest.mark.django_db
DEVICE = "device-token-of-a-guest"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def later(**by: float) -> datetime:
    return NOON + timedelta(**by)


def test_a_visit_of_an_unknown_device_is_no_touch_yet(link: TrackedLink, bell: list[None]) -> None:
    visit = record_visit(link=link, device=DEVICE, at=NOON)

    assert Visit.objects.get() == visit
    assert not Touchpoint.objects.exists()
    assert len(bell) == 1


def test_the_device_is_kept_as_a_digest_only(link: TrackedLink) -> None:
    record_visit(link=link, device=DEVICE, at=NOON)

    digest = Visit.objects.get().device_digest
    assert DEVICE not in digest
    assert len(digest) == 64


def test_visits_become_touches_at_their_own_time_when_the_device_answers(link: TrackedLink, customer: Any) -> None:
    record_visit(link=link, device=DEVICE, at=NOON)
    record_visit(link=link, device=DEVICE, at=later(days=2))
    record_visit(link=link, device="somebody-elses-device", at=NOON)

    assert adopt_visits(customer=customer, device=DEVICE) == 2

    touches = Touchpoint.objects.order_by("occurred_at")
    assert [(t.kind, t.channel.slug, t.customer, t.occurred_at, t.mapping_key) for t in touches] == [
        ("link", "metro", customer, NOON, link.mapping_key),
        ("link", "metro", customer, later(days=2), link.mapping_key),
    ]


def test_visits_are_adopted_once(link: TrackedLink, customer: Any) -> None:
    record_visit(link=link, device=DEVICE, at=NOON)

    assert adopt_visits(customer=customer, device=DEVICE) == 1
    assert adopt_visits(customer=customer, device=DEVICE) == 0
    assert Touchpoint.objects.count() == 1


def test_a_visit_whose_touch_was_retracted_is_not_adopted_again(link: TrackedLink, customer: Any) -> None:
    visit = record_visit(link=link, device=DEVICE, at=NOON)
    assert visit
    adopt_visits(customer=customer, device=DEVICE)
    retract_touch(kind="link", source_key=f"visit:{visit.pk}")

    assert adopt_visits(customer=customer, device=DEVICE) == 0


def test_a_device_known_before_touches_at_once(link: TrackedLink) -> None:
    owner = resolve_customer(identities=[("device", DEVICE)], at=NOON)

    record_visit(link=link, device=DEVICE, at=later(hours=1))

    touch = Touchpoint.objects.get()
    assert (touch.customer, touch.kind, touch.occurred_at) == (owner, "link", later(hours=1))
    assert adopt_visits(customer=owner, device=DEVICE) == 0


@pytest.mark.parametrize(
    ("seconds", "visits"),
    [(0, 1), (59.9, 1), (-59.9, 1), (60, 2), (-60, 2), (3600, 2)],
)
def test_a_second_scan_within_a_minute_is_the_same_visit(link: TrackedLink, seconds: float, visits: int) -> None:
    record_visit(link=link, device=DEVICE, at=NOON)

    again = record_visit(link=link, device=DEVICE, at=later(seconds=seconds))

    assert Visit.objects.count() == visits
    assert (again is None) == (visits == 1)


def test_another_link_or_device_within_the_minute_is_another_visit(link: TrackedLink, channels: dict[str, Any]) -> None:
    other = TrackedLink.objects.create(name_en="Post", channel=channels["douyin"], destination="/s/abc")

    record_visit(link=link, device=DEVICE, at=NOON)
    record_visit(link=other, device=DEVICE, at=NOON)
    record_visit(link=link, device="somebody-elses-device", at=NOON)

    assert Visit.objects.count() == 3


def test_a_corrected_link_moves_its_touches_and_what_is_adopted_later(
    link: TrackedLink, channels: dict[str, Any], customer: Any, bell: list[None]
) -> None:
    record_visit(link=link, device=DEVICE, at=NOON)
    adopt_visits(customer=customer, device=DEVICE)
    record_visit(link=link, device="second-device-of-theirs", at=NOON)
    bell.clear()

    assert correct_link_channel(link=link, channel=channels["douyin"]) == 1
    assert len(bell) > 0
    adopt_visits(customer=customer, device="second-device-of-theirs")

    standing = Touchpoint.objects.standing().values_list("channel__slug", flat=True)
    assert list(standing) == ["douyin", "douyin"]
