"""Tracked links: set up, switched off, and their channel corrected."""

from django.db import transaction

from attribution.evidence.actions.touches import recode_touches
from attribution.evidence.models import Campaign, Channel, TrackedLink


@transaction.atomic
def correct_link_channel(*, link: TrackedLink, channel: Channel, campaign: Campaign | None = None) -> int:
    """Say that a link was another channel's all along; return how many touches move with it."""
    TrackedLink.objects.filter(pk=link.pk).update(channel=channel, campaign=campaign)
    link.refresh_from_db()
    return recode_touches(mapping_key=link.mapping_key, channel=channel, campaign=campaign)
