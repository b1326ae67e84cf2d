"""PURE. Labels to cut or peel: sheets of A4 with a coupon on each, its code as a picture and in letters.

What is the same on all of them is drawn once and repeated; a file holds a hundred sheets, and more files go into one
archive, so that a hundred thousand labels need no more memory than one file.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile

import segno
from fpdf.enums import Align

from attribution.coupons.codes import check, display
from sheets.paper import INK, MILLIMETRES_PER_POINT, QUIET_ZONE, SOFT, Box, Paper, runs

A4 = (210.0, 297.0)
SHEETS_A_FILE = 100
# Any of the eight masks can be read; to weigh them against each other takes five times as long as to draw one.
MASK = 2


@dataclass(frozen=True)
class Grid:
    """How labels lie on a sheet, in millimetres."""

    columns: int
    rows: int
    width: float
    height: float

    @property
    def a_sheet(self) -> int:
        return self.columns * self.rows

    def places(self) -> Iterator[Box]:
        left, top = (A4[0] - self.columns * self.width) / 2, (A4[1] - self.rows * self.height) / 2
        for row in range(self.rows):
            for column in range(self.columns):
                yield Box(left + column * self.width, top + row * self.height, self.width, self.height)


GRIDS = {"labels-24": Grid(3, 8, 70.0, 37.0), "labels-10": Grid(2, 5, 105.0, 57.0)}


@dataclass(frozen=True)
class Label:
    """What stands on each label beside its code, in Chinese and in English."""

    business: str
    promise: tuple[str, str]
    terms: tuple[str, str]  # a line each


def write_labels(
    codes: Iterable[str], label: Label, form: str, out: IO[bytes], progress: Callable[[int], None] = lambda done: None
) -> str:
    """Write labels in one of GRIDS; return the ending of the file: pdf, or zip for more sheets than one file holds."""
    grid, done = GRIDS[form], 0
    files = _some(codes, grid.a_sheet * SHEETS_A_FILE)
    first = next(files, ())
    second = next(files, None)
    progress(0)
    if second is None:
        out.write(_file(first, label, grid))
        return "pdf"
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for number, some in enumerate((first, second, *files), 1):
            archive.writestr(f"labels-{number:03}.pdf", _file(some, label, grid))
            done += len(some)
            progress(done)
    return "zip"


def _some(codes: Iterable[str], count: int) -> Iterator[tuple[str, ...]]:
    rest = iter(codes)
    while some := tuple(islice(rest, count)):
        yield some


def _file(codes: tuple[str, ...], label: Label, grid: Grid) -> bytes:
    with closing(Labels(label, grid)) as sheets:
        for some in _some(codes, grid.a_sheet) if codes else [()]:
            sheets.add_sheet(some)
        return bytes(sheets.output())


class Labels(Paper):
    def __init__(self, label: Label, grid: Grid) -> None:
        super().__init__(A4)
        self.label, self.grid = label, grid
        whole = Box(0, 0, grid.width, grid.height)
        box = whole.inner(grid.height * 0.08)
        self.picture = Box(box.x, box.y, box.height, box.height)
        words = box.x + box.height + grid.width * 0.02
        self.words = Box(words, box.y, grid.width - words - box.x, box.height)
        self.drawn = b""

    def add_sheet(self, codes: Iterable[str]) -> None:
        self.add_page()
        for code, place in zip(codes, self.grid.places(), strict=False):
            self.drawn = self.drawn or self._once()
            # PDF counts from the foot of the sheet upwards, and fpdf from its head downwards.
            self._out(f"q 1 0 0 1 {place.x * self.k:.3f} {-place.y * self.k:.3f} cm")
            self._out(self.drawn)
            self._picture(code)
            self._letters(code)
            self._out("Q")

    def _once(self) -> bytes:
        """Draw what every label has, as if it were the first place's, and take it off the page again."""
        content: Any = self.pages[self.page].contents
        before = len(content)
        box = self.words
        zh_hans, en = self.label.promise
        rows = [(self.label.business, 0.0, 0.1, SOFT), (zh_hans, 0.11, 0.19, INK), (en, 0.31, 0.13, INK)]
        rows += [(text, top, 0.18, SOFT) for text, top in zip(self.label.terms, (0.46, 0.65), strict=True)]
        for text, top, height, colour in rows:
            place = Box(box.x, box.y + box.height * top, box.width, box.height * height)
            self.write_text(text, place, max(1, text.count("\n") + 1), Align.L, colour)
        drawn = bytes(content[before:])
        del content[before:]
        return drawn

    def _letters(self, code: str) -> None:
        box, text = self.words, display(code)
        size = box.height * 0.13 / MILLIMETRES_PER_POINT
        self.set_font_size(size)
        self.set_font_size(min(size, size * box.width / self.get_string_width(text)))
        # What was drawn once left another size, of which fpdf does not know.
        self.set_text_color(*INK)
        self._out(f"BT /F{self.face.i} {self.font_size_pt:.2f} Tf ET 0 g")
        self.text(box.x, box.y + box.height, text)

    def _picture(self, code: str) -> None:
        """Draw the code's modules as squares of a grid of their own, with the quiet zone inside the box."""
        ours = {"version": 1, "error": "q", "boost_error": False, "mask": MASK} if check(code) else {"error": "m"}
        matrix = segno.make_qr(code, **ours).matrix
        module = self.picture.width / (len(matrix) + 2 * QUIET_ZONE) * self.k
        left = self.picture.x * self.k + QUIET_ZONE * module
        foot = (self.h - self.picture.y) * self.k - (QUIET_ZONE + len(matrix)) * module
        squares = " ".join(
            f"{start} {len(matrix) - 1 - row} {length} 1 re"
            for row, line in enumerate(matrix)
            for start, length in runs(line)
        )
        self._out(f"q {module:.4f} 0 0 {module:.4f} {left:.3f} {foot:.3f} cm 0 g {squares} f Q")
