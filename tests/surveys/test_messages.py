"""Coupons sent to guests: once a request, tried again with pauses, nothing of the address left behind."""

import smtplib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from attribution.coupons.codes import display
from attribution.coupons.models import Coupon
from surveys import messaging
from surveys.actions import messaging as actions
from surveys.messaging import Backend, Message, Refused, Retryable
from surveys.models import CouponMessage, Placement
from tests.surveys.test_kiosk import WHOLE, milliseconds

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PHONE, SEALED = "138 0013 8000", "+8613800138000"
CONSOLE, MAIL = "surveys.messaging.Console", "surveys.messaging.Mail"


class Provider(Backend):
    """Answers as it is told, the last one for ever; takes a key that it knows for the same message."""

    def __init__(self, *answers: Any, knows_keys: bool = True) -> None:
        self.answers, self.knows_keys = list(answers) or ["ref-1"], knows_keys
        self.asked: list[Message] = []
        self.sent: set[str] = set()

    def send(self, message: Message) -> str:
        self.asked.append(message)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        self.sent.add(message.key)
        return str(answer)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Provider]:
    """Have messages sent by a provider that answers so."""

    def use(*answers: Any, **how: Any) -> Provider:
        made = Provider(*answers, **how)
        monkeypatch.setattr(messaging, "backend_of", lambda channel: made)
        return made

    return use


@pytest.fixture
def done(pages: Any, reward: Any) -> Any:
    """The pages of a guest who has answered and holds a coupon."""
    pages.answer_all()
    return pages


def ask(pages: Any, **fields: str) -> Any:
    fields = {"send": "sms", "to": PHONE, "request": str(uuid.uuid4())} | fields
    return pages.client.post(pages.path, fields, follow=True)


def message() -> CouponMessage:
    return CouponMessage.objects.get()


def test_nothing_is_offered_where_the_shop_has_chosen_no_way(done: Any) -> None:
    assert "Send it" not in done.open().text
    assert ask(done).status_code == 400
    assert not CouponMessage.objects.exists()


def test_a_guest_has_the_coupon_sent_and_sees_what_came_of_it(done: Any, provider: Callable[..., Provider]) -> None:
    sms = provider("ref-7")

    page = ask(done)
    assert "on its way" in page.text
    actions.send_waiting_coupons()

    [sent] = sms.asked
    code = display(Coupon.objects.get().code)
    assert (sent.to, sent.key) == (SEALED, str(message().uuid))
    assert sent.text.startswith(f"Wanamaker: your coupon {code}, worth ¥5.00. Valid until")
    assert (message().state, message().reference) == ("sent", "ref-7")
    assert "sent at" in done.open().text


def test_the_address_is_sealed_while_it_waits_and_erased_when_it_was_sent(
    done: Any, provider: Callable[..., Provider], caplog: pytest.LogCaptureFixture
) -> None:
    provider(Retryable("busy"), RuntimeError(f"no such number {SEALED}"), "ref")

    def stored() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM surveys_couponmessage")
            return str(cursor.fetchall())

    with time_machine.travel(NOON, tick=False) as clock:
        ask(done)
        assert b"13800138000" not in bytes(message().sealed or b"")
        assert "13800138000" not in stored()
        for pause in (0, 30, 120):
            clock.shift(pause)
            actions.send_waiting_coupons()
        assert (message().state, message().sealed) == ("sent", None)
        assert message().address_digest
        clock.shift(timedelta(days=1))
        actions.send_waiting_coupons()
        assert message().address_digest is None
        clock.shift(timedelta(days=31))
        actions.send_waiting_coupons()

    assert not CouponMessage.objects.exists()
    assert "RuntimeError" in caplog.text
    assert "13800138000" not in caplog.text


def test_one_request_is_sent_once_however_often_it_is_pressed(done: Any, provider: Callable[..., Provider]) -> None:
    sms, key = provider(), str(uuid.uuid4())

    for _ in range(3):
        assert ask(done, request=key).status_code == 200
        actions.send_waiting_coupons()

    assert len(sms.asked) == 1


