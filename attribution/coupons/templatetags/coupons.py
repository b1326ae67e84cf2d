"""How codes look on a page."""

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

from attribution.coupons.codes import display
from attribution.coupons.models import CouponBatch
from attribution.coupons.words import cashier_terms, guest_terms, more_terms

register = template.Library()
register.filter("code", display)


@register.filter
def guest(batch: CouponBatch) -> list[str]:
    """Return a batch's terms for whoever takes a coupon of it."""
    return guest_terms(batch, list(batch.stores.all()))


@register.filter
def holder(batch: CouponBatch) -> list[str]:
    """Return the terms for whoever has one, beyond its bill and its last day."""
    return list(more_terms(batch, list(batch.stores.all())))


@register.filter
def cashier(batch: CouponBatch) -> list[str]:
    """Return the terms for whoever redeems one."""
    return cashier_terms(batch, list(batch.stores.all()))


@register.filter
def qr(code: str) -> SafeString:
    """Return a QR code as an SVG picture that scales with its box; its words stand beside it on the page."""
    # make_qr, not make: phones do not read the "Micro QR" that a short text would become.
    picture = segno.make_qr(code, error="m").svg_inline(border=4, omitsize=True, light="#ffffff")
    return mark_safe(picture)  # noqa: S308  made here, from modules; the text itself is not in it
