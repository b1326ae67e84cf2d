"""Visits: a device that followed a tracked link, and the touch it becomes once we know whose device it is."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from attribution import facts
from attribution.customers.actions import find_customer
from attribution.customers.identities import digest
from attribution.customers.models import Customer
from attribution.evidence.actions.touches import record_touch
from attribution.evidence.models import Touchpoint, TrackedLink, Visit
from attribution.rows import has_row

# A second scan so soon is the same visit: a double tap, a reload, or a client that hammers. Later ones count, each as
# a visit and a touch of its own: somebody who came back to the poster the next day was touched twice.
SAME_VISIT = timedelta(seconds=60)


@transaction.atomic
def record_visit(*, link: TrackedLink, device: str, at: datetime) -> Visit | None:
    """Record that ``device`` (its cookie's token) followed ``link``, or None if that is the same visit still.

    A device that has answered or claimed before is its customer's, and the visit a touch at once.
    """
    link = _locked().get(pk=link.pk)  # two scans at once: one after the other
    owner_digest = digest("device", device)
    recent = Visit.objects.filter(link=link, device_digest=owner_digest)
    if recent.filter(at__gt=at - SAME_VISIT, at__lt=at + SAME_VISIT).exists():
        return None
    visit = Visit.objects.create(link=link, device_digest=owner_digest, at=at)
    facts.ring()
    customer = find_customer(kind="device", value=device)
    if customer is not None:
        _touch(visit, link, customer)
    return visit


@transaction.atomic(savepoint=False)
def adopt_visits(*, customer: Customer, device: str) -> int:
    """Turn the visits of a device that has just answered or claimed into its customer's touches; return how many.

    Safe to call at every answer and claim: a visit that is a touch already, or was one, stays as it is.
    """
    owner_digest = digest("device", device)
    if not has_row(Visit, device_digest=owner_digest):  # most have followed no link
        return 0
    visits = Visit.objects.filter(device_digest=owner_digest).order_by("pk")
    keys = {_source_key(visit): visit for visit in visits}
    known = Touchpoint.objects.filter(kind=Touchpoint.Kind.LINK, source_key__in=list(keys))
    for key in known.values_list("source_key", flat=True):
        keys.pop(key, None)
    # Locked, in one order: whoever corrects a link's channel meanwhile comes wholly before or wholly after us.
    wanted = {visit.link_id for visit in keys.values()}
    links = _locked().filter(pk__in=wanted).order_by("pk").in_bulk()
    for visit in keys.values():
        _touch(visit, links[visit.link_id], customer)
    return len(keys)


def _locked() -> QuerySet[TrackedLink]:
    return TrackedLink.objects.select_for_update(no_key=True, of=("self",)).select_related("channel", "campaign")


def _source_key(visit: Visit) -> str:
    return f"visit:{visit.pk}"


def _touch(visit: Visit, link: TrackedLink, customer: Customer) -> None:
    record_touch(
        customer=customer,
        channel=link.channel,
        campaign=link.campaign,
        kind=Touchpoint.Kind.LINK,
        occurred_at=visit.at,
        source_key=_source_key(visit),
        mapping_key=link.mapping_key,
    )
