from typing import Any

import pytest
import time_machine
from django.test import Client

from attribution.customers.actions import resolve_customer
from attribution.evidence.models import Touchpoint, TrackedLink, Visit

pytestmark = pytest.mark.django_db

WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.49(0x1800312e) NetType/WIFI Language/zh_CN"
)


def test_a_scan_is_counted_remembered_and_sent_on(outsider: Client, link: TrackedLink) -> None:
    response = outsider.get(f"/go/{link.code}", headers={"user-agent": WECHAT})

    assert (response.status_code, response["Location"]) == (302, "/s/abc")
    assert Visit.objects.get().link == link
    cookie = response.cookies["device"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_the_redirect_is_never_kept_and_tells_nobody_where_it_came_from(outsider: Client, link: TrackedLink) -> None:
    response = outsider.get(f"/go/{link.code}")

    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "query",
    ["next=https://evil.example", "url=//evil.example", "destination=https://evil.example", "https://evil.example"],
)
def test_nothing_in_the_address_changes_the_destination(outsider: Client, link: TrackedLink, query: str) -> None:
    response = outsider.get(
        f"/go/{link.code}?{query}", headers={"x-forwarded-host": "evil.example", "referer": "https://evil.example"}
    )

    assert response["Location"] == "/s/abc"


def test_the_same_phone_keeps_its_token_and_counts_once_a_minute(outsider: Client, link: TrackedLink) -> None:
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as clock:
        first = outsider.get(f"/go/{link.code}").cookies["device"].value
        second = outsider.get(f"/go/{link.code}").cookies["device"].value
        assert Visit.objects.count() == 1
        clock.shift(60)
        outsider.get(f"/go/{link.code}")

    assert first == second
    assert Visit.objects.count() == 2
    assert len(set(Visit.objects.values_list("device_digest", flat=True))) == 1


def test_a_cookie_that_is_not_ours_is_replaced(outsider: Client, link: TrackedLink) -> None:
    outsider.cookies["device"] = "short"

    assert len(outsider.get(f"/go/{link.code}").cookies["device"].value) == 24


def test_a_phone_that_answered_before_touches_at_once(outsider: Client, link: TrackedLink) -> None:
    outsider.cookies["device"] = "device-token-of-a-guest"
    owner = resolve_customer(identities=[("device", "device-token-of-a-guest")], at=link.created_at)

    outsider.get(f"/go/{link.code}")

    assert Touchpoint.objects.get().customer == owner


def test_looking_with_head_is_no_visit(outsider: Client, link: TrackedLink) -> None:
    response = outsider.head(f"/go/{link.code}")

    assert (response.status_code, response["Location"]) == (302, "/s/abc")
    assert "device" not in response.cookies
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"},
        {"user-agent": "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"},
        {"user-agent": "WhatsApp/2.23.20.0"},
        {"user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
        {"user-agent": "TelegramBot (like TwitterBot)"},
        {"user-agent": f"{WECHAT} mpcrawler"},
        {"user-agent": WECHAT, "sec-purpose": "prefetch;prerender"},
        {"user-agent": WECHAT, "purpose": "prefetch"},
    ],
)
def test_a_program_that_looks_where_a_link_leads_is_no_visit(
    outsider: Client, link: TrackedLink, headers: dict[str, str]
) -> None:
    response = outsider.get(f"/go/{link.code}", headers=headers)

    assert response.status_code == 302
    assert not Visit.objects.exists()


def test_a_phone_called_cubot_is_a_phone(outsider: Client, link: TrackedLink) -> None:
    outsider.get(f"/go/{link.code}", headers={"user-agent": "Mozilla/5.0 (Linux; Android 13; CUBOT X70) Chrome/120"})

    assert Visit.objects.count() == 1


def test_a_client_that_hammers_cannot_fill_the_table(
    outsider: Client, link: TrackedLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attribution.evidence.views.go.VisitThrottle.rate", "3/min")

    for _ in range(6):
        outsider.cookies.clear()
        assert outsider.get(f"/go/{link.code}")["Location"] == "/s/abc"

    assert Visit.objects.count() == 3


def test_an_unknown_code_gets_a_friendly_page_in_the_guests_language(outsider: Client, db: None) -> None:
    response = outsider.get("/go/nothing")

    assert response.status_code == 404
    assert "This code leads nowhere now" in response.content.decode()


def test_a_link_that_is_switched_off_is_gone(outsider: Client, link: TrackedLink) -> None:
    TrackedLink.objects.update(is_active=False)

    response = outsider.get(f"/go/{link.code}")

    assert response.status_code == 410
    assert "This code leads nowhere now" in response.content.decode()
    assert not Visit.objects.exists()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_link_can_only_be_followed(outsider: Client, link: TrackedLink, method: str) -> None:
    response: Any = getattr(outsider, method)(f"/go/{link.code}")

    assert response.status_code == 405
