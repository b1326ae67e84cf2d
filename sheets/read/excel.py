"""Excel workbooks, looked over before anything of them is loaded.

Threat model: an uploaded .xlsx is a zip of XML. A few kilobytes can unpack to gigabytes, name a cell in the last row so
that a reader makes room for all cells before it, let a million cells repeat one long shared text, or declare entities
that multiply. calamine, which is fast, keeps a sheet in one dense array. So first the archive's sizes are checked and
every part is unpacked once as a stream (which also proves sizes and checksums true), and the parts that calamine will
keep are counted by expat, with document types refused; then calamine reads.
"""

import datetime as dt
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

import defusedxml.ElementTree as SafeTree
from defusedxml import DefusedXmlException
from openpyxl.utils import column_index_from_string
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from sheets.read.errors import SheetError
from sheets.read.record import Limits, Record

_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SHARED = "xl/sharedstrings.xml"
_DIGITS = re.compile(r"[0-9]+$")


class _RefusedError(Exception):
    """The XML declares a document type or addresses a cell that cannot be."""


@dataclass(frozen=True)
class Source:
    """One sheet of a workbook whose headings are known."""

    path: Path
    sheet: str
    headings: list[str] = field(default_factory=list)
    heading_row: int = 0
    kind: str = "xlsx"

    @property
    def detail(self) -> dict[str, str]:
        return {"sheet": self.sheet}

    def records(self) -> Iterator[Record]:
        """Yield the rows below the headings; cells right of the last heading are no part of the table."""
        width = len(self.headings)
        for number, fields, progress in self.all_records():
            if number > self.heading_row and any(fields[:width]):
                yield number, [*fields[:width], *[""] * (width - len(fields))], progress

    def all_records(self) -> Iterator[tuple[int, list[str], float]]:
        """Yield every row that is not blank, its cells as text."""
        with CalamineWorkbook.from_path(str(self.path)) as book:
            sheet = book.get_sheet_by_name(self.sheet)
            first = sheet.start[1] if sheet.start else 0
            last = sheet.end[0] + 1 if sheet.end else 1
            for number, row in enumerate(sheet.iter_rows(), 1):
                fields = [""] * first + [_text(value) for value in row]
                if "".join(fields).strip():
                    yield number, fields, number / last


def open_source(path: Path, sheet: str | None, limits: Limits) -> Source:
    """Return the named sheet, or the first visible one with several headings, as a sheet of remarks has not.

    If none has several, the first with any.
    """
    found: list[Source] = []
    try:
        _look_over(path, limits)
        with CalamineWorkbook.from_path(str(path)) as book:
            names = [
                data.name
                for data in book.sheets_metadata
                if data.typ == SheetTypeEnum.WorkSheet and data.visible == SheetVisibleEnum.Visible
            ]
        for name in names if sheet is None else [sheet]:
            for number, fields, _ in Source(path, name).all_records():
                while not fields[-1].strip():
                    fields.pop()
                found.append(Source(path, name, fields, number))
                break
            if found and len(found[-1].headings) > 1:
                return found[-1]
    except (
        BadZipFile, CalamineError, expat.ExpatError, SafeTree.ParseError, DefusedXmlException, _RefusedError, KeyError,
        EOFError, NotImplementedError, RuntimeError, ValueError, IndexError,
    ) as error:  # fmt: skip
        raise SheetError("damaged") from error
    if not found:
        raise SheetError("empty_file")
    return found[0]


def _look_over(path: Path, limits: Limits) -> None:
    with ZipFile(path) as archive:
        entries = archive.infolist()
        names = {info.filename.casefold(): info.filename for info in entries}
        if _WORKBOOK not in names:
            raise SheetError("old_excel" if "xl/workbook.bin" in names else "not_a_spreadsheet")
        if len(entries) > limits.entries or len(names) < len(entries):
            raise SheetError("too_large", found=f"{len(entries):,} parts", limit=f"{limits.entries:,}")
        unpacked = sum(info.file_size for info in entries)
        if unpacked > limits.unpacked_bytes:
            raise SheetError("too_large", found=f"{unpacked:,} bytes unpacked", limit=f"{limits.unpacked_bytes:,}")
        sheets = _sheet_parts(archive, names)
        lengths = _Lengths()
        for key, name in names.items():
            with archive.open(name) as part:
                if key == _SHARED:
                    _scan(part, lengths)
                elif key not in sheets:
                    while part.read(1 << 20):
                        pass  # a size or checksum that lies shows at the end
        for name in sheets.values():
            _check(archive, name, lengths.found, limits)


