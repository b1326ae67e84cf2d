"""A CSV or Excel file as chunks of text, each row with the number it has in the file.

Not through ``pandas.read_csv``: its fast parser dies on a line with too many fields or swallows everything after an
open quotation mark, and its patient one is slow and cannot say which row it left out. Python's ``csv`` reader, which is
C as well, tells; half a million lines take about two seconds. What comes out are pandas frames.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from sheets.read import delimited, excel
from sheets.read.errors import SheetError
from sheets.read.record import FailedRow, Limits, Record
from sheets.write.safe import plain_text

__all__ = ["Chunk", "FailedRow", "Limits", "SheetFile", "open_sheet"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_TABLE = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"<!DOCTYPE", b"<html", b"<table", b"<?xml")


@dataclass(frozen=True)
class Chunk:
    """Some rows of the file.

    ``frame`` holds text, one column per heading, blanks as NA, indexed by row number (the heading's line is counted);
    ``failed`` are the rows that could not be split into fields; ``progress`` is how far into the file this is, 0 to 1.
    """

    frame: pd.DataFrame
    failed: list[FailedRow]
    progress: float

    @property
    def rows(self) -> int:
        return len(self.frame) + len(self.failed)


@dataclass(frozen=True)
class SheetFile:
    """An opened file: its headings, and its rows as often as asked for.

    ``headings`` are stripped and made unique; ``detail`` says how the file was understood (encoding and delimiter, or
    the sheet's name).
    """

    path: Path
    kind: str
    headings: list[str]
    heading_row: int
    detail: dict[str, str]
    _records: Callable[[], Iterator[Record]] = field(repr=False)

    def chunks(self, size: int = 20_000) -> Iterator[Chunk]:
        """Yield all rows in order, at most ``size`` at a time. Blank rows are left out, and keep their number."""
        numbers: list[int] = []
        rows: list[Sequence[str]] = []
        failed: list[FailedRow] = []
        progress = 0.0
        for number, fields, progress in self._records():
            if isinstance(fields, FailedRow):
                failed.append(fields)
            else:
                numbers.append(number)
                rows.append(fields)
            if len(rows) + len(failed) >= size:
                yield Chunk(self._frame(rows, numbers), failed, progress)
                numbers, rows, failed = [], [], []
        if rows or failed:
            yield Chunk(self._frame(rows, numbers), failed, progress)

    def _frame(self, rows: list[Sequence[str]], numbers: list[int]) -> pd.DataFrame:
        index = pd.Index(numbers, name="row", dtype="int64")
        frame = pd.DataFrame(rows, columns=self.headings, index=index, dtype="str")
        return frame.apply(_tidy)


def open_sheet(path: Path, *, sheet: str | None = None, limits: Limits | None = None) -> SheetFile:
    """Return a CSV or .xlsx file, told by its content, not by its name.

    Raises
    ------
    SheetError : with the code ``empty_file``, ``not_a_spreadsheet``, ``old_excel``, ``password_protected``,
        ``damaged``, ``too_large``, ``unknown_encoding`` or ``bad_header``
    """
    limits = limits or Limits()
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise SheetError("too_large", found=f"{size:,} bytes", limit=f"{limits.file_bytes:,} bytes")
    with path.open("rb") as file:
        sample = file.read(limits.sample_bytes)
    if not sample.strip(b"\xef\xbb\xbf \t\r\n"):
        raise SheetError("empty_file")
    if sample.startswith(_OLE):
        protected = "EncryptedPackage".encode("utf-16-le") in path.read_bytes()
        raise SheetError("password_protected" if protected else "old_excel")
    if sample.startswith(b"PK"):
        source: excel.Source | delimited.Source = excel.open_source(path, sheet, limits)
    elif sample.lstrip().startswith(_NO_TABLE):
        raise SheetError("not_a_spreadsheet")
    else:
        source = delimited.open_source(path, sample, limits)
    return SheetFile(
        path, source.kind, _unique(source.headings), source.heading_row, source.detail, source.records
    )  # fmt: skip


def _tidy(column: pd.Series) -> pd.Series:
    column = column.str.strip()
    quoted = column.str.startswith("'")
    if quoted.any():
        column = column.where(~quoted, column[quoted].map(plain_text)).str.strip()
    return column.mask(column == "")


def _unique(headings: Sequence[str]) -> list[str]:
    seen: set[str] = set()
    names = []
    for position, heading in enumerate(headings, 1):
        plain = plain_text(heading.strip()) or f"#{position}"
        name, number = plain, 1
        while name in seen:
            number += 1
            name = f"{plain} ({number})"
        seen.add(name)
        names.append(name)
    return names