def test_what_was_not_sent_is_tried_again_with_its_key_and_given_up_at_last(
    done: Any, provider: Callable[..., Provider]
) -> None:
    sms = provider(Retryable("busy"))
    with time_machine.travel(NOON, tick=False) as clock:
        ask(done)
        actions.send_waiting_coupons()
        actions.send_waiting_coupons()  # too early
        assert len(sms.asked) == 1
        for pause in actions.PAUSES:
            clock.shift(pause)
            actions.send_waiting_coupons()

    assert len(sms.asked) == 1 + len(actions.PAUSES)
    assert {one.key for one in sms.asked} == {str(message().uuid)}
    assert (message().state, message().error_code, message().sealed) == ("given_up", "busy", None)


def test_a_refused_number_is_tried_once_and_said_to_be_wrong(done: Any, provider: Callable[..., Provider]) -> None:
    sms = provider(Refused("no_such_number"))
    ask(done)
    actions.send_waiting_coupons()
    actions.send_waiting_coupons()

    assert len(sms.asked) == 1
    assert "It was not accepted there" in done.open().text


@pytest.mark.parametrize(("knows_keys", "tries", "state"), [(True, 1, "sent"), (False, 0, "given_up")])
def test_a_killed_worker_s_message_is_sent_again_only_by_its_key(
    done: Any, provider: Callable[..., Provider], knows_keys: bool, tries: int, state: str
) -> None:
    sms = provider(knows_keys=knows_keys)
    with time_machine.travel(NOON, tick=False) as clock:
        ask(done)
        assert actions._claimed() is not None  # and the worker dies, perhaps after it was sent
        assert actions._claimed() is None  # nobody else has it meanwhile
        clock.shift(actions.LEASE)
        actions.send_waiting_coupons()

    assert (len(sms.asked), message().state) == (tries, state)
    if state == "given_up":
        assert "We cannot tell whether it arrived" in done.open().text


def test_a_worker_that_was_too_slow_changes_nothing_more(done: Any, provider: Callable[..., Provider]) -> None:
    sms = provider("ref-1", "ref-2")
    with time_machine.travel(NOON, tick=False) as clock:
        ask(done)
        slow = actions._claimed()
        assert slow
        clock.shift(actions.LEASE)
        actions.send_waiting_coupons()
        actions.send_coupon(*slow)

    assert message().reference == "ref-1"
    assert len(sms.sent) == 1  # the same key both times


def test_a_coupon_is_sent_three_times_at_most(done: Any, provider: Callable[..., Provider]) -> None:
    provider()
    pages = [ask(done, to=f"138001380{number:02}") for number in range(4)]

    assert [page.status_code for page in pages] == [200, 200, 200, 429]
    assert CouponMessage.objects.count() == 3
    assert "Send it to my phone" not in done.open().text


def test_a_number_gets_three_messages_a_day_from_whoever(
    done: Any, provider: Callable[..., Provider], pages_at: Callable[..., Any], placement: Any, reward: Any
) -> None:
    provider()
    for _ in range(2):
        ask(done)
    other = pages_at(placement, Client(headers={"accept-language": "en"}))
    other.answer_all()

    assert [ask(other).status_code for _ in range(2)] == [200, 429]
    assert "enough messages for today" in ask(other, to="+86 138-0013-8000").text
    CouponMessage.objects.update(day=NOON.date())
    assert ask(other).status_code == 200


