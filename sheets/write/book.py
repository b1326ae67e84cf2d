"""Write a Workbook as .xlsx, in memory that does not grow with its rows.

The rows of each table go to a temporary file as XML. When their number and widths are known, openpyxl writes the
workbook around them with sheets that hold one empty row, and the rows take that row's place while the archive is
copied to its target.
"""

import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook as Book

from sheets.display import display
from sheets.table import Column, Row, Table, TableError, Workbook
from sheets.values import Value
from sheets.write.cells import RowWriter
from sheets.write.chart import chart_text, native_chart
from sheets.write.errorbars import drawn_intervals, lengths
from sheets.write.layout import dress, write_about
from sheets.write.safe import attribute, safe_text, sheet_name
from sheets.write.styles import Styles, words

EXCEL_ROWS = 1_048_576
EXCEL_COLUMNS = 16_384
_MEASURED = 300  # rows looked at for column widths
_BATCH = 2_000
_PLACE = re.compile(rb"<sheetData>.*?</sheetData>|<sheetData/>", re.DOTALL)

Progress = Callable[[int], None]


@dataclass
class _Piece:
    """The rows of one sheet, on disk."""

    spool: IO[bytes]
    writer: RowWriter
    rows: int = 0
    lines: int = 1
    lengths: int | None = None  # the line of the first row's error bars


def write_workbook(
    workbook: Workbook,
    target: Path | IO[bytes],
    *,
    progress: Progress | None = None,
    rows_per_sheet: int = EXCEL_ROWS,
    about_last: bool = False,
) -> None:
    """Write a workbook: the sheet About, then one sheet per table, more where Excel's row limit asks for it.

    Parameters
    ----------
    target : a path, or a file opened for writing bytes
    progress : called with the number of rows of the table written so far, every few thousand rows
    rows_per_sheet : lines a sheet may have, header and totals included
    about_last : put About behind the tables, for a workbook that is to be imported again

    Raises
    ------
    TableError : a streaming table yields a row that does not fit, or there are more columns than Excel holds
    """
    book = Book(write_only=True)
    names: set[str] = set()
    book.create_sheet(sheet_name(words(workbook.language)["about"], names))
    book.properties.title, book.properties.creator = safe_text(workbook.title), "Wanamaker"
    styles = Styles(book, workbook.language, workbook.currency)
    with ExitStack() as stack:
        # All rows first: what fails, fails while openpyxl has no sheet half written.
        pieces = [
            piece
            for table in workbook.tables
            for piece in _spool(table, styles, workbook, stack, rows_per_sheet, progress or (lambda rows: None))
        ]
        write_about(book, workbook, styles)
        sheets = [_frame(book, piece, workbook, names) for piece in pieces]
        if about_last:
            book.move_sheet(book.worksheets[0].title, len(pieces))
            book.active = 0
        places = {book.worksheets.index(sheet) + 1: piece for sheet, piece in zip(sheets, pieces, strict=True)}
        drawn = [places[place] for place in sorted(places) if book.worksheets[place - 1]._charts]
        frame = io.BytesIO()
        book.save(frame)
        _join(
            frame,
            {f"xl/worksheets/sheet{place}.xml": piece for place, piece in places.items()},
            {
                f"xl/drawings/drawing{number}.xml": chart_text(piece.writer.table, workbook.language, workbook.currency)
                for number, piece in enumerate(drawn, 1)
            },
            target,
        )


def _frame(book: Book, piece: _Piece, workbook: Workbook, names: set[str]) -> Any:
    table = piece.writer.table
    sheet = book.create_sheet(sheet_name(table.title, names))
    dress(sheet, table, piece.writer.widths, piece.rows)
    sheet.append([])  # from here on the head is written; the rows take this row's place
    chart = native_chart(table, sheet, piece.rows, workbook.language, workbook.currency, piece.lengths)
    if chart is not None:
        # Not in the first column, which is printed on every page.
        sheet.add_chart(chart, f"B{piece.lines + 2}")
    return sheet


