"""PURE. Sheets of paper as PDF. Text is drawn with a font of our own, of which the glyphs that are used go into the
file: a print shop's machine shows what ours does."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import segno
from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, WrapMode
from fpdf.fonts import TTFFont

FONT = "Noto Sans SC"
QUIET_ZONE = 4  # modules
INK, SOFT, LINE = (27, 36, 32), (85, 96, 90), (190, 190, 186)
MILLIMETRES_PER_POINT = 25.4 / 72


@dataclass(frozen=True)
class Box:
    """A part of the sheet, in millimetres."""

    x: float
    y: float
    width: float
    height: float

    def inner(self, edge: float) -> "Box":
        return Box(self.x + edge, self.y + edge, self.width - 2 * edge, self.height - 2 * edge)


class Paper(FPDF):
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

    def printable(self, text: str) -> str:
        """Return text without what the font lacks, rather than with empty boxes."""
        text = text.replace("’", "'")  # a Chinese font's is as wide as a Chinese character
        return "".join(character for character in text if character == "\n" or ord(character) in self.cmap).strip()

    def write_text(self, text: str, box: Box, lines: int, align: Align, colour: tuple[int, int, int] = INK) -> None:
        """Write text as large as it fits into the box on so many lines at most, in the middle of its height."""
        text = self.printable(text)
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

    def draw_code(self, text: str, box: Box) -> None:
        """Draw a QR code as one filled shape, with its quiet zone inside the box."""
        matrix = segno.make_qr(text, error="m").matrix
        module = box.width / (len(matrix) + 2 * QUIET_ZONE)
        left, top = box.x + QUIET_ZONE * module, box.y + QUIET_ZONE * module
        with self.new_path() as path:
            path.style.fill_color, path.style.stroke_color = "#000000", None
            for row, line in enumerate(matrix):
                for start, length in runs(line):
                    path.rectangle(left + start * module, top + row * module, length * module, module)


def runs(line: Iterable[int]) -> Iterable[tuple[int, int]]:
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
