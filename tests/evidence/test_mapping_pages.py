from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from attribution.errors import DomainError
from attribution.evidence import mappings
from attribution.evidence.actions import adopt_visits, record_visit
from attribution.evidence.mappings import Mapping
from attribution.evidence.models import Channel, Touchpoint, TrackedLink

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DEVICE = "device-token-of-a-guest"


class Batches:
    """Stands for a source of another room."""

    name, title = "batch", "Coupon batches"

    def __init__(self, channel: Channel | None) -> None:
        self.channel = channel

    def rows(self) -> Iterable[Mapping]:
        return [Mapping("batch:1", "Thank-you", self.channel, may_mean_none=True)]

    def correct(self, key: str, channel: Channel | None) -> int:
        if channel and channel.slug == "friends":
            raise DomainError("Not this one.")
        self.channel = channel
        return 2


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch, channels: dict[str, Any]) -> Batches:
    source = Batches(channels["douyin"])
    monkeypatch.setitem(mappings.REGISTRY, "batch", source)
    return source


@pytest.fixture
def touched(link: TrackedLink, customer: Any) -> TrackedLink:
    record_visit(link=link, device=DEVICE, at=NOON)
    adopt_visits(customer=customer, device=DEVICE)
    return link


def test_the_page_shows_what_each_mapping_means_and_how_many_touches_it_gave(
    marketer: Client, touched: TrackedLink, batches: Batches
) -> None:
    groups = dict(marketer.get("/mappings/").context["groups"])

    link_rows = [(row.label, row.channel.slug, touches) for row, touches in groups["Tracked links"]]
    assert link_rows == [("Poster · Exit 3", "metro", 1)]
    assert [(row.label, touches) for row, touches in groups["Coupon batches"]] == [("Thank-you", 0)]


def test_choosing_another_channel_shows_what_moves_and_changes_nothing_yet(
    marketer: Client, touched: TrackedLink
) -> None:
    page = marketer.get(f"/mappings/change/?key=link:{touched.pk}&channel=douyin").content.decode()

    assert "1 touch will move" in page
    assert "Its new channel is Douyin" in page
    assert Touchpoint.objects.get().channel.slug == "metro"


def test_confirming_moves_the_touches_and_rings_the_bell(
    marketer: Client, touched: TrackedLink, bell: list[None]
) -> None:
    response = marketer.post("/mappings/change/", {"key": f"link:{touched.pk}", "channel": "douyin"}, follow=True)

    touched.refresh_from_db()
    assert touched.channel.slug == "douyin"
    assert Touchpoint.objects.standing().get().channel.slug == "douyin"
    assert "1 touch follows" in response.content.decode()
    assert bell


def test_the_channel_that_it_has_already_is_no_correction(
    marketer: Client, touched: TrackedLink, bell: list[None]
) -> None:
    response = marketer.post("/mappings/change/", {"key": f"link:{touched.pk}", "channel": "metro"})

    assert response.status_code == 200
    assert not response.context["is_asked"]
    assert bell == []


@pytest.mark.parametrize("channel", ["", "nobody"])
def test_a_link_must_mean_a_channel_that_there_is(marketer: Client, touched: TrackedLink, channel: str) -> None:
    response = marketer.post("/mappings/change/", {"key": f"link:{touched.pk}", "channel": channel})

    assert "channel" in response.context["form"].errors
    assert Touchpoint.objects.get().channel.slug == "metro"


def test_what_may_mean_none_can_be_made_to(marketer: Client, batches: Batches) -> None:
    asked = marketer.get("/mappings/change/?key=batch:1&channel=").content.decode()
    marketer.post("/mappings/change/", {"key": "batch:1", "channel": ""})

    assert "It will count for no channel any more." in asked
    assert batches.channel is None


def test_a_refusal_of_the_source_is_shown_at_the_field(marketer: Client, batches: Batches) -> None:
    response = marketer.post("/mappings/change/", {"key": "batch:1", "channel": "friends"})

    assert response.context["form"].errors["channel"] == ["Not this one."]


@pytest.mark.parametrize("key", ["", "link:999", "link:x", "nobody:1"])
def test_a_mapping_that_is_not_there_is_not_found(marketer: Client, link: TrackedLink, key: str) -> None:
    assert marketer.get(f"/mappings/change/?key={key}").status_code == 404


def test_without_mappings_the_page_says_what_to_do_next(marketer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mappings, "REGISTRY", {"link": mappings.REGISTRY["link"]})

    assert "Nothing to map yet" in marketer.get("/mappings/").content.decode()


def test_two_sources_of_one_name_are_refused(batches: Batches) -> None:
    mappings.register(batches)

    class Others(Batches):
        pass

    with pytest.raises(ValueError, match="batch"):
        mappings.register(Others(None))


def test_a_link_without_a_channel_is_refused_by_its_source(link: TrackedLink) -> None:
    with pytest.raises(ValueError, match="always has a channel"):
        mappings.REGISTRY["link"].correct(link.mapping_key, None)
