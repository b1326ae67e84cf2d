"""The app's icon on a tablet, drawn: a speech bubble with a tick, within what a round mask leaves."""

import io
from functools import cache

from PIL import Image, ImageDraw

SIZES = (192, 512)
GROUND, BUBBLE, TICK = (11, 110, 95), (255, 255, 255), (168, 72, 31)
SMOOTH = 4  # drawn so many times larger, then made small


@cache
def icon_of(size: int) -> bytes:
    """Return it as PNG; of a size that no manifest names, the nearest that one does."""
    size = min(SIZES, key=lambda known: abs(known - size))
    whole = size * SMOOTH
    picture = Image.new("RGB", (whole, whole), GROUND)
    draw = ImageDraw.Draw(picture)
    unit = whole / 100
    draw.rounded_rectangle([24 * unit, 26 * unit, 76 * unit, 66 * unit], 9 * unit, fill=BUBBLE)
    draw.polygon([(34 * unit, 64 * unit), (50 * unit, 64 * unit), (34 * unit, 78 * unit)], fill=BUBBLE)
    draw.line(
        [(37 * unit, 46 * unit), (46 * unit, 55 * unit), (63 * unit, 37 * unit)],
        fill=TICK, width=int(7 * unit), joint="curve",
    )  # fmt: skip
    out = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
