"""What stands around the rows of a sheet: widths, frozen header, filter, print set-up; and the sheet About."""

import datetime as dt
from typing import Any

from openpyxl import Workbook as Book
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from sheets.table import Table, Workbook
from sheets.values import is_unknown
from sheets.write.safe import safe_text
from sheets.write.styles import Styles, words


def dress(sheet: Any, table: Table, widths: list[int], rows: int) -> None:
    """Give a table's sheet its widths, frozen and repeated header, filter and print set-up."""
    for index, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    last = get_column_letter(len(widths))
    sheet.freeze_panes = "B2" if table.columns[0].type == "text" and len(widths) > 3 else "A2"
    sheet.auto_filter.ref = f"A1:{last}{rows + 1}"
    sheet.print_title_rows = "1:1"
    set_up_print(sheet, table.title)


def set_up_print(sheet: Any, title: str) -> None:
    """Print landscape on A4, as wide as the page, with title and page numbers."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.HeaderFooter.oddHeader.center.text = safe_text(title)[:120].replace("&", "&&")
    sheet.HeaderFooter.oddHeader.center.size = 14
    sheet.HeaderFooter.oddFooter.center.text = "&P / &N"
    sheet.HeaderFooter.oddFooter.right.text = "&A"


def write_about(book: Book, workbook: Workbook, styles: Styles) -> None:
    """Fill the book's first sheet: title, provenance, and what each column means."""
    sheet, said = book.worksheets[0], words(workbook.language)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 90

    def cell(value: object, **font: Any) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, _plain(value, workbook.zone, said["cut"]))
        made.font = styles.font(**font)
        made.alignment = Alignment(vertical="top", horizontal="left", wrap_text=not font.get("size"))
        if isinstance(made.value, dt.date):
            made.number_format = "yyyy-mm-dd hh:mm:ss" if isinstance(made.value, dt.datetime) else "yyyy-mm-dd"
        return made

    set_up_print(sheet, workbook.title)
    sheet.append([cell(workbook.title, size=16, bold=True)])
    sheet.append([])
    for label, value in workbook.about:
        sheet.append([cell(label, bold=True), cell(value)])
    sheet.append([cell(said["times"], bold=True), cell(str(workbook.zone))])
    sheet.append([])
    sheet.append([cell(said["unknown"], size=10.5)])
    for table in workbook.tables:
        defined = [column for column in table.columns if column.definition]
        if not defined:
            continue
        sheet.append([])
        sheet.append([cell(f"{table.title} · {said['definitions']}", size=12, bold=True)])
        for column in defined:
            sheet.append([cell(column.label, bold=True), cell(column.definition)])


def _plain(value: object, zone: dt.tzinfo, cut: str) -> Any:
    if is_unknown(value):
        return None
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, dt.date | int | float) and not isinstance(value, bool):
        return value
    return safe_text(str(value), cut)
