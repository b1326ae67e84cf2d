"""Touches: recorded once per source, retracted but never deleted, re-recorded when their mapping is corrected."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from attribution import facts
from attribution.customers.models import Customer
from attribution.evidence.models import Campaign, Channel, Touchpoint

AT_ONCE = 2000  # rows held in memory while a mapping is corrected


@transaction.atomic
def record_touch(
    *,
    customer: Customer,
    channel: Channel,
    campaign: Campaign | None = None,
    kind: str,
    occurred_at: datetime,
    source_key: str,
    mapping_key: str,
) -> Touchpoint:
    """Return the standing touch of this source, recorded now unless it stands already.

    The first record wins: to change what a source says, retract it first, or correct its mapping.
    """
    touch, is_new = Touchpoint.objects.standing().get_or_create(
        kind=kind,
        source_key=source_key,
        defaults={
            "customer": customer,
            "channel": channel,
            "campaign": campaign,
            "occurred_at": occurred_at,
            "mapping_key": mapping_key,
        },
    )
    if is_new:
        facts.ring()
    return touch


@transaction.atomic(savepoint=False)
def record_touches(*, touches: Sequence[Touchpoint]) -> None:
    """Record many at once; those whose source has a standing touch already stay as they are."""
    if touches:
        Touchpoint.objects.bulk_create(touches, batch_size=AT_ONCE, ignore_conflicts=True)
        facts.ring()


@transaction.atomic
def retract_touch(*, kind: str, source_key: str) -> bool:
    """Let the touch of this source stand no longer; say whether there was one."""
    standing = Touchpoint.objects.standing().filter(kind=kind, source_key=source_key)
    was_standing = bool(standing.update(retracted_at=timezone.now()))
    if was_standing:
        facts.ring()
    return was_standing


@transaction.atomic
def retract_touches(*, kind: str, source_keys: Sequence[str]) -> int:
    """Let the touches of these sources stand no longer; return how many did."""
    standing = Touchpoint.objects.standing().filter(kind=kind, source_key__in=source_keys)
    retracted = standing.update(retracted_at=timezone.now())
    if retracted:
        facts.ring()
    return retracted


@transaction.atomic
def recode_touches(*, mapping_key: str, channel: Channel | None, campaign: Campaign | None = None) -> int:
    """Give the standing touches of a mapping another channel; return how many changed.

    Each is retracted and recorded anew, so that what a finished run read can still be seen. Without a channel they
    are only retracted: the mapping no longer says anything. Call it after the mapping itself has been changed in
    the same transaction: whoever records through the mapping waits for that row.
    """
    standing = Touchpoint.objects.standing().filter(mapping_key=mapping_key)
    if channel is not None:
        standing = standing.exclude(channel=channel, campaign=campaign)
    now, changed = timezone.now(), 0
    while batch := list(standing.order_by("pk")[:AT_ONCE]):
        Touchpoint.objects.filter(pk__in=[touch.pk for touch in batch]).update(retracted_at=now)
        if channel is not None:
            Touchpoint.objects.bulk_create(_recoded(touch, channel, campaign, now) for touch in batch)
        changed += len(batch)
    if changed:
        facts.ring()
    return changed


def _recoded(touch: Touchpoint, channel: Channel, campaign: Campaign | None, now: datetime) -> Touchpoint:
    return Touchpoint(
        customer_id=touch.customer_id,
        channel=channel,
        campaign=campaign,
        kind=touch.kind,
        occurred_at=touch.occurred_at,
        source_key=touch.source_key,
        mapping_key=touch.mapping_key,
        recorded_at=now,
    )