def test_a_place_at_which_too_many_ask_sends_no_more(
    done: Any, provider: Callable[..., Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    provider()
    monkeypatch.setattr(actions, "MOST_PER_HOUR", 1)

    assert [ask(done, to=f"138001380{number:02}").status_code for number in range(2)] == [200, 429]
    CouponMessage.objects.update(created_at=NOON)
    assert ask(done).status_code == 200


def test_a_wrong_number_is_said_beside_it_and_kept(done: Any, provider: Callable[..., Provider]) -> None:
    provider()
    page = ask(done, to="not a number")

    assert page.status_code == 400
    assert "is not a phone number" in page.text
    assert 'value="not a number"' in page.text
    assert "erase it then" in page.text


def test_the_number_that_was_left_is_used_without_being_shown(
    pages: Any, reward: Any, provider: Callable[..., Provider]
) -> None:
    sms = provider()
    pages.open()
    for answer in ("douyin", "阿明", "9"):
        pages.send(answer=answer)
    thanks = pages.send(finish="with", phone=PHONE)
    assert "To the number I left" in thanks.text
    assert "13800138000" not in thanks.text.replace(" ", "")
    ask(pages, use="left", to="")
    actions.send_waiting_coupons()

    assert [one.to for one in sms.asked] == [SEALED]


def test_who_left_nothing_is_asked_to_write_something(done: Any, provider: Callable[..., Provider]) -> None:
    provider()

    assert "To the number I left" not in done.open().text
    assert "Please write where the coupon is to go" in ask(done, use="left").text


def test_a_tablet_s_plain_page_offers_no_number_of_another_guest(
    pages_at: Callable[..., Any], kiosk: Placement, reward: Any, provider: Callable[..., Provider]
) -> None:
    provider()
    pages = pages_at(kiosk)
    pages.open()
    for answer in ("douyin", "阿明", "9"):
        pages.send(answer=answer)
    asked = pages.page.text
    thanks = pages.send(finish="without").text

    assert "Send it to my phone" in thanks
    assert all('autocomplete="tel"' not in page and 'autocomplete="off"' in page for page in (asked, thanks))


def test_mail_goes_out_by_django_with_the_request_as_its_id(done: Any, settings: Any) -> None:
    settings.MESSAGE_EMAIL_BACKEND = MAIL
    ask(done, send="email", to="Guest@Example.com")
    actions.send_waiting_coupons()

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["guest@example.com"], "Your coupon from Wanamaker")
    assert sent.extra_headers["Message-ID"] == f"<{message().uuid}@localhost>"
    assert message().state == "sent"


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (smtplib.SMTPRecipientsRefused({"guest@example.com": (550, b"guest@example.com?")}), "given_up", "smtp_550"),
        (smtplib.SMTPRecipientsRefused({"guest@example.com": (451, b"later")}), "waiting", "smtp_451"),
        (smtplib.SMTPDataError(552, b"full"), "given_up", "smtp_552"),
        (smtplib.SMTPServerDisconnected("gone"), "given_up", "unsure"),
    ],
)
def test_what_a_mail_server_says_decides_whether_it_is_tried_again(
    done: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str, code: str
) -> None:
    settings.MESSAGE_EMAIL_BACKEND = MAIL

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    ask(done, send="email", to="guest@example.com")
    actions.send_waiting_coupons()

    assert (message().state, message().error_code) == (state, code)


def test_a_mail_server_that_is_away_is_asked_again(done: Any, settings: Any) -> None:
    settings.MESSAGE_EMAIL_BACKEND = MAIL
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    ask(done, send="email", to="guest@example.com")
    actions.send_waiting_coupons()

    assert (message().state, message().error_code, message().handed_at) == ("waiting", "unreachable", None)


def test_the_console_shows_everything_but_the_number(
    done: Any, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MESSAGE_SMS_BACKEND = CONSOLE
    ask(done)
    actions.send_waiting_coupons()

    said = capsys.readouterr().out
    assert "your coupon" in said
    assert "1380013" not in said


def test_a_message_whose_way_was_taken_away_is_given_up(done: Any, settings: Any) -> None:
    settings.MESSAGE_SMS_BACKEND = CONSOLE
    ask(done)
    settings.MESSAGE_SMS_BACKEND = ""
    actions.send_waiting_coupons()

    assert (message().state, message().error_code) == ("given_up", "no_backend")


def test_a_guest_at_the_tablet_has_the_coupon_sent_and_nobody_after_them(
    kiosk: Placement, outsider: Client, reward: Any, provider: Callable[..., Provider]
) -> None:
    sms, guest = provider(), str(uuid.uuid4())
    body = {"uuid": guest, "version": 1, "answers": WHOLE, "language": "en", "is_waiting": True}
    body |= {"shown_at": milliseconds(), "answered_at": milliseconds()}
    given = outsider.post(f"/k/{kiosk.token}/answers", body, content_type="application/json").json()
    assert given["coupon"]["ways"] == [{"way": "sms", "has_left": False}, {"way": "email", "has_left": False}]

    def send(**changes: Any) -> int:
        said = {"uuid": guest, "request": str(uuid.uuid4()), "way": "sms", "to": PHONE} | changes
        return int(outsider.post(f"/k/{kiosk.token}/send", said, content_type="application/json").status_code)

    assert [send(), send(to="12"), send(to=""), send(uuid=str(uuid.uuid4()))] == [201, 400, 400, 400]
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert send() == 400
        actions.send_waiting_coupons()
    assert [one.to for one in sms.asked] == [SEALED]