def _spool(
    table: Table, styles: Styles, workbook: Workbook, stack: ExitStack, limit: int, progress: Progress
) -> Iterator[_Piece]:
    if len(table.columns) > EXCEL_COLUMNS:
        raise TableError(f"table {table.key}: {len(table.columns)} columns, Excel holds {EXCEL_COLUMNS}")
    capacity = limit - 1 - (table.totals is not None) - len(table.notes) - bool(table.notes)
    fits = not table.streams and table.totals is not None and len(table.rows) <= capacity
    total_row = len(table.rows) + 2 if fits else None
    rows, done = table.iterate(), 0
    ahead = next(rows, None)
    while True:
        spool = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        piece = _Piece(spool, RowWriter(table, styles, workbook.zone, total_row))
        mine = rows if ahead is None else chain([ahead], rows)
        for number in _write_rows(piece, islice(mine, capacity), workbook):
            progress(done + number)
        done += piece.rows
        ahead = next(rows, None)
        if ahead is None:
            whole = not table.streams and done == piece.rows
            _write_end(piece, table, live=whole)
            if whole and drawn_intervals(table) and piece.lines + 4 + piece.rows <= limit:
                _write_lengths(piece, table, words(workbook.language)["lengths"])
            yield piece
            return
        yield piece


def _write_rows(piece: _Piece, rows: Iterator[Row], workbook: Workbook) -> Iterator[int]:
    def show(value: Value, column: Column) -> str:
        return display(value, column, workbook.language, workbook.currency, workbook.zone)

    batch = list(islice(rows, _MEASURED))
    piece.writer.measure([*batch, piece.writer.table.totals or ()], show)
    piece.spool.write(piece.writer.header().encode())
    while batch:
        lines = [piece.writer.row(row, number) for number, row in enumerate(batch, piece.lines + 1)]
        piece.spool.write("".join(lines).encode())
        piece.rows, piece.lines = piece.rows + len(batch), piece.lines + len(batch)
        yield piece.rows
        batch = list(islice(rows, _BATCH))


def _write_end(piece: _Piece, table: Table, live: bool) -> None:
    if table.totals is not None:
        piece.lines += 1
        piece.spool.write(piece.writer.totals(piece.lines, live).encode())
    piece.lines += bool(table.notes)
    for note in table.notes:
        piece.lines += 1
        piece.spool.write(piece.writer.note(note, piece.lines).encode())


def _write_lengths(piece: _Piece, table: Table, title: str) -> None:
    """Write the lengths of the error bars behind the chart, which begins two lines below the last."""
    piece.lengths = piece.lines + 4
    piece.spool.write(piece.writer.note(title, piece.lengths - 1, "B").encode())
    for place, row in enumerate(table.rows):
        piece.spool.write(piece.writer.aside(lengths(table, row, place + 2), piece.lengths + place).encode())


def _join(frame: IO[bytes], pieces: dict[str, _Piece], charts: dict[str, str], target: Path | IO[bytes]) -> None:
    """Copy the archive, putting the rows of each sheet into its place and into each drawing what its chart says."""
    with ZipFile(frame) as source, ZipFile(target, "w", ZIP_DEFLATED, compresslevel=4) as archive:
        for name in source.namelist():
            content, piece = source.read(name), pieces.get(name)
            with archive.open(name, "w", force_zip64=piece is not None) as part:
                if piece is None:
                    part.write(_described(content, charts[name]) if name in charts else content)
                    continue
                before, after = _PLACE.split(content, maxsplit=1)
                piece.spool.seek(0)
                part.write(before + b"<sheetData>")
                shutil.copyfileobj(piece.spool, part, 1 << 20)
                part.write(b"</sheetData>" + after)


def _described(drawing: bytes, text: str) -> bytes:
    # openpyxl gives a chart a name, and no text for those who cannot see it.
    return drawing.replace(b'name="Chart 1"', b'name="Chart 1" descr=' + attribute(text).encode(), 1)
