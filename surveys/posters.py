"""PURE. Posters as PDF: what is printed on them, and how it is laid out. Text is drawn with a font of our own, of which
the glyphs that are used go into the file: a print shop's machine shows what ours does."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

import segno
from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, WrapMode
from fpdf.fonts import TTFFont
from fpdf.svg import SVGObject
from PIL import Image

FORMATS = ("a4", "a6", "tent")
SIZES = {"a4": (210.0, 297.0), "a6": (105.0, 148.0), "tent": (210.0, 297.0)}
FONT = "Noto Sans SC"
QUIET_ZONE = 4  # modules
INK, SOFT, LINE = (27, 36, 32), (85, 96, 90), (190, 190, 186)
MILLIMETRES_PER_POINT = 25.4 / 72
FLAP = 25.0  # of a tent: what is folded inwards at both ends, and glued one upon the other


@dataclass(frozen=True)
class Poster:
    address: str
    title: str  # the business
    caption_zh_hans: str
    caption_en: str
    footer: str  # the store and the spot
    logo: Path | None = None  # in place of the title


@dataclass(frozen=True)
class Box:
    """A part of the sheet, in millimetres."""

    x: float
    y: float
    width: float
    height: float

    def inner(self, edge: float) -> "Box":
        return Box(self.x + edge, self.y + edge, self.width - 2 * edge, self.height - 2 * edge)


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


class Sheet(FPDF):
    def __init__(self, size: tuple[float, float]) -> None:
        super().__init__(unit="mm", format=size)
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0
        self.set_lang("zh-CN")
        self.add_font(FONT, fname=str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"))
        self.set_font(FONT)
        font = self.current_font
        assert isinstance(font, TTFFont)
        self.face, self.cmap = font, font.cmap

    def close(self) -> None:
        """Close the font's file, which is read until all is written."""
        self.face.ttfont.close()

    # ── Layouts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def upright(self, poster: Poster, whole: Box) -> None:
        """The code in the middle, the captions above it, where it hangs below."""
        box = whole.inner(whole.width * 0.08)
        self._head(poster, Box(box.x, box.y + box.height * 0.02, box.width, box.height * 0.06), Align.C)
        top = box.y + box.height * 0.12
        self._text(poster.caption_zh_hans, Box(box.x, top, box.width, box.height * 0.17), 2, Align.C)
        top += box.height * 0.18
        self._text(poster.caption_en, Box(box.x, top, box.width, box.height * 0.09), 2, Align.C, SOFT)
        side = min(box.width * 0.86, box.height * 0.52)
        self._code(poster.address, Box(box.x + (box.width - side) / 2, box.y + box.height * 0.41, side, side))
        self._text(poster.footer, self._foot(box), 1, Align.C, SOFT)

    def sideways(self, poster: Poster, whole: Box) -> None:
        """The code at the left, the words at its right."""
        box = whole.inner(whole.height * 0.08)
        side, gap = min(box.height, box.width * 0.46), box.width * 0.02
        self._code(poster.address, Box(box.x, box.y + (box.height - side) / 2, side, side))
        words = Box(box.x + side + gap, box.y, box.width - side - gap, box.height)
        self._head(poster, Box(words.x, words.y + words.height * 0.04, words.width, words.height * 0.1), Align.L)
        middle = Box(words.x, words.y + words.height * 0.26, words.width, words.height * 0.34)
        self._text(poster.caption_zh_hans, middle, 3, Align.L)
        below = Box(words.x, words.y + words.height * 0.63, words.width, words.height * 0.2)
        self._text(poster.caption_en, below, 3, Align.L, SOFT)
        self._text(poster.footer, self._foot(words), 1, Align.L, SOFT)

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
            self._text(poster.title, box, 1, align)
            return
        ratio = _ratio(poster.logo)
        width = min(box.width, box.height * ratio)
        x = box.x + (box.width - width) / 2 if align is Align.C else box.x
        self.image(poster.logo, x=x, y=box.y, w=width, h=width / ratio)

    def _text(self, text: str, box: Box, lines: int, align: Align, colour: tuple[int, int, int] = INK) -> None:
        """Write text as large as it fits into the box on so many lines at most, in the middle of its height."""
        text = text.replace("’", "'")  # a Chinese font's is as wide as a Chinese character
        drawn = (character for character in text if character == "\n" or ord(character) in self.cmap)
        text = "".join(drawn).strip()  # without what the font lacks, rather than with empty boxes
        if not text:
            return
        by_characters = any(ord(character) > 0x2E7F for character in text)  # Chinese has no spaces to break at
        wrap = WrapMode.CHAR if by_characters else WrapMode.WORD
        height = box.height / lines
        while True:
            self.set_font_size(height / 1.3 / MILLIMETRES_PER_POINT)
            written = self._lines(text, box.width, wrap, height)
            if len(written) * height <= box.height + 0.01 or height < 1:
                break
            height *= 0.95
        self.set_text_color(*colour)
        self.set_xy(box.x, box.y + (box.height - len(written) * height) / 2)
        self.multi_cell(box.width, height, text, align=align, wrapmode=wrap)

    def _lines(self, text: str, width: float, wrap: WrapMode, height: float) -> list[str]:
        found: Any = self.multi_cell(width, height, text, wrapmode=wrap, dry_run=True, output=MethodReturnValue.LINES)
        return list(found)

    def _code(self, text: str, box: Box) -> None:
        """Draw a QR code as one filled shape, with its quiet zone inside the box."""
        matrix = segno.make_qr(text, error="m").matrix
        module = box.width / (len(matrix) + 2 * QUIET_ZONE)
        left, top = box.x + QUIET_ZONE * module, box.y + QUIET_ZONE * module
        with self.new_path() as path:
            path.style.fill_color, path.style.stroke_color = "#000000", None
            for row, line in enumerate(matrix):
                for start, length in _runs(line):
                    path.rectangle(left + start * module, top + row * module, length * module, module)


def _runs(line: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Yield where dark modules begin, and how many stand side by side."""
    length = 0
    column = -1
    for column, is_dark in enumerate(line):
        if is_dark:
            length += 1
        elif length:
            yield column - length, length
            length = 0
    if length:
        yield column + 1 - length, length


def _ratio(picture: Path) -> float:
    """Return how wide a picture is for its height."""
    if picture.suffix.lower() == ".svg":
        drawing = SVGObject.from_file(picture)
        width, height = drawing.viewbox[2:] if drawing.viewbox else (drawing.width or 1.0, drawing.height or 1.0)
        return float(width) / float(height)
    with Image.open(picture) as image:
        return image.width / image.height
