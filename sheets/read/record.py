"""What the readers of CSV and Excel hand to :mod:`sheets.read.file`."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Limits:
    """The most a file may hold. An Excel file is counted unpacked, before anything of it is loaded."""

    file_bytes: int = 200_000_000
    unpacked_bytes: int = 600_000_000
    entries: int = 2_000
    cells: int = 15_000_000
    text_chars: int = 1_000_000_000
    line_chars: int = 131_072  # what the csv module allows a field
    record_lines: int = 100
    sample_bytes: int = 262_144


@dataclass(frozen=True)
class FailedRow:
    """A row that could not be split into fields: a code of ``ROW_MESSAGES``, its parameters, what stands there."""

    row: int
    code: str
    values: list[str]
    params: dict[str, object] = field(default_factory=dict)


# Row number, its fields (or why there are none), and how far into the file it is.
Record: TypeAlias = tuple[int, "list[str] | FailedRow", float]
