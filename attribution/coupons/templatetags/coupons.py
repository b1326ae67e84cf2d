"""How codes look on a page."""

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

from attribution.coupons.codes import display

register = template.Library()
register.filter("code", display)


@register.filter
def qr(code: str) -> SafeString:
    """Return a QR code as an SVG picture that scales with its box; its words stand beside it on the page."""
    # make_qr, not make: phones do not read the "Micro QR" that a short text would become.
    picture = segno.make_qr(code, error="m").svg_inline(border=4, omitsize=True, light="#ffffff")
    return mark_safe(picture)  # noqa: S308  made here, from modules; the text itself is not in it
