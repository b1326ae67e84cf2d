"""Tracked links as a source of mappings, and as something to print."""

import io
from collections.abc import Iterable

import segno
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from attribution.evidence.actions import correct_link_channel
from attribution.evidence.mappings import Mapping
from attribution.evidence.models import Channel, TrackedLink

# Level M still reads with 15 % of the picture lost to rain and scratches; four modules of quiet zone are the norm.
ERROR_LEVEL, QUIET_ZONE = "m", 4
# A code of 33 modules, as most are, prints 6 cm wide from the SVG and 11 cm from the PNG; both can be scaled.
MILLIMETRES_PER_MODULE, PIXELS_PER_MODULE, DOTS_PER_INCH = 1.5, 32, 300


class LinkSource:
    name, title = "link", _("Tracked links")

    def rows(self) -> Iterable[Mapping]:
        links = TrackedLink.objects.select_related("channel")
        return [Mapping(link.mapping_key, link.label, link.channel) for link in links]

    def correct(self, key: str, channel: Channel | None) -> int:
        if channel is None:
            raise ValueError("a tracked link always has a channel")
        link = TrackedLink.objects.get(pk=key.partition(":")[2])
        return correct_link_channel(link=link, channel=channel)


def address(link: TrackedLink, request: HttpRequest) -> str:
    """Return what the QR code holds: the shop's public address if it is known, else the one in use now."""
    path = reverse("go", args=[link.code])
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def qr_picture(text: str, kind: str) -> bytes:
    """Return a QR code of ``text`` as a file of ``kind`` svg or png, fit for print."""
    out = io.BytesIO()
    # make_qr, not make: phones do not read the "Micro QR" that a short text would become.
    code = segno.make_qr(text, error=ERROR_LEVEL)
    if kind == "svg":
        code.save(out, kind="svg", border=QUIET_ZONE, scale=MILLIMETRES_PER_MODULE, unit="mm", light="#ffffff")
    else:
        code.save(out, kind="png", border=QUIET_ZONE, scale=PIXELS_PER_MODULE, dpi=DOTS_PER_INCH)
    return out.getvalue()
