"""A redemption taken back: a row of its own, and the coupon can be used again while it is valid."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution import facts
from attribution.coupons.actions.limits import count_back
from attribution.coupons.actions.orders import give_back
from attribution.coupons.actions.races import lost
from attribution.coupons.actions.redeeming import source_key
from attribution.coupons.actions.refusals import BadInput, RedemptionAlreadyVoided, RequestReused, clock
from attribution.coupons.models import Coupon, Redemption, Void
from attribution.evidence.actions import retract_touch
from attribution.evidence.models import Touchpoint


def void_redemption(*, redemption: Redemption, reason: str, staff: Any, request_id: UUID, note: str = "") -> Void:
    """Void a redemption once; the same ``request_id`` again returns the same void.

    Its touch is retracted, and a provisional order gets its discount back (see ``actions.orders``).
    Raises RedemptionAlreadyVoided, RequestReused, and BadInput for an unknown reason or a note of over 200 characters.
    """
    if reason not in Void.Reason.values or len(note) > 200:
        raise BadInput(_("Choose a reason; a note has at most 200 characters."), field="reason")
    try:
        return _void(redemption, reason, staff, request_id, note)
    except IntegrityError as error:
        if not lost(error, Void, "redemption", "request_id"):
            raise
    return _void(redemption, reason, staff, request_id, note)


@transaction.atomic
def _void(redemption: Redemption, reason: str, staff: Any, request_id: UUID, note: str) -> Void:
    # The lock that a redemption takes: a void and a new use of the same code come one after the other.
    if redemption.coupon_id is not None:
        Coupon.objects.select_for_update().get(pk=redemption.coupon_id)
    now = timezone.now()
    earlier = Void.objects.filter(request_id=request_id).select_related("redemption__store").first()
    if earlier is not None:
        if earlier.redemption_id != redemption.pk or earlier.reason != reason:
            raise RequestReused(time=clock(earlier.voided_at, earlier.redemption.store, now))
        return earlier
    if not Redemption.objects.filter(pk=redemption.pk, is_standing=True).update(is_standing=False):
        raise RedemptionAlreadyVoided(time=clock(redemption.void.voided_at, redemption.store, now))
    redemption.is_standing = False
    count_back(redemption)
    void = Void.objects.create(
        redemption=redemption, reason=reason, note=note, staff=staff, request_id=request_id, voided_at=now
    )
    retract_touch(kind=Touchpoint.Kind.COUPON, source_key=source_key(redemption))
    give_back(redemption, now)
    facts.ring()
    return void