def _sheet_parts(archive: ZipFile, names: Mapping[str, str]) -> dict[str, str]:
    """Return the parts that are worksheets, by case-folded name."""
    relations = SafeTree.fromstring(archive.read(names[_RELATIONS]), forbid_dtd=True)
    targets = (
        posixpath.normpath(posixpath.join("/xl", relation.get("Target", "").replace("\\", "/"))).lstrip("/").casefold()
        for relation in relations
        if relation.get("Type", "").endswith("/worksheet")
    )
    return {target: names[target] for target in targets}


def _check(archive: ZipFile, name: str, lengths: Sequence[int], limits: Limits) -> None:
    cells = _Cells()
    with archive.open(name) as part:
        _scan(part, cells)
    if cells.area > limits.cells:
        raise SheetError("too_large", found=f"{cells.area:,} cells", limit=f"{limits.cells:,}")
    if cells.shared * max(lengths, default=0) <= limits.text_chars:
        return  # the usual case: even the longest text in every cell would do
    unfolded = _Unfolded(lengths)
    with archive.open(name) as part:
        _scan(part, unfolded)
    if unfolded.chars > limits.text_chars:
        raise SheetError("too_large", found=f"{unfolded.chars:,} characters", limit=f"{limits.text_chars:,}")


def _scan(part: IO[bytes], reader: "_Lengths | _Cells | _Unfolded") -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = getattr(reader, "end", None)
    parser.CharacterDataHandler = getattr(reader, "text", None)
    parser.ParseFile(part)


def _refuse(*_: object) -> None:
    raise _RefusedError("document type")


class _Lengths:
    """How long each shared text is."""

    def __init__(self) -> None:
        self.found: list[int] = []

    def start(self, name: str, _: Mapping[str, str]) -> None:
        if name.rpartition(":")[2] == "si":
            self.found.append(0)

    def text(self, text: str) -> None:
        if self.found:
            self.found[-1] += len(text)


class _Cells:
    """How large the sheet's array will be, and how many cells hold shared text."""

    def __init__(self) -> None:
        self.shared = 0
        self._last_row, self._letters = 0, set[str]()
        self._row, self._implicit, self._most_implicit = "0", 0, 0

    @property
    def area(self) -> int:
        widest = max((column_index_from_string(letters) for letters in self._letters), default=0)
        return self._last_row * max(widest, self._most_implicit)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self.shared += attributes.get("t") == "s"
            address = attributes.get("r")
            if address is None:
                self._implicit += 1
                self._most_implicit = max(self._most_implicit, self._implicit)
            elif address.endswith(self._row):
                self._letters.add(address[: -len(self._row)])
            else:
                self._elsewhere(address)
        elif name == "row":
            self._row = attributes.get("r") or str(int(self._row) + 1)
            self._last_row, self._implicit = max(self._last_row, int(self._row)), 0

    def _elsewhere(self, address: str) -> None:
        row = _DIGITS.search(address)
        if row is None:
            raise _RefusedError("cell address")
        self._letters.add(address[: row.start()])
        self._last_row = max(self._last_row, int(row.group()))


class _Unfolded:
    """How much text there is once every cell has its own copy of the shared one."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self.lengths = lengths
        self.chars = 0
        self._shared, self._place = False, ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name.rpartition(":")[2] == "c":
            self._shared, self._place = attributes.get("t") == "s", ""

    def text(self, text: str) -> None:
        if self._shared:
            self._place += text

    def end(self, name: str) -> None:
        if self._shared and name.rpartition(":")[2] == "v":
            self.chars += self.lengths[int(self._place)]


def _text(value: Any) -> str:
    return _TEXTS.get(type(value), str)(value)


def _float(value: float) -> str:
    if value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return f"{Decimal(repr(value)):f}"


_TEXTS: dict[type, Callable[[Any], str]] = {
    str: str,
    float: _float,
    bool: lambda value: "TRUE" if value else "FALSE",
    dt.datetime: lambda value: value.isoformat(sep=" "),
    dt.timedelta: lambda value: str(value),
}
