"""Coupon batches as mappings: which channel a batch speaks for, and how that is put right."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from attribution.coupons.actions import correct_batch_channel
from attribution.coupons.models import CouponBatch
from attribution.evidence.mappings import Mapping
from attribution.evidence.models import Channel


class BatchSource:
    name = "batch"
    title = _("Coupon batches")

    def rows(self) -> Iterable[Mapping]:
        for batch in CouponBatch.objects.select_related("channel").order_by("-created_at", "-pk"):
            yield Mapping(key=batch.mapping_key, label=str(batch), channel=batch.channel, may_mean_none=True)

    def correct(self, key: str, channel: Channel | None) -> int:
        batch = CouponBatch.objects.get(pk=int(key.removeprefix("batch:")))
        return correct_batch_channel(batch=batch, channel=channel)
