"""Every write to batches' stock, coupons, redemptions, voids and attempts; keyword-only, one transaction each."""

from attribution.coupons.actions.issuing import (
    claim_coupon,
    claimed_coupon,
    ensure_claimable,
    issue_coupon,
    print_coupons,
)
from attribution.coupons.actions.judging import Usable, inspect_coupon
from attribution.coupons.actions.mapping import correct_batch_channel
from attribution.coupons.actions.redeeming import redeem_coupon
from attribution.coupons.actions.refusals import (
    BadCheck,
    BadInput,
    BatchOver,
    BatchPaused,
    BelowMinimum,
    CouponAlreadyRedeemed,
    Expired,
    NotClaimable,
    NotOurs,
    NotYetValid,
    OrderConflict,
    OtherStore,
    OutOfStock,
    Paused,
    RedemptionAlreadyVoided,
    Refused,
    RequestReused,
    TooManyTries,
    UnknownCode,
    record_refusal,
)
from attribution.coupons.actions.voiding import void_redemption

__all__ = [
    "BadCheck",
    "BadInput",
    "BatchOver",
    "BatchPaused",
    "BelowMinimum",
    "CouponAlreadyRedeemed",
    "Expired",
    "NotClaimable",
    "NotOurs",
    "NotYetValid",
    "OrderConflict",
    "OtherStore",
    "OutOfStock",
    "Paused",
    "RedemptionAlreadyVoided",
    "Refused",
    "RequestReused",
    "TooManyTries",
    "UnknownCode",
    "Usable",
    "claim_coupon",
    "claimed_coupon",
    "correct_batch_channel",
    "ensure_claimable",
    "inspect_coupon",
    "issue_coupon",
    "print_coupons",
    "record_refusal",
    "redeem_coupon",
    "void_redemption",
]
