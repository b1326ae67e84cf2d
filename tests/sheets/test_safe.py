"""Text from strangers cannot harm the file or whoever opens it."""

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets.table import Column, Table, Workbook
from sheets.write import safe_text, write_workbook
from sheets.write.safe import CELL_LIMIT, plain_text, sheet_name, xml_text

HOSTILE = [
    '=HYPERLINK("http://x")', "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
    "  =1", "＝1+1", "＋1", "－1", "＠x", "\x00=1", "-", "+",
]  # fmt: skip


def cells(*texts):
    target = io.BytesIO()
    table = Table("t", "T", [Column("a", "A")], [(text,) for text in texts])
    write_workbook(Workbook("B", [table]), target)
    return target


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_never_becomes_a_formula_even_when_saved_as_csv(text):
    cell = openpyxl.load_workbook(cells(text))["T"]["A2"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


@pytest.mark.parametrize("text", ["-5", "+86 138-0000 0000", "-1,200.50", "a=b", "茶，很好！", "'quoted'", "", "1-2"])
def test_a_text_that_computes_nothing_stays_as_typed(text):
    assert safe_text(text) == text


@pytest.mark.parametrize("text", [*HOSTILE[:4], *HOSTILE[7:12], "-5", "'quoted'", "x", "'-5", "'=1", "''=1", "'"])
def test_reading_takes_the_apostrophe_off_again(text):
    assert plain_text(safe_text(text)) == text


def test_headings_titles_and_names_are_safe_too():
    table = Table("t", "=1+1", [Column("a", "=1+1", definition="=1+1")], [], notes=["=1+1"])
    target = io.BytesIO()
    write_workbook(Workbook("=1+1", [table], about=[("=1+1", "=1+1")]), target)
    book = openpyxl.load_workbook(target)
    texts = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in texts} == {"s"}
    assert sum(str(cell.value).startswith("=") for cell in texts) == 0


def test_what_xml_cannot_hold_is_left_out():
    value = openpyxl.load_workbook(cells("a\x00b\x1fc\ud800d\ufffee\r\nf\rg"))["T"]["A2"].value
    assert value == "abcde\nf\ng"


def test_what_excel_would_decode_is_escaped():
    assert xml_text("_x0041_ & _x") == "_x005F_x0041_ &amp; _x"
    assert "_x005F_x0041_" in zipfile.ZipFile(cells("_x0041_")).read("xl/worksheets/sheet2.xml").decode()


def test_a_text_too_long_for_a_cell_is_cut_with_a_mark():
    whole, long, wide = "a" * CELL_LIMIT, "a" * (CELL_LIMIT + 1), "😀" * 20_000
    sheet = openpyxl.load_workbook(cells(whole, long, wide))["T"]
    assert sheet["A2"].value == whole
    assert sheet["A3"].value == "a" * (CELL_LIMIT - 7) + "……（已截断）"
    assert len(sheet["A4"].value.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert sheet["A4"].value.endswith("😀……（已截断）")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b:c*?[d]\\", "a b c d"),
        ("'x'", "x"),
        ("", "Sheet"),
        ("[]", "Sheet"),
        ("History", "History (2)"),
        ("渠" * 40, "渠" * 30 + "…"),
        ("a\x00b\nc", "a b c"),
    ],
)
def test_sheet_names_are_ones_excel_accepts(title, name):
    assert sheet_name(title, set()) == name


def test_sheet_names_are_unique_whatever_their_case():
    taken: set[str] = set()
    names = [sheet_name(title, taken) for title in ["Abc", "abc", "A" * 31, "a" * 40, "ABC"]]
    assert names == ["Abc", "abc (2)", "A" * 31, "a" * 30 + "…", "ABC (3)"]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_makes_a_file_that_opens(text):
    value = openpyxl.load_workbook(cells(text, "end"))["T"]["A2"].value or ""
    assert value.replace("_x005F_x", "_x") == safe_text(text)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20))
def test_any_text_comes_back_as_it_was(text):
    assert plain_text(safe_text(text)) == text
