"""Floods of the guest's page wait; suspected networks work a second, or wait; nobody else notices anything."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from surveys.models import Placement, Response
from surveys.networks import network_of
from surveys.suspicion import (
    BITS,
    PUZZLES,
    SUSPECTED_AFTER,
    WAIT,
    Challenge,
    challenge_of,
    is_suspected,
    new_challenge,
    note_hasty,
    suspect,
)

WIFI = "203.0.113.7"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def from_address(address: str) -> HttpRequest:
    return RequestFactory().get("/", REMOTE_ADDR=address)


def wifi() -> str:
    return network_of(from_address(WIFI), timezone.now())


def proof_of(challenge: Challenge) -> str:
    """Find what the page's script finds."""

    def is_found(text: str) -> bool:
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> (32 - BITS) == 0

    found = [
        next(number for number in count() if is_found(f"{challenge.seed}:{puzzle}:{number}"))
        for puzzle in range(PUZZLES)
    ]
    return ",".join(map(str, found))


# ── Networks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_network_is_known_by_a_digest_that_changes_daily() -> None:
    here = network_of(from_address(WIFI), NOW)

    assert network_of(from_address("203.0.113.200"), NOW + timedelta(hours=3)) == here
    assert network_of(from_address("203.0.114.7"), NOW) != here
    assert network_of(from_address(WIFI), NOW + timedelta(days=1)) != here
    assert "203" not in here[:3]
    assert len(here) == 16


def test_an_ipv6_network_is_what_a_household_or_a_shop_is_given() -> None:
    here = network_of(from_address("2001:db8:1:1::7"), NOW)

    assert network_of(from_address("2001:db8:1:ffff::8"), NOW) == here
    assert network_of(from_address("2001:db8:2:1::7"), NOW) != here
    assert network_of(from_address(f"::ffff:{WIFI}"), NOW) == network_of(from_address(WIFI), NOW)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "", "unix:", "not an address"])
def test_an_address_that_says_nothing_is_no_network(address: str) -> None:
    assert network_of(from_address(address), NOW) == ""


# ── Limits ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def phone() -> Client:
    """A guest's phone on the shop's Wi-Fi."""
    return Client(headers={"accept-language": "en"}, REMOTE_ADDR=WIFI)


@pytest.mark.django_db
def test_a_flood_waits_with_words_and_what_was_typed(
    pages_at: Any, placement: Placement, phone: Client, settings: Any
) -> None:
    shown = pages_at(placement, phone)
    shown.open()
    settings.GUEST_RATE = 1
    page = shown.send(answer="other", text="a friend of mine")

    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 60
    assert "please press the button again in" in page.content.decode()
    assert 'value="a friend of mine"' in page.content.decode()
    assert not Response.objects.exists()
    look = phone.get(shown.path)
    assert (look.status_code, int(look["Retry-After"]) >= 1) == (429, True)
    assert "Very many people are here" in look.content.decode()
    chinese = Client(headers={"accept-language": "zh-CN"}, REMOTE_ADDR=WIFI).get(shown.path)
    assert (chinese.status_code, 'lang="zh-hans"' in chinese.content.decode()) == (429, True)
    assert Client(REMOTE_ADDR="198.51.100.1").get(shown.path).status_code == 200


@pytest.mark.django_db
def test_a_full_house_behind_one_wifi_passes(pages_at: Any, placement: Placement) -> None:
    for _ in range(30):
        guest = Client(headers={"accept-language": "en"}, REMOTE_ADDR=WIFI)
        with time_machine.travel(timezone.now() - timedelta(minutes=1)):
            pages = pages_at(placement, guest)
            pages.open()
        for answer in ({"answer": "dont_remember"}, {"answer": "9"}, {"finish": "without"}):
            pages.send(**answer)
        assert pages.page.templates[0].name == "guest/thanks.html"

    assert Response.objects.counted().count() == 30


# ── The challenge ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_proof_belongs_to_one_challenge_of_one_response() -> None:
    challenge = new_challenge(uuid4())
    proof = proof_of(challenge)

    assert challenge.is_met_by(proof)
    assert not new_challenge(challenge.response).is_met_by(proof)
    assert challenge_of({"challenge": challenge.signed}, challenge.response) == challenge
    assert challenge_of({"challenge": challenge.signed}, uuid4()) is None


@pytest.mark.parametrize("proof", ["", "1,2,3", "0,0,0,0,0,0,0,0", "a,b,c,d,e,f,g,h", "²,²,²,²,²,²,²,²", "1" * 300])
def test_what_proves_nothing_is_refused(proof: str) -> None:
    challenge = Challenge(UUID(int=1), "0123456789abcdef", int(time.time()))

    assert not challenge.is_met_by(proof)


