"""Every write to batches' stock, coupons, redemptions, voids and attempts; keyword-only, one transaction each."""

from attribution.coupons.actions.issuing import (
    claim_coupon,
    claimed_coupon,
    ensure_claimable,
    issue_coupon,
    print_coupons,
)
from attribution.coupons.actions.refusals import BatchOver, BatchPaused, NotClaimable, NotOurs, OutOfStock

__all__ = [
    "BatchOver",
    "BatchPaused",
    "NotClaimable",
    "NotOurs",
    "OutOfStock",
    "claim_coupon",
    "claimed_coupon",
    "ensure_claimable",
    "issue_coupon",
    "print_coupons",
]
