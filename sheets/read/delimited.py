"""CSV: encoding, delimiter, and records that fail one by one.

A record is one row, and rows are numbered as a spreadsheet numbers them: a quoted field may run over several lines.
If a quotation mark is never closed, or text follows a closed one, the first line of that record fails and reading goes
on with the next line, so a stray mark costs one row and not the rest of the file.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from sheets.read.errors import SheetError
from sheets.read.record import FailedRow, Limits, Record

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t|"


class _BadLineError(Exception):
    """Stops the csv reader at a line that must not be parsed."""


@dataclass(frozen=True)
class Source:
    """A CSV file whose encoding, delimiter and headings are known."""

    path: Path
    limits: Limits
    encoding: str
    settled: bool
    delimiter: str
    headings: list[str] = field(default_factory=list)
    heading_row: int = 0
    kind: str = "csv"

    @property
    def detail(self) -> dict[str, str]:
        return {"encoding": self.encoding, "delimiter": self.delimiter}

    def records(self) -> Iterator[Record]:
        """Yield the rows below the headings, each with as many fields as there are headings."""
        width = len(self.headings)
        for number, fields, progress in self.all_records():
            if number <= self.heading_row:
                continue
            if isinstance(fields, list) and len(fields) != width:
                fields = _fit(fields, width, number)
            yield number, fields, progress

    def all_records(self) -> Iterator[Record]:
        """Yield every row that is not blank."""
        utf16 = self.encoding == "utf-16"
        encoding, wrong = ("utf-16", "replace") if utf16 else ("utf-8-sig", "surrogateescape")
        size = max(1, self.path.stat().st_size)
        with self.path.open("rb") as file, TextIOWrapper(file, encoding, wrong, newline="") as stream:
            lines = _Lines(stream, self.limits, self.encoding, self.settled)
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True, skipinitialspace=True)
            for number, fields in enumerate(_parse(reader, lines), 1):
                if isinstance(fields, str):
                    yield number, lines.fail(number, fields), file.tell() / size
                elif "".join(fields).strip():
                    yield number, fields, file.tell() / size


def open_source(path: Path, sample: bytes, limits: Limits) -> Source:
    """Return the source, or raise SheetError if the sample is no text or has no headings."""
    encoding, settled = _encoding(sample)
    text = _decode_sample(sample, encoding)
    first, second = [*_lines_with_text(text), "", ""][:2]
    if first.lower().startswith("sep=") and len(first) > 4:
        delimiter, first = first[4], second
    else:
        delimiter = _delimiter(first)
    source = Source(path, limits, encoding, settled, delimiter)
    for number, fields, _ in source.all_records():
        if isinstance(fields, FailedRow):
            raise SheetError("bad_header")
        if fields[0].lower().startswith("sep="):
            continue
        while not fields[-1].strip():
            fields.pop()
        return Source(path, limits, encoding, settled, delimiter, fields, number)
    raise SheetError("empty_file")


def _encoding(sample: bytes) -> tuple[str, bool]:
    """Return the encoding and whether it is certain: plain ASCII may still turn out to be GB18030."""
    if sample.startswith(_UTF16):
        return "utf-16", True
    if sample.count(0) * 10 > len(sample):
        raise SheetError("not_a_spreadsheet")
    # One wrong byte among much right text is one bad row, not another encoding.
    wrong = {encoding: _wrong_bytes(sample, encoding) for encoding in ("utf-8", "gb18030")}
    encoding = min(wrong, key=lambda name: wrong[name])
    if wrong[encoding] * 100 > len(sample):
        raise SheetError("unknown_encoding")
    return encoding, not sample.isascii()


def _wrong_bytes(sample: bytes, encoding: str) -> int:
    return codecs.getincrementaldecoder(encoding)("replace").decode(sample, final=False).count("�")


def _decode_sample(sample: bytes, encoding: str) -> str:
    return sample.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")


def _lines_with_text(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _delimiter(line: str) -> str:
    outside = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=lambda sign: (outside.count(sign), -_DELIMITERS.index(sign)))


def _fit(fields: list[str], width: int, number: int) -> list[str] | FailedRow:
    if len(fields) > width and not "".join(fields[width:]).strip():
        return fields[:width]
    code = "too_many_fields" if len(fields) > width else "too_few_fields"
    return FailedRow(number, code, fields, {"found": len(fields), "expected": width})


def _parse(reader: Iterator[list[str]], lines: "_Lines") -> Iterator[list[str] | str]:
    """Yield the fields of each record, or the code of what is wrong with its first line."""
    while True:
        lines.taken.clear()
        try:
            yield next(reader)
        except StopIteration:
            return
        except (csv.Error, _BadLineError):
            # If the first line itself is in order, what fails is the quotation mark that drew the next ones in.
            lines.put_back()
            yield lines.taken[0][1] or "unbalanced_quotes"


class _Lines:
    """The lines of the file, each with the code of what is wrong with it, which can be taken back."""

    def __init__(self, stream: TextIO, limits: Limits, encoding: str, settled: bool) -> None:
        self.stream, self.limits, self.encoding, self.settled = stream, limits, encoding, settled
        self.taken: list[tuple[str, str]] = []  # of the record at hand
        self.waiting: deque[tuple[str, str]] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= self.limits.record_lines:
            raise _BadLineError("unbalanced_quotes")
        pair = self.waiting.popleft() if self.waiting else self._read()
        self.taken.append(pair)
        if pair[1]:
            raise _BadLineError(pair[1])
        return pair[0]

    def put_back(self) -> None:
        """Let all lines of the record but its first come again."""
        self.waiting.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]

    def fail(self, number: int, code: str) -> FailedRow:
        text = self.taken[0][0].encode("utf-8", "replace").decode().replace("\0", "").rstrip("\r\n")
        params: dict[str, object] = {"encoding": self.encoding, "limit": self.limits.line_chars}
        return FailedRow(number, code, [text], params)

    def _read(self) -> tuple[str, str]:
        line = self.stream.readline(self.limits.line_chars)
        if not line:
            raise StopIteration
        if len(line) == self.limits.line_chars and line[-1] not in "\r\n":
            rest = line
            while rest and rest[-1] not in "\r\n":
                rest = self.stream.readline(self.limits.line_chars)
            return line[:1000], "line_too_long"
        if not line.isascii() and self.encoding != "utf-16":
            return self._decoded(line)
        return line, "control_character" if "\0" in line else ""

    def _decoded(self, line: str) -> tuple[str, str]:
        # The stream is read as UTF-8; bytes that are not come as lone surrogates, from which the line can be restored.
        raw = line.encode("utf-8", "surrogateescape")
        for encoding in (self.encoding,) if self.settled else ("utf-8", "gb18030"):
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            self.encoding, self.settled = encoding, True
            return text, "control_character" if "\0" in text else ""
        return line, "not_decodable"
