import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from attribution.evidence.actions import record_visit
from attribution.evidence.models import Campaign, Touchpoint, TrackedLink

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def typed(channels: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {"name_en": "Poster", "channel": channels["metro"].pk, "destination": "/s/abc"} | values


def test_a_link_is_set_up_and_shows_its_address_and_code(marketer: Client, channels: dict[str, Any]) -> None:
    response = marketer.post("/links/new/", typed(channels), follow=True)

    link = TrackedLink.objects.get()
    page = response.content.decode()
    assert f"http://testserver/go/{link.code}" in page
    assert f"/links/{link.pk}/qr.svg" in page


def test_the_public_address_of_the_shop_goes_into_the_code(marketer: Client, link: TrackedLink, settings: Any) -> None:
    settings.SITE_URL = "https://shop.example"

    assert f"https://shop.example/go/{link.code}" in marketer.get("/links/").content.decode()


@pytest.mark.parametrize("fine", ["/s/abc", "/c/abc?x=1", "/", "https://shop.example/offer?a=b", "http://shop.example"])
def test_a_destination_is_a_page_of_ours_or_a_whole_address(
    marketer: Client, channels: dict[str, Any], fine: str
) -> None:
    marketer.post("/links/new/", typed(channels, destination=fine))

    assert TrackedLink.objects.get().destination == fine


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "s/abc",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/a\\b",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://shop.example/",
        "https://",
        "/go/another",
    ],
)
def test_any_other_destination_is_refused_at_its_field(marketer: Client, channels: dict[str, Any], bad: str) -> None:
    response = marketer.post("/links/new/", typed(channels, destination=bad))

    assert list(response.context["form"].errors) == ["destination"]
    assert not TrackedLink.objects.exists()


def test_a_link_needs_a_name_and_a_campaign_of_its_channel(marketer: Client, channels: dict[str, Any]) -> None:
    spring = Campaign.objects.create(channel=channels["douyin"], name_en="Spring")

    response = marketer.post("/links/new/", typed(channels, name_en="", campaign=spring.pk))

    assert set(response.context["form"].errors) == {"name_zh_hans", "campaign"}


def test_the_channel_of_a_link_is_not_changed_on_its_own_page(
    marketer: Client, link: TrackedLink, channels: dict[str, Any]
) -> None:
    marketer.post(f"/links/{link.pk}/", typed(channels, channel=channels["douyin"].pk, spot="Exit 4"))

    link.refresh_from_db()
    assert (link.channel.slug, link.spot) == ("metro", "Exit 4")


def test_touches_follow_a_link_to_its_campaign(
    marketer: Client, link: TrackedLink, channels: dict[str, Any], customer: Any
) -> None:
    from attribution.evidence.actions import adopt_visits

    line2 = Campaign.objects.create(channel=channels["metro"], name_en="Line 2")
    record_visit(link=link, device="device-token-of-a-guest", at=NOON)
    adopt_visits(customer=customer, device="device-token-of-a-guest")

    marketer.post(f"/links/{link.pk}/", typed(channels, campaign=line2.pk))

    assert Touchpoint.objects.standing().get().campaign == line2


def test_a_link_is_switched_off_and_on_again(marketer: Client, link: TrackedLink, bell: list[None]) -> None:
    marketer.post(f"/links/{link.pk}/switch/", {"active": "off"})
    assert TrackedLink.objects.filter(is_active=False).exists()

    marketer.post(f"/links/{link.pk}/switch/", {"active": "on"})
    assert TrackedLink.objects.filter(is_active=True).exists()
    assert len(bell) == 2


def test_the_code_downloads_as_svg_with_a_quiet_zone_and_a_size_in_print(marketer: Client, link: TrackedLink) -> None:
    response = marketer.get(f"/links/{link.pk}/qr.svg")

    picture = response.content.decode()
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"] == f'attachment; filename="link-{link.pk}-metro.svg"'
    # http://testserver/go/ and 22 characters: version 3 or 4 at level M or better; 4 modules of white on each side.
    assert 'width="55.5mm"' in picture or 'width="61.5mm"' in picture
    assert 'd="M4 4.5' in picture


def test_the_code_downloads_as_a_png_of_at_least_1000_pixels(marketer: Client, link: TrackedLink) -> None:
    response = marketer.get(f"/links/{link.pk}/qr.png")

    header = io.BytesIO(response.content).read(24)
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(header[16:20]) >= 1000


def test_the_list_counts_visits_in_no_more_queries_for_more_links(
    marketer: Client, channels: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        link = TrackedLink.objects.create(name_en=f"Poster {number}", channel=channels["metro"], destination="/")
        for device in range(number):
            record_visit(link=link, device=f"device-token-of-guest-{device}", at=NOON)

    with django_assert_max_num_queries(5):
        rows = marketer.get("/links/").context["rows"]

    assert sorted(link.visit_count for link, _address in rows) == list(range(12))


def test_without_links_the_page_says_what_to_do_next(marketer: Client) -> None:
    assert "Set up the first" in marketer.get("/links/").content.decode()
