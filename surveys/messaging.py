"""How a message leaves the house: what a provider's class must do, and the classes that come with it.

``MESSAGE_SMS_BACKEND`` and ``MESSAGE_EMAIL_BACKEND`` name a class by its dotted path; without one, guests are not
offered that way. A provider of text messages is a subclass of :class:`Backend` in a module of the shop's own.
"""

import smtplib
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cache

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.module_loading import import_string

SMS, EMAIL = "sms", "email"


@dataclass(frozen=True)
class Message:
    """``key`` is the request's, the same at each try; ``to`` a number as +8613800138000, or an e-mail address.

    ``values`` are the parts of ``text`` by name, for providers that only send templates of their own.
    """

    key: str
    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    language: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


class Retryable(Exception):
    """Certainly not sent, and worth another try: unreachable, overloaded. The argument is a code, for the shop."""


class Refused(Exception):
    """Certainly not sent, now or ever: no such number, a template that is not approved. The argument is a code."""


class Backend(ABC):
    """Sends one message at a time, from the worker.

    A subclass says by ``knows_keys`` whether its provider takes a ``key`` that it has seen before for the same
    message. Then a message whose outcome is not known (a timeout, a killed worker) is sent again with its key; else it
    is given up as unsure, rather than sent twice.
    """

    knows_keys = False

    @abstractmethod
    def send(self, message: Message) -> str:
        """Send, within 30 seconds, and return the provider's reference (up to 80 characters, or nothing).

        Raises Retryable or Refused where it is certain that nothing was sent; whatever else it raises means that
        nobody knows. Neither the address nor the text may be logged, or stand in a code or a reference.
        """


class Console(Backend):
    """Prints what would be sent, but for the address: to try things out, and for tests."""

    def send(self, message: Message) -> str:
        sys.stdout.write(f"[{message.key}] → {'•' * 8}{message.to[-2:]}: {message.text}\n")
        return ""


class Mail(Backend):
    """Sends e-mail by Django's own connection: SMTP as ``EMAIL_URL`` says. SMTP knows no keys."""

    def send(self, message: Message) -> str:
        connection = get_connection()
        try:
            connection.open()
        except (OSError, smtplib.SMTPException) as error:
            raise Retryable("unreachable") from error
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        mail = EmailMessage(
            message.subject, message.text, to=[message.to], connection=connection,
            headers={"Message-ID": f"<{message.key}@{domain}>"},
        )  # fmt: skip
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise _said([code for code, _words in error.recipients.values()]) from None
        except smtplib.SMTPResponseException as error:
            raise _said([error.smtp_code]) from None
        finally:
            _close(connection)
        return ""


def _said(codes: list[int]) -> Exception:
    """Return what a mail server's answer means; its words may hold the address, and are left out."""
    later = all(400 <= code < 500 for code in codes)
    name = f"smtp_{codes[0]}" if codes else "smtp"
    return Retryable(name) if later else Refused(name)


def _close(connection: object) -> None:
    with suppress(OSError, smtplib.SMTPException):  # what was sent is sent
        connection.close()  # type: ignore[attr-defined]


def backend_of(channel: str) -> Backend | None:
    """Return what sends by this way, or None where the shop has chosen nothing."""
    path = {SMS: settings.MESSAGE_SMS_BACKEND, EMAIL: settings.MESSAGE_EMAIL_BACKEND}[channel]
    return _backend(path) if path else None


def ways() -> list[str]:
    return [channel for channel in (SMS, EMAIL) if backend_of(channel) is not None]


@cache
def _backend(path: str) -> Backend:
    backend = import_string(path)()
    if not isinstance(backend, Backend):
        raise TypeError(f"{path} is no surveys.messaging.Backend")
    return backend
