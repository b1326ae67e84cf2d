"""Webhooks: set up, given new secrets, told of each response; what waits is sent by the worker."""

import json
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from attribution.customers.identities import seal
from attribution.jobs import wake
from attribution.rows import has_row
from surveys import webhooks
from surveys.models import Delivery, Response, Webhook
from surveys.sending import SECONDS, Answer, send

RESPONSE, PING = "response.submitted", "ping"
LEASE = timedelta(seconds=4 * SECONDS)  # after which a message whose worker died is sent again
KEPT = timedelta(days=30)
GONE = 410


@transaction.atomic
def save_webhook(*, webhook: Webhook) -> Webhook:
    """Store a webhook; a new one gets a secret."""
    if webhook._state.adding:
        webhook.sealed = seal(webhooks.new_secret())
    webhook.save()
    return webhook


@transaction.atomic
def switch_webhook(*, webhook: Webhook, is_active: bool) -> None:
    webhook.is_active, webhook.failing_since = is_active, None
    webhook.save(update_fields=["is_active", "failing_since"])


@transaction.atomic
def change_secret(*, webhook: Webhook) -> str:
    """Give the webhook a new secret and return it; the old one signs as well for a day."""
    locked = Webhook.objects.select_for_update().get(pk=webhook.pk)
    secret = webhooks.new_secret()
    locked.sealed_before, locked.sealed, locked.changed_at = locked.sealed, seal(secret), timezone.now()
    locked.save(update_fields=["sealed", "sealed_before", "changed_at"])
    return secret


@transaction.atomic
def send_ping(*, webhook: Webhook) -> Delivery:
    """Send a message that says nothing, to try the address."""
    return _queued(webhook, PING, {"hello": "from Wanamaker"})


@transaction.atomic
def send_again(*, delivery: Delivery) -> None:
    """Have a message that was given up, or taken, sent once more: the same one, with its own id."""
    ended = Delivery.objects.filter(pk=delivery.pk).exclude(state=Delivery.State.WAITING)
    if ended.update(state=Delivery.State.WAITING, attempts=0, next_at=timezone.now(), ended_at=None):
        wake("surveys.deliver")


def announce_response(*, response: Response) -> None:
    """Queue a message to each webhook that hears of the response, in the transaction that stores it."""
    if not has_row(Webhook):  # most shops have none
        return
    survey = response.version.survey_id
    for webhook in Webhook.objects.filter(Q(survey=None) | Q(survey=survey), is_active=True):
        _queued(webhook, RESPONSE, _told(response))


def _queued(webhook: Webhook, event: str, data: dict[str, Any]) -> Delivery:
    body = {"type": event, "timestamp": timezone.now().isoformat(), "data": data}
    wake("surveys.deliver")
    return Delivery.objects.create(
        webhook=webhook, message_id=webhooks.new_message_id(), event=event, body=json.dumps(body, ensure_ascii=False)
    )


def _told(response: Response) -> dict[str, Any]:
    """Return what other programs hear of a response: what was answered, and never who."""
    choice = response.choice
    assert response.submitted_at is not None
    return {
        "id": str(response.pk),
        "survey": response.version.survey_id,
        "version": response.version.number,
        "placement": response.placement.token,
        "store": response.placement.store.code,
        "language": response.language,
        "submitted_at": response.submitted_at.isoformat(),
        "answers": response.answers,
        "codes": response.codes,
        "channel": choice.channel.slug if choice is not None and choice.channel is not None else None,
        "receipt": response.receipt_number,
        "source": response.source,
        "repeats": response.repeats,
    }


def deliver_waiting() -> None:
    """Send what is due, oldest first, and forget what ended a month ago."""
    while (delivery := _claimed()) is not None:
        deliver(delivery)
    Delivery.objects.filter(ended_at__lt=timezone.now() - KEPT).delete()


def _claimed() -> Delivery | None:
    """Return a due message that is ours for a while; two workers never get the same one."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=timezone.now(), webhook__is_active=True)
    for one in due.select_related("webhook").order_by("next_at")[:10]:
        same = Delivery.objects.filter(pk=one.pk, state=Delivery.State.WAITING, next_at=one.next_at)
        if same.update(attempts=F("attempts") + 1, next_at=timezone.now() + LEASE):
            one.refresh_from_db(fields=["attempts", "next_at"])
            return one
    return None


def deliver(delivery: Delivery) -> None:
    """Try once; what is not taken waits for its next try, and after the last is given up."""
    now, webhook = timezone.now(), delivery.webhook
    signed = webhooks.headers(webhook.secrets(), delivery.message_id, int(now.timestamp()), delivery.body)
    answer = send(webhook.url, signed, delivery.body)
    ended = timezone.now()
    values: dict[str, Any] = {
        "last_status": answer.status, "last_said": answer.said[:500], "last_milliseconds": answer.milliseconds
    }  # fmt: skip
    if answer.is_taken:
        values |= {"state": Delivery.State.TAKEN, "ended_at": ended}
    elif delivery.attempts > len(webhooks.PAUSES) or answer.status == GONE:
        values |= {"state": Delivery.State.GIVEN_UP, "ended_at": ended}
    else:
        values["next_at"] = ended + webhooks.PAUSES[delivery.attempts - 1]
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk, next_at=delivery.next_at).update(**values)
        _remember(webhook, answer, ended)


def _remember(webhook: Webhook, answer: Answer, at: Any) -> None:
    """Say of the webhook since when it fails; an address that says it is gone is asked no more."""
    if answer.is_taken:
        Webhook.objects.filter(pk=webhook.pk).exclude(failing_since=None).update(failing_since=None)
        return
    Webhook.objects.filter(pk=webhook.pk, failing_since=None).update(failing_since=at)
    if answer.status == GONE:
        Webhook.objects.filter(pk=webhook.pk).update(is_active=False)
