"""Tracked links: set up, switched on and off, and their channel corrected."""

from django.db import transaction

from attribution import facts
from attribution.evidence.actions.touches import recode_touches
from attribution.evidence.models import Campaign, Channel, TrackedLink


@transaction.atomic
def save_link(*, link: TrackedLink) -> TrackedLink:
    """Store a link as its form left it; touches follow a changed campaign. (A channel: ``correct_link_channel``.)"""
    link.save()
    recode_touches(mapping_key=link.mapping_key, channel=link.channel, campaign=link.campaign)
    facts.ring()
    return link


@transaction.atomic
def switch_link(*, link: TrackedLink, is_active: bool) -> None:
    """Let a link lead somewhere again, or no longer: its printed code then shows a friendly page."""
    TrackedLink.objects.filter(pk=link.pk).update(is_active=is_active)
    link.is_active = is_active
    facts.ring()


@transaction.atomic
def correct_link_channel(*, link: TrackedLink, channel: Channel, campaign: Campaign | None = None) -> int:
    """Say that a link was another channel's all along; return how many touches move with it."""
    TrackedLink.objects.filter(pk=link.pk).update(channel=channel, campaign=campaign)
    link.refresh_from_db()
    moved = recode_touches(mapping_key=link.mapping_key, channel=channel, campaign=campaign)
    facts.ring()  # visits and capabilities name the channel too
    return moved
