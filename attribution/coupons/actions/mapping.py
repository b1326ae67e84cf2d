"""A batch's channel put right, with every touch that it gave."""

from django.db import transaction

from attribution import facts
from attribution.coupons.actions.redeeming import new_touch
from attribution.coupons.models import CouponBatch
from attribution.evidence.actions import recode_touches, record_touches
from attribution.evidence.models import Campaign, Channel


@transaction.atomic
def correct_batch_channel(*, batch: CouponBatch, channel: Channel | None, campaign: Campaign | None = None) -> int:
    """Say that a batch was another channel's all along (or none's); return how many touches change.

    A batch that had no channel speaks now for every redemption of it that stands and whose customer is known.
    """
    had_none = CouponBatch.objects.select_for_update().get(pk=batch.pk).channel_id is None
    CouponBatch.objects.filter(pk=batch.pk).update(channel=channel, campaign=campaign)
    batch.refresh_from_db()
    facts.ring()
    if not had_none or channel is None:
        return recode_touches(mapping_key=batch.mapping_key, channel=channel, campaign=campaign)
    silent = batch.redemptions.standing().exclude(customer=None).select_related("batch", "customer__merged_into")
    touches = [touch for redemption in silent if (touch := new_touch(redemption)) is not None]
    record_touches(touches=touches)
    return len(touches)