@pytest.mark.parametrize("sent", ["", "nonsense", "a:b:c"])
def test_a_challenge_that_is_not_ours_is_none(sent: str) -> None:
    assert challenge_of({"challenge": sent}, uuid4()) is None


def test_a_challenge_ends_after_a_quarter_of_an_hour() -> None:
    challenge = new_challenge(uuid4())
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert challenge_of({"challenge": challenge.signed}, challenge.response) is None


@pytest.mark.django_db
def test_a_network_is_suspected_after_some_hasty_answers_to_one_place() -> None:
    for _ in range(SUSPECTED_AFTER - 1):
        note_hasty(1, "net")
    assert not is_suspected(1, "net")
    note_hasty(1, "net")
    assert (is_suspected(1, "net"), is_suspected(2, "net"), is_suspected(1, "other")) == (True, False, False)
    suspect(2, "net")
    assert is_suspected(2, "net")
    note_hasty(3, "")
    assert not is_suspected(3, "")


def at_the_last_step(pages_at: Any, placement: Placement, phone: Client) -> Any:
    shown = pages_at(placement, phone)
    shown.open()
    shown.send(answer="dont_remember")
    shown.send(answer="9")
    return shown


@pytest.mark.django_db
def test_hasty_answers_from_one_network_bring_the_challenge_and_a_proof_lets_pass(
    pages_at: Any, placement: Placement
) -> None:
    for _ in range(SUSPECTED_AFTER):
        phone = Client(headers={"accept-language": "en"}, REMOTE_ADDR=WIFI)
        at_the_last_step(pages_at, placement, phone).send(finish="without")
    shown = at_the_last_step(pages_at, placement, Client(headers={"accept-language": "en"}, REMOTE_ADDR=WIFI))
    asked = shown.send(finish="with", phone="13800138000", consent="yes")

    assert asked.status_code == 422
    html = asked.content.decode()
    assert "js/challenge.js" in html
    assert 'value="13800138000"' in html
    assert 'data-finish="with"' in html
    assert Response.objects.counted().count() == SUSPECTED_AFTER
    challenge = asked.context["challenge"]
    proven = {"challenge": challenge.signed, "proof": proof_of(challenge)}
    done = shown.send(finish="with", phone="13800138000", **proven)
    assert done.templates[0].name == "guest/thanks.html"
    assert set(Response.objects.values_list("network", flat=True)) == {wifi()}


@pytest.mark.django_db
def test_one_proof_is_worth_one_answer(pages_at: Any, placement: Placement, phone: Client) -> None:
    suspect(placement.pk, wifi())
    shown = at_the_last_step(pages_at, placement, phone)
    challenge = shown.send(finish="without").context["challenge"]
    proven = {"challenge": challenge.signed, "proof": proof_of(challenge)}
    assert shown.send(finish="without", **proven).templates[0].name == "guest/thanks.html"

    other = at_the_last_step(pages_at, placement, Client(REMOTE_ADDR=WIFI))
    asked = other.send(finish="without", **proven)
    assert (asked.status_code, asked.context["challenge"].seed == challenge.seed) == (422, False)


@pytest.mark.django_db
def test_without_javascript_a_guest_waits_and_presses_again(pages_at: Any, placement: Placement, phone: Client) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        suspect(placement.pk, wifi())
        shown = at_the_last_step(pages_at, placement, phone)
        asked = shown.send(finish="without")
        assert "please press the button again in 10 seconds" in asked.content.decode()
        kept = {"challenge": asked.context["challenge"].signed, "proof": ""}
        clock.shift(WAIT - 4)
        early = shown.send(finish="without", **kept)
        assert "please press the button again in 4 seconds" in early.content.decode()
        assert early.context["challenge"].seed == asked.context["challenge"].seed
        clock.shift(4)
        assert shown.send(finish="without", **kept).templates[0].name == "guest/thanks.html"


@pytest.mark.django_db
def test_a_tablet_is_never_challenged(kiosk: Placement, pages_at: Any, phone: Client) -> None:
    suspect(kiosk.pk, wifi())

    assert at_the_last_step(pages_at, kiosk, phone).send(finish="without").templates[0].name == "guest/thanks.html"
    assert Response.objects.get().network == ""


@pytest.mark.django_db
def test_a_usual_guest_is_sent_no_challenge_and_costs_one_statement_more(
    pages_at: Any, placement: Placement, phone: Client
) -> None:
    shown = at_the_last_step(pages_at, placement, phone)
    assert "challenge" not in shown.page.content.decode()
    with CaptureQueriesContext(connection) as asked:
        shown.send(finish="without")
    ours = [query["sql"] for query in asked if "surveys_oneanswer" in query["sql"]]
    # Taken once; the thank-you page, which follows, finds the answer by its own slip.
    assert [sql.split()[0] for sql in ours] == ["INSERT"]
    cache.clear()
