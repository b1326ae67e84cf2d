"""Fonts, number formats and the few words a workbook says by itself."""

from dataclasses import dataclass

from babel.numbers import get_currency_symbol
from openpyxl import Workbook as Book
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from sheets.display import exponent, locale_of
from sheets.table import Column

_FONTS = {"zh-hans": "Microsoft YaHei", "en": "Calibri"}
_WORDS = {
    "en": {"about": "About", "definitions": "Definitions", "cut": "… (cut)", "row": "Row", "reason": "Reason",
           "rejected": "Rejected rows", "unknown": "An empty cell means unknown, not zero.",
           "times": "Times are in the time zone", "lengths": "Lengths of the error bars"},
    "zh-hans": {"about": "说明", "definitions": "指标定义", "cut": "……（已截断）", "row": "行号", "reason": "原因",
                "rejected": "未导入的行", "unknown": "空白单元格表示未知，而不是零。", "times": "时间所用时区",
                "lengths": "误差线的长度"},
}  # fmt: skip


def words(language: str) -> dict[str, str]:
    """Return the workbook's own words in a language."""
    return _WORDS["zh-hans" if language.startswith("zh") else "en"]


def number_format(column: Column, language: str, currency: str) -> str:
    """Return the Excel number format of a column; money is shown in units of its currency."""
    if column.type == "money":
        symbol = get_currency_symbol(currency, locale_of(language)).replace('"', "").replace("CN¥", "¥")
        return f'"{symbol}"#,##0' + _decimals(exponent(currency))
    if column.type == "number":
        return "#,##0" + _decimals(column.digits)
    return {
        "text": "@",
        "integer": "#,##0",
        "ratio": "0.0%",
        "date": "yyyy-mm-dd",
        "datetime": "yyyy-mm-dd hh:mm:ss",
        "duration": "[h]:mm:ss",
    }[column.type]


def _decimals(digits: int) -> str:
    return "." + "0" * digits if digits else ""


@dataclass
class Styles:
    """Registers each look once in a book and returns its number, which is what a cell's XML says."""

    book: Book
    language: str
    currency: str

    def __post_init__(self) -> None:
        self._sheet = self.book.worksheets[0]
        self._font = _FONTS["zh-hans" if self.language.startswith("zh") else "en"]
        self._rule = Side(style="thin", color="808080")

    def font(self, size: float = 10.5, bold: bool = False, colour: str = "000000") -> Font:
        return Font(name=self._font, size=size, bold=bold, color=colour)

    def header(self, column: Column) -> int:
        # A filter's button covers the right end of a heading: numbers' headings stand in the middle.
        side = "center" if column.is_numeric else "left"
        return self._number(
            font=self.font(bold=True),
            fill=PatternFill("solid", fgColor="E7EDF3"),
            border=Border(bottom=self._rule),
            alignment=Alignment(horizontal=side, vertical="center", wrap_text=True),
        )

    def body(self, column: Column) -> int:
        return self._number(
            font=self.font(bold=column.emphasis),
            number_format=number_format(column, self.language, self.currency),
            alignment=Alignment(vertical="top"),
        )

    def total(self, column: Column) -> int:
        return self._number(
            font=self.font(bold=True),
            number_format=number_format(column, self.language, self.currency),
            border=Border(top=self._rule),
        )

    def note(self) -> int:
        return self._number(font=self.font(size=9, colour="595959"))

    def aside(self, column: Column) -> int:
        return self._number(
            font=self.font(size=9, colour="595959"),
            number_format=number_format(column, self.language, self.currency),
        )

    def _number(self, **look: object) -> int:
        cell = WriteOnlyCell(self._sheet)
        for name, value in look.items():
            setattr(cell, name, value)
        return int(cell.style_id)
