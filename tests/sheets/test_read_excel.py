"""Excel files: values as unambiguous text; bombs, locks and old formats refused by name."""

import datetime as dt
import io
import shutil
import zipfile

import openpyxl
import pytest

from sheets.read import Limits, SheetError, open_sheet
from sheets.table import Column, Table, Workbook
from sheets.write import write_error_rows, write_workbook


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.xlsx"


def saved(path, rows, sheets=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, others in sheets:
        sheet = book.create_sheet(title)
        for row in others:
            sheet.append(row)
    book.save(path)
    return book


def changed(path, name, old, new):
    """Put other text into one part of the archive, or another part."""
    source = path.with_suffix(".old")
    shutil.move(path, source)
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for each in before.namelist():
            content = before.read(each).decode()
            after.writestr(each, content.replace(old, new) if each == name else content)


def shared(path, places):
    """Save a sheet whose cells point to the shared texts aaa… and b."""
    saved(path, places)
    changed(path, "xl/worksheets/sheet1.xml", 't="n"', 't="s"')
    changed(path, "xl/worksheets/sheet1.xml", "<sheetData>", "<sheetData>\n")
    texts = f"<si><t>{'a' * 100}</t></si><si><r><t>b</t></r></si>"
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{space}">\n{texts}</sst>')


def refused(path, **limits):
    with pytest.raises(SheetError) as error:
        open_sheet(path, limits=Limits(**limits))
    return error.value.code


def test_typed_cells_become_unambiguous_text(path):
    saved(path, [
        ["订单号", "值"],
        ["a", 12.0], ["b", 12.5], ["c", dt.datetime(2026, 11, 22, 7, 45)], ["d", dt.date(2026, 11, 22)],
        ["e", True], ["f", False], ["g", dt.timedelta(hours=30)], ["h", 1e-7], ["i", 2e17], ["j", "'=1"],
        ["k", dt.time(7, 5)],
    ])  # fmt: skip
    file = open_sheet(path)
    frame = next(file.chunks()).frame
    assert (file.kind, file.headings, file.detail) == ("xlsx", ["订单号", "值"], {"sheet": "Sheet"})
    assert frame["值"].tolist() == [
        "12", "12.5", "2026-11-22 07:45:00", "2026-11-22", "TRUE", "FALSE", "1 day, 6:00:00", "0.0000001",
        "200000000000000000", "=1", "07:05:00",
    ]  # fmt: skip


def test_row_numbers_are_those_of_the_sheet_and_cells_beside_the_table_are_left(path):
    book = openpyxl.Workbook()
    sheet = book.active
    for address, value in {"B3": "a", "C3": "b", "B4": 1, "B6": 2, "C6": 3, "E6": "remark", "F8": "remark"}.items():
        sheet[address] = value
    book.save(path)
    file = open_sheet(path)
    chunk = next(file.chunks())
    assert (file.headings, file.heading_row) == (["#1", "a", "b"], 3)
    assert chunk.frame.index.tolist() == [4, 6]
    assert chunk.frame["b"].isna().tolist() == [True, False]
    assert 0 < chunk.progress <= 1


def test_the_first_visible_sheet_with_several_headings_is_read(path):
    book = saved(path, [["Remarks"]], [("Hidden", [["x", "y"]]), ("Empty", []), ("Orders", [["a", "b"], [1, 2]])])
    book["Hidden"].sheet_state = "hidden"
    book.save(path)
    assert open_sheet(path).detail == {"sheet": "Orders"}
    assert open_sheet(path, sheet="Sheet").headings == ["Remarks"]


def test_a_sheet_of_one_column_will_do_if_there_is_no_other(path):
    saved(path, [["Remarks", " "], ["x"]])
    assert open_sheet(path).headings == ["Remarks"]


def test_our_own_workbooks_and_failed_rows_come_back(path):
    write_workbook(Workbook("T", [Table("t", "模板", [Column("a", "A"), Column("b", "B")], [("=1", "x")])]), path)
    assert next(open_sheet(path).chunks()).frame.to_dict("list") == {"A": ["=1"], "B": ["x"]}
    write_error_rows(path, ["A", "B"], [(7, "why", ["=1", "x"])])
    assert next(open_sheet(path).chunks()).frame.to_numpy().tolist() == [["=1", "x", "7", "why"]]


def test_an_empty_workbook_is_refused(path):
    saved(path, [])
    assert refused(path) == "empty_file"


def test_other_archives_are_refused(path):
    for name, code in {"word/document.xml": "not_a_spreadsheet", "xl/workbook.bin": "old_excel"}.items():
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, "x")
        assert refused(path) == code
    path.write_bytes(b"PK\x03\x04 and nothing more")
    assert refused(path) == "damaged"


@pytest.mark.parametrize("limit", [{"unpacked_bytes": 2_000}, {"entries": 3}, {"cells": 3}])
def test_a_workbook_that_unpacks_to_too_much_is_refused(path, limit):
    saved(path, [["a", "b"], [1, 2]])
    assert refused(path, **limit) == "too_large"


def test_one_cell_far_away_does_not_make_room_for_all_before_it(path):
    saved(path, [["a", "b"], [1, 2]])
    changed(path, "xl/worksheets/sheet1.xml", 'r="B2"', 'r="XFD1048576"')
    assert refused(path) == "too_large"


def test_a_shared_text_repeated_without_end_is_refused(path):
    shared(path, [[0, 1], [0, 1]])
    assert refused(path, text_chars=201) == "too_large"
    assert open_sheet(path, limits=Limits(text_chars=202)).headings == ["a" * 100, "b"]


def test_a_document_type_is_refused(path):
    saved(path, [["a", "b"]])
    changed(path, "xl/worksheets/sheet1.xml", "<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet')
    assert refused(path) == "damaged"


@pytest.mark.parametrize(("old", "new"), [('r="B1"', 'r="B"'), ('r="B1"', 'r="ABCDEF1"'), ("</sheetData>", "")])
def test_a_damaged_sheet_is_refused(path, old, new):
    saved(path, [["a", "b"]])
    changed(path, "xl/worksheets/sheet1.xml", old, new)
    assert refused(path) == "damaged"


def test_a_cell_that_points_to_no_shared_text_is_refused(path):
    shared(path, [[0, 99]])
    assert refused(path, text_chars=0) == "damaged"


def test_cells_without_addresses_and_with_prefixes_are_counted(path):
    saved(path, [["a", "b"], [1, 2]])
    for old, new in [(' r="A1"', ""), (' r="B1"', ""), (' r="1"', ""), (' r="2"', "")]:
        changed(path, "xl/worksheets/sheet1.xml", old, new)
    assert refused(path, cells=3) == "too_large"
    assert open_sheet(path).headings == ["a", "b"]
    for old, new in [("<c ", "<x:c "), ("</c>", "</x:c>"), ("<worksheet ", '<worksheet xmlns:x="http://x" ')]:
        changed(path, "xl/worksheets/sheet1.xml", old, new)
    assert refused(path, cells=2) == "too_large"


def test_two_parts_of_one_name_are_refused(path):
    saved(path, [["a", "b"]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("XL/workbook.xml", "x")
    assert refused(path) == "too_large"


def test_a_size_that_lies_is_found(path):
    content = io.BytesIO()
    saved(content, [["a", "b"]])
    raw = bytearray(content.getvalue())
    with zipfile.ZipFile(content) as archive:
        real = archive.getinfo("xl/theme/theme1.xml").file_size.to_bytes(4, "little")
    path.write_bytes(raw.replace(real, (100).to_bytes(4, "little")))
    assert refused(path) == "damaged"
