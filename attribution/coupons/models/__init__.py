"""Coupons: batches, codes, redemptions, voids, every try that was refused, and long work on codes."""

from attribution.coupons.models.batch import CouponBatch, Issuer, Kind, Stacking
from attribution.coupons.models.coupon import Coupon
from attribution.coupons.models.redemption import Attempt, Redemption, RedemptionQuerySet, Void
from attribution.coupons.models.work import CodeFile, CodeRun

__all__ = [
    "Attempt",
    "CodeFile",
    "CodeRun",
    "Coupon",
    "CouponBatch",
    "Issuer",
    "Kind",
    "Redemption",
    "RedemptionQuerySet",
    "Stacking",
    "Void",
]
