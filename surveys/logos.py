"""PURE. A logo as somebody uploads it, drawn anew: the picture alone is kept, and nothing that came with it."""

import io
from typing import IO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from attribution.errors import DomainError

MOST_BYTES = 2_000_000
MOST_PIXELS = 20_000_000
LARGEST = (1600, 1600)  # what is kept: sharp on an A4 sheet
FORMATS = ("PNG", "JPEG")


class BadLogo(DomainError):
    code = "bad_logo"
    field = "logo"
    message = _("This is no picture that can be printed. Save it as PNG or JPEG.")


class LogoTooLarge(BadLogo):
    code = "logo_too_large"
    message = _("This picture is too large. It may have 2 MB and 20 million points.")


def drawn_anew(file: IO[bytes]) -> bytes:
    """Return the picture as a PNG of its own, turned upright. Raises BadLogo, LogoTooLarge.

    Only PNG and JPEG are read at all, their size before their points; what else the file held (places, comments,
    another file behind the picture) is left behind.
    """
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise LogoTooLarge
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise LogoTooLarge
            return _png(ImageOps.exif_transpose(picture))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:  # as Pillow says what is wrong
        raise BadLogo from error


def _png(picture: Image.Image) -> bytes:
    plain = picture.convert("RGBA")
    plain.thumbnail(LARGEST)
    fresh = Image.new("RGBA", plain.size)
    fresh.paste(plain)
    out = io.BytesIO()
    fresh.save(out, "PNG", optimize=True)
    return out.getvalue()
