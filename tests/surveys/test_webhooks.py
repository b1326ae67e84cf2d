"""Webhooks: signed, sent once taken, tried again with pauses, never into a private network unless allowed."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import time_machine
from django.test import Client

from surveys import sending, webhooks
from surveys.actions import hooks, record_response
from surveys.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Receiver(HTTPServer):
    """Takes what is sent, and answers with the statuses that it was given, the last one for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses = [200]
        self.got: list[tuple[dict[str, str], str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?from=shop"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        self.send_header("location", self.server.url)  # of a redirect that must not be followed
        self.end_headers()
        self.wfile.write(b"thanks")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_PRIVATE = True
    with Receiver() as server:
        beside = threading.Thread(target=server.serve_forever, daemon=True)
        beside.start()
        yield server
        server.shutdown()
        beside.join()


@pytest.fixture
def hook(receiver: Receiver) -> Webhook:
    return hooks.save_webhook(webhook=Webhook(url=receiver.url))


@pytest.fixture
def answer(placement: Any, answered: Callable[..., Any]) -> Callable[[], Any]:
    return lambda: record_response(placement=placement, answered=answered(uuid=uuid.uuid4(), device=None))


def test_each_response_is_told_once_and_signed(hook: Webhook, receiver: Receiver, answer: Callable[[], Any]):
    response = answer()

    hooks.deliver_waiting()

    [(headers, body)] = receiver.got
    told = json.loads(body)
    assert (told["type"], told["data"]["id"]) == ("response.submitted", str(response.pk))
    assert told["data"]["answers"] == {"first_heard": "douyin", "which_short_video": "阿明", "nps": 9}
    assert told["data"]["channel"] == "douyin"
    assert not {"phone", "email", "customer"} & told["data"].keys()
    signed = webhooks.signature(hook.secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    assert headers["webhook-signature"] == signed
    sent = Delivery.objects.get()
    assert (sent.state, sent.attempts, sent.last_status, sent.last_said) == ("taken", 1, 200, "thanks")


def test_what_is_sent_twice_is_told_once(
    hook: Webhook, placement: Any, answered: Callable[..., Any], receiver: Receiver
):
    said = answered(device=None)
    record_response(placement=placement, answered=said)
    record_response(placement=placement, answered=said)

    hooks.deliver_waiting()
    hooks.deliver_waiting()

    assert len(receiver.got) == 1


def test_a_webhook_of_another_survey_or_one_switched_off_hears_nothing(
    hook: Webhook, receiver: Receiver, survey: Any, answer: Callable[[], Any]
):
    other = type(survey).objects.create(name_en="Other")
    hooks.save_webhook(webhook=Webhook(url=receiver.url, survey=other))
    hooks.switch_webhook(webhook=hook, is_active=False)

    answer()

    assert not Delivery.objects.exists()


def test_what_is_not_taken_is_tried_again_after_a_pause_with_the_same_id(
    hook: Webhook, receiver: Receiver, answer: Callable[[], Any]
):
    receiver.statuses = [500, 302, 200]
    with time_machine.travel(NOON, tick=False) as clock:
        answer()
        hooks.deliver_waiting()
        hooks.deliver_waiting()  # too early
        assert len(receiver.got) == 1
        clock.shift(timedelta(seconds=5))
        hooks.deliver_waiting()  # a redirect is followed nowhere, and is no taking
        hook.refresh_from_db()
        assert hook.failing_since == NOON
        clock.shift(timedelta(minutes=5))
        hooks.deliver_waiting()

    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    assert len({headers["webhook-timestamp"] for headers, _body in receiver.got}) == 3
    sent = Delivery.objects.get()
    hook.refresh_from_db()
    assert (sent.state, sent.attempts, hook.failing_since) == ("taken", 3, None)


def test_a_message_is_given_up_after_three_days_and_can_be_sent_again(
    hook: Webhook, receiver: Receiver, answer: Callable[[], Any]
):
    receiver.statuses = [503]
    with time_machine.travel(NOON, tick=False) as clock:
        answer()
        for pause in (timedelta(0), *webhooks.PAUSES):
            clock.shift(pause)
            hooks.deliver_waiting()
        sent = Delivery.objects.get()
        assert (sent.state, sent.attempts) == ("given_up", 10)
        assert timedelta(days=3) < sent.ended_at - NOON < timedelta(days=4)  # type: ignore[operator]
        receiver.statuses = [204]

        hooks.send_again(delivery=sent)
        hooks.deliver_waiting()

    sent.refresh_from_db()
    assert sent.state == "taken"


def test_an_address_that_is_gone_is_asked_no_more(hook: Webhook, receiver: Receiver, answer: Callable[[], Any]):
    receiver.statuses = [410]
    answer()

    hooks.deliver_waiting()

    hook.refresh_from_db()
    assert (Delivery.objects.get().state, hook.is_active) == ("given_up", False)


def test_a_message_whose_worker_died_is_sent_by_the_next(hook: Webhook, receiver: Receiver, answer: Callable[[], Any]):
    with time_machine.travel(NOON, tick=False) as clock:
        answer()
        assert hooks._claimed() is not None  # and the worker dies
        hooks.deliver_waiting()
        assert receiver.got == []
        clock.shift(hooks.LEASE)
        hooks.deliver_waiting()

    assert len(receiver.got) == 1


def test_two_workers_never_claim_the_same_message(hook: Webhook, answer: Callable[[], Any]):
    answer()

    assert hooks._claimed() is not None
    assert hooks._claimed() is None


def test_for_a_day_a_changed_secret_signs_beside_the_old_one(
    hook: Webhook, receiver: Receiver, answer: Callable[[], Any]
):
    old = hook.secret
    with time_machine.travel(NOON, tick=False) as clock:
        new = hooks.change_secret(webhook=hook)
        answer()
        hooks.deliver_waiting()
        clock.shift(timedelta(hours=24))
        answer()
        hooks.deliver_waiting()

    (during, body), (after, later) = receiver.got
    stamps = [(each["webhook-id"], int(each["webhook-timestamp"])) for each in (during, after)]
    expected = [webhooks.signature(secret, *stamps[0], body) for secret in (new, old)]
    assert during["webhook-signature"].split() == expected
    assert after["webhook-signature"] == webhooks.signature(new, *stamps[1], later)
    assert old != new


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://127.0.0.1/", "not_public"),
        ("https://localhost:5432/", "not_public"),
        ("https://[::1]/", "not_public"),
        ("https://169.254.169.254/latest/meta-data/", "not_public"),
        ("https://no-such-host.invalid/", "no_such_host"),
    ],
)
def test_nobody_can_make_the_server_call_its_own_network(url: str, said: str, settings: Any):
    settings.WEBHOOK_PRIVATE = False

    answer = sending.send(url, {}, "{}")

    assert (answer.status, answer.said, answer.is_taken) == (None, said, False)


def test_what_does_not_answer_is_unreachable(settings: Any, receiver: Receiver):
    url = receiver.url
    receiver.server_close()

    answer = sending.send(url, {}, "{}")

    assert (answer.status, answer.said) == (None, "unreachable")


def test_a_server_without_a_valid_certificate_is_unreachable(receiver: Receiver):
    answer = sending.send(receiver.url.replace("http:", "https:"), {}, "{}")

    assert (answer.status, answer.said) == (None, "unreachable")


def test_what_ended_a_month_ago_is_forgotten(hook: Webhook, answer: Callable[[], Any]):
    with time_machine.travel(NOON, tick=False) as clock:
        answer()
        hooks.deliver_waiting()
        clock.shift(timedelta(days=31))
        hooks.deliver_waiting()

    assert not Delivery.objects.exists()


def test_a_manager_sets_one_up_tries_it_and_sees_what_came_of_it(manager: Client, receiver: Receiver):
    page = manager.post("/webhooks/new/", {"url": receiver.url}, follow=True)
    hook = Webhook.objects.get()
    manager.post(f"/webhooks/{hook.pk}/change/", {"change": "ping"})
    hooks.deliver_waiting()

    assert "Give its secret to the other program" in page.text
    assert hook.secret not in page.text
    assert hook.secret in manager.post(f"/webhooks/{hook.pk}/change/", {"change": "show"}).text
    log = manager.get(f"/webhooks/{hook.pk}/").text
    assert "ping" in log
    assert "taken" in log
    manager.post(f"/webhooks/messages/{Delivery.objects.get().pk}/again/")
    assert Delivery.objects.get().state == "waiting"
    assert manager.post(f"/webhooks/{hook.pk}/change/", {"change": "secret"}).text.count("whsec_") == 1
    manager.post(f"/webhooks/{hook.pk}/change/", {"change": "off"})
    hook.refresh_from_db()
    assert not hook.is_active


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://example.com/", "must begin with https://"),
        ("https://me:secret@example.com/", "Leave name and password out"),
        ("ftp://example.com/", "must begin with https://"),
    ],
)
def test_an_address_that_is_not_safe_is_refused(manager: Client, settings: Any, url: str, told: str):
    settings.WEBHOOK_PRIVATE = False
    page = manager.post("/webhooks/new/", {"url": url})

    assert told in page.text
    assert url in page.text  # nothing that was typed is lost
    assert not Webhook.objects.exists()


def test_only_managers_see_webhooks(marketer: Client, clerk: Client):
    assert [client.get("/webhooks/").status_code for client in (marketer, clerk)] == [403, 403]
