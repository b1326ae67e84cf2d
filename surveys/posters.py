"""PURE. Posters as PDF: what is printed on them, and how it is laid out."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fpdf.enums import Align
from fpdf.svg import SVGObject
from PIL import Image

from sheets.paper import LINE, SOFT, Box, Paper

FORMATS = ("a4", "a6", "tent")
SIZES = {"a4": (210.0, 297.0), "a6": (105.0, 148.0), "tent": (210.0, 297.0)}
FLAP = 25.0  # of a tent: what is folded inwards at both ends, and glued one upon the other


@dataclass(frozen=True)
class Poster:
    address: str
    title: str  # the business
    caption_zh_hans: str
    caption_en: str
    footer: str  # the store and the spot
    logo: Path | None = None  # in place of the title


def write_posters(posters: Iterable[Poster], form: str, out: IO[bytes]) -> None:
    """Write one sheet a poster in one of FORMATS; a tent stands on the table and is read from both sides."""
    with closing(Sheet(SIZES[form])) as sheet:
        for poster in posters:
            sheet.add_page()
            if form == "tent":
                sheet.tent(poster)
            else:
                sheet.upright(poster, Box(0, 0, sheet.w, sheet.h))
        out.write(sheet.output())


class Sheet(Paper):
    # ── Layouts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def upright(self, poster: Poster, whole: Box) -> None:
        """The code in the middle, the captions above it, where it hangs below."""
        box = whole.inner(whole.width * 0.08)
        self._head(poster, Box(box.x, box.y + box.height * 0.02, box.width, box.height * 0.06), Align.C)
        top = box.y + box.height * 0.12
        self.write_text(poster.caption_zh_hans, Box(box.x, top, box.width, box.height * 0.17), 2, Align.C)
        top += box.height * 0.18
        self.write_text(poster.caption_en, Box(box.x, top, box.width, box.height * 0.09), 2, Align.C, SOFT)
        side = min(box.width * 0.86, box.height * 0.52)
        self.draw_code(poster.address, Box(box.x + (box.width - side) / 2, box.y + box.height * 0.41, side, side))
        self.write_text(poster.footer, self._foot(box), 1, Align.C, SOFT)

    def sideways(self, poster: Poster, whole: Box) -> None:
        """The code at the left, the words at its right."""
        box = whole.inner(whole.height * 0.08)
        side, gap = min(box.height, box.width * 0.46), box.width * 0.02
        self.draw_code(poster.address, Box(box.x, box.y + (box.height - side) / 2, side, side))
        words = Box(box.x + side + gap, box.y, box.width - side - gap, box.height)
        self._head(poster, Box(words.x, words.y + words.height * 0.04, words.width, words.height * 0.1), Align.L)
        middle = Box(words.x, words.y + words.height * 0.26, words.width, words.height * 0.34)
        self.write_text(poster.caption_zh_hans, middle, 3, Align.L)
        below = Box(words.x, words.y + words.height * 0.63, words.width, words.height * 0.2)
        self.write_text(poster.caption_en, below, 3, Align.L, SOFT)
        self.write_text(poster.footer, self._foot(words), 1, Align.L, SOFT)

    def tent(self, poster: Poster) -> None:
        """Both panels of an A4 sheet that is folded in the middle; the upper one stands on its head until then."""
        half = self.h / 2
        panel = Box(0, half, self.w, half - FLAP)
        self.sideways(poster, panel)
        with self.rotation(180, x=self.w / 2, y=half):
            self.sideways(poster, panel)
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        self.set_dash_pattern(dash=2, gap=2)
        for y in (FLAP, half, self.h - FLAP):
            self.line(0, y, self.w, y)
        self.set_dash_pattern()

    @staticmethod
    def _foot(box: Box) -> Box:
        height = max(box.height * 0.035, 4.5)
        return Box(box.x, box.y + box.height - height, box.width, height)

    # ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _head(self, poster: Poster, box: Box, align: Align) -> None:
        if poster.logo is None:
            self.write_text(poster.title, box, 1, align)
            return
        ratio = _ratio(poster.logo)
        width = min(box.width, box.height * ratio)
        x = box.x + (box.width - width) / 2 if align is Align.C else box.x
        self.image(poster.logo, x=x, y=box.y, w=width, h=width / ratio)


def _ratio(picture: Path) -> float:
    """Return how wide a picture is for its height."""
    if picture.suffix.lower() == ".svg":
        drawing = SVGObject.from_file(picture)
        width, height = drawing.viewbox[2:] if drawing.viewbox else (drawing.width or 1.0, drawing.height or 1.0)
        return float(width) / float(height)
    with Image.open(picture) as image:
        return image.width / image.height
