"""CSV: every line is a row, a failed row, or blank; nothing is lost and nothing stops the rest."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets.read import Limits, SheetError, open_sheet
from sheets.write import safe_text


@pytest.fixture
def opened(tmp_path):
    def make(content, **limits):
        path = tmp_path / "file.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_sheet(path, limits=Limits(**limits))

    return make


def rows(file, size=20_000):
    """Return {row number: its fields, or the code of what is wrong with it}."""
    found = {}
    for chunk in file.chunks(size):
        for number, fields in zip(chunk.frame.index, chunk.frame.itertuples(index=False, name=None), strict=True):
            found[number] = tuple(None if pd.isna(value) else value for value in fields)
        found.update({failed.row: failed.code for failed in chunk.failed})
    return dict(sorted(found.items()))


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gbk", "gb18030"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends_are_told_by_the_content(opened, encoding, told, delimiter, end):
    text = end.join([f"门店{delimiter}金额", f"徐汇店{delimiter}18.50", f"静安店{delimiter}"]) + end
    file = opened(text.encode(encoding))
    assert (file.headings, file.detail) == (["门店", "金额"], {"encoding": told, "delimiter": delimiter})
    assert rows(file) == {2: ("徐汇店", "18.50"), 3: ("静安店", None)}


def test_a_file_that_is_ascii_at_first_may_turn_out_to_be_gbk(opened):
    file = opened(b"name,n\n" + b"tea,1\n" * 50 + "奶茶,2\n红茶,3\n".encode("gbk"), sample_bytes=100)
    assert list(rows(file).values())[-3:] == [("tea", "1"), ("奶茶", "2"), ("红茶", "3")]


def test_a_line_in_another_encoding_fails_alone(opened):
    file = opened("名,n\n茶,1\n".encode() + b"\xa3\xff,2\n" + "茶,3\n".encode() * 100)
    assert [rows(file)[number] for number in (2, 3, 4)] == [("茶", "1"), "not_decodable", ("茶", "3")]
    file = opened("名,n\n茶,1\n".encode("gbk") + b"\xff\xff,2\n" + "茶,3\n".encode("gbk") * 100)
    assert [rows(file)[number] for number in (2, 3, 4)] == [("茶", "1"), "not_decodable", ("茶", "3")]


def test_fields_are_stripped_and_blanks_are_unknown(opened):
    assert rows(opened("a,b\n  x\u3000, \n,\n\n y,\n")) == {2: ("x", None), 5: ("y", None)}


def test_a_quoted_field_may_run_over_lines_and_row_numbers_are_those_of_a_spreadsheet(opened):
    assert rows(opened('a,b\n"one\ntwo",1\n\nx, "y,z"\n')) == {2: ("one\ntwo", "1"), 4: ("x", "y,z")}


def test_lines_with_too_many_or_too_few_fields_fail_alone(opened):
    file = opened("a,b\n1,2\n1,2,3\n1\n1,2,,\n3,4\n")
    assert rows(file) == {2: ("1", "2"), 3: "too_many_fields", 4: "too_few_fields", 5: ("1", "2"), 6: ("3", "4")}
    failed = next(file.chunks()).failed[0]
    assert (failed.values, failed.params) == (["1", "2", "3"], {"found": 3, "expected": 2})


def test_a_quotation_mark_never_closed_costs_its_line_and_no_other(opened):
    file = opened('a,b\n1,"open\n2,x\n3,"closed"\n')
    assert rows(file) == {2: "unbalanced_quotes", 3: ("2", "x"), 4: ("3", "closed")}
    assert next(file.chunks()).failed[0].values == ['1,"open']


def test_text_behind_a_closed_quotation_mark_costs_its_line(opened):
    assert rows(opened('a,b\n1,"x"y\n2,24" plate\n')) == {2: "unbalanced_quotes", 3: ("2", '24" plate')}


def test_an_open_quotation_mark_does_not_swallow_a_long_file(opened):
    file = opened('a,b\n1,"open\n' + "2,x\n" * 300, record_lines=20)
    assert len(rows(file)) == 301
    assert [code for code in rows(file).values() if isinstance(code, str)] == ["unbalanced_quotes"]


def test_a_line_with_a_nul_fails_alone_even_behind_an_open_quotation_mark(opened):
    content = 'a,b\n1,"open\n2,x\x00y\n茶,\x00\n3,z\n'
    found = rows(opened(content))
    assert found == {2: "unbalanced_quotes", 3: "control_character", 4: "control_character", 5: ("3", "z")}


def test_an_overlong_line_fails_alone(opened):
    file = opened("a,b\n1," + "x" * 250 + "\n2,y\n3," + "z" * 300, line_chars=100)
    assert rows(file) == {2: "line_too_long", 3: ("2", "y"), 4: "line_too_long"}


def test_rows_come_in_chunks_with_progress(opened):
    file = opened("a,b\n" + "1,2\n" * 5 + "1\n")
    chunks = list(file.chunks(2))
    assert [chunk.rows for chunk in chunks] == [2, 2, 2]
    assert [len(chunk.failed) for chunk in chunks] == [0, 0, 1]
    assert chunks[-1].progress == 1
    assert [chunk.rows for chunk in file.chunks(4)] == [4, 2]
    assert list(opened("a,b\n").chunks()) == []


def test_headings_are_stripped_made_unique_and_named_by_place(opened):
    assert opened(" a ,,a,'=b,,\n1,2,3,4,,\n").headings == ["a", "#2", "a (2)", "=b"]
    assert opened("a,a (2),a\n1,2,3\n").headings == ["a", "a (2)", "a (3)"]


def test_the_line_with_which_excel_names_a_delimiter_is_no_heading(opened):
    file = opened("\ufeffsep=;\r\na;b,c\r\n1;2\r\n")
    assert (file.headings, rows(file)) == (["a", "b,c"], {3: ("1", "2")})


def test_our_own_apostrophe_is_taken_off(opened):
    assert rows(opened("a,b\n'=1+1,'quoted'\n")) == {2: ("=1+1", "'quoted'")}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \r\n", "empty_file"),
        (b"sep=;\n", "empty_file"),
        (b" , ,\n ,\n", "empty_file"),
        (b"%PDF-1.7 a,b", "not_a_spreadsheet"),
        (b"<html><table>", "not_a_spreadsheet"),
        (b"a\x00b,c\n", "not_a_spreadsheet"),
        (bytes(range(128, 256)) * 20, "unknown_encoding"),
        (b'"a,b\n1,2\n', "bad_header"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Workbook", "old_excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password_protected"),
    ],
)
def test_what_is_no_table_is_refused_by_name(opened, content, code):
    with pytest.raises(SheetError) as refused:
        opened(content)
    assert refused.value.code == code


def test_a_file_that_is_too_large_is_refused_before_it_is_read(opened):
    with pytest.raises(SheetError, match="9 bytes where 8 bytes is the most"):
        opened(b"a,b\n1,2,3", file_bytes=8)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12),
            min_size=2,
            max_size=2,
        )
    )
)
def test_whatever_a_csv_writer_writes_comes_back(tmp_path_factory, table):
    text = io.StringIO()
    csv.writer(text).writerows([["head", "头"], *([safe_text(value) for value in row] for row in table)])
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    expected = [tuple(value.strip() or None for value in row) for row in table]
    assert list(rows(open_sheet(path)).values()) == [row for row in expected if row != (None, None)]
