"""What stands around the rows of a sheet: widths, frozen header, filter, print set-up; and the sheet About."""

import datetime as dt
import math
from itertools import count
from typing import Any

from openpyxl import Workbook as Book
from openpyxl.cell import WriteOnlyCell
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from sheets.table import Table, Workbook
from sheets.values import is_unknown
from sheets.write.safe import safe_text
from sheets.write.styles import Styles, words
from sheets.write.width import text_width

PAGE = 220  # letters that can still be read side by side on a printed page


def dress(sheet: Any, table: Table, widths: list[int], rows: int) -> None:
    """Give a table's sheet its widths, frozen and repeated header, filter and print set-up."""
    for index, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    last = get_column_letter(len(widths))
    sheet.freeze_panes = "B2" if table.columns[0].type == "text" and len(widths) > 3 else "A2"
    sheet.auto_filter.ref = f"A1:{last}{rows + 1}"
    sheet.print_title_rows = "1:1"
    # What is too wide to be read on one page goes to the next, where its first column stands again.
    pages = max(1, math.ceil(sum(widths) / PAGE))
    sheet.print_title_cols = "A:A" if pages > 1 else None
    set_up_print(sheet, table.title, pages)
    _shade(sheet, table, rows)


def _shade(sheet: Any, table: Table, rows: int) -> None:
    """Colour the shares of shaded columns, all by one scale: 0 is white, 1 the darkest."""
    for index, column in enumerate(table.columns, 1):
        if column.shade and rows:
            letter = get_column_letter(index)
            scale = ColorScaleRule("num", 0, "FFFFFFFF", None, None, None, "num", 1, "FF7FB9AF")
            sheet.conditional_formatting.add(f"{letter}2:{letter}{rows + 1}", scale)


def set_up_print(sheet: Any, title: str, pages: int = 1) -> None:
    """Print landscape on A4, as wide as so many pages, with title and page numbers."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.HeaderFooter.oddHeader.center.text = safe_text(title)[:120].replace("&", "&&")
    sheet.HeaderFooter.oddHeader.center.size = 14
    sheet.HeaderFooter.oddFooter.center.text = "&P / &N"
    sheet.HeaderFooter.oddFooter.right.text = "&A"


def write_about(book: Book, workbook: Workbook, styles: Styles) -> None:
    """Fill the book's first sheet: title, provenance, and what each column means."""
    sheet, said = book.worksheets[0], words(workbook.language)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 36, 90

    def cell(value: object, **font: Any) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, _plain(value, workbook.zone, said["cut"]))
        made.font = styles.font(**font)
        made.alignment = Alignment(vertical="top", horizontal="left", wrap_text=not font.get("size"))
        if isinstance(made.value, dt.date):
            made.number_format = "yyyy-mm-dd hh:mm:ss" if isinstance(made.value, dt.datetime) else "yyyy-mm-dd"
        return made

    def line(label: object = "", value: object = "", **font: Any) -> None:
        # Said outright: not every program makes a row as high as its wrapped text by itself.
        high = 1 if font.get("size") else max(_lines(label, 34), _lines(value, 86))
        sheet.row_dimensions[next(numbers)].height = max(15 * high, round(1.5 * font.get("size", 0)))
        sheet.append([cell(label, **(font or {"bold": True})), cell(value)] if label != "" else [])

    numbers = count(1)
    set_up_print(sheet, workbook.title)
    line(workbook.title, size=16, bold=True)
    line()
    for label, value in workbook.about:
        line(label, value)
    line(said["times"], str(workbook.zone))
    line()
    line(said["unknown"], size=10.5)
    for table in workbook.tables:
        defined = [column for column in table.columns if column.definition]
        if not defined:
            continue
        line()
        line(f"{table.title} · {said['definitions']}", size=12, bold=True)
        for column in defined:
            line(column.label, column.definition)


def _lines(value: object, width: int) -> int:
    text = str(value)
    whole = sum(text_width(text[start : start + 100]) for start in range(0, len(text), 100))
    return max(1, math.ceil(whole / width))


def _plain(value: object, zone: dt.tzinfo, cut: str) -> Any:
    if is_unknown(value):
        return None
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, dt.date | int | float) and not isinstance(value, bool):
        return value
    return safe_text(str(value), cut)
