"""What was handed to a workbook is found in it: by openpyxl, by pandas, and after LibreOffice has recalculated."""

import io
import math
import re
import subprocess
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets.table import Chart, Column, Ratio, Table, Workbook
from sheets.write import safe_text, write_workbook

COLUMNS = [
    Column("name", "Name"),
    Column("spend", "Spend", "money", total=True),
    Column("new", "New", "number", total=True),
    Column("cost", "Cost", "money", formula=Ratio("spend", "new")),
    Column("issued", "Issued", "integer", total=True),
    Column("used", "Used", "integer", total=True),
    Column("rate", "Rate", "ratio", formula=Ratio("used", "issued")),
]
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="_\ufffe\uffff"), min_size=1)
MINOR = st.none() | st.integers(0, 10**12)
CREDIT = st.none() | st.floats(0, 1e6).map(lambda number: round(number, 6))
COUNT = st.none() | st.integers(0, 10**9)


def over(above, below):
    return None if above is None or not below else above / below


@st.composite
def tables(draw):
    rows = [
        (name, spend, new, over(spend, new), issued, used, over(used, issued))
        for name, spend, new, issued, used in draw(st.lists(st.tuples(TEXT, MINOR, CREDIT, COUNT, COUNT), max_size=8))
    ]
    return Table("t", "T", COLUMNS, rows).with_totals("Total")


def written(table):
    target = io.BytesIO()
    write_workbook(Workbook("B", [table]), target)
    return target


def expected(table):
    """Return the rows as Excel holds them: safe text, money in units."""
    return [
        (
            safe_text(name), None if spend is None else spend / 100, new, None if cost is None else cost / 100,
            issued, used, rate,
        )
        for name, spend, new, cost, issued, used, rate in [*table.rows, table.totals]
    ]  # fmt: skip


def same(found, wanted, tolerance):
    if wanted is None or isinstance(wanted, str):
        return found == wanted
    return found is not None and math.isclose(found, wanted, rel_tol=tolerance, abs_tol=tolerance)


def assert_same(found, wanted, tolerance=1e-15):
    pairs = [(a, b) for x, y in zip(found, wanted, strict=True) for a, b in zip(x, y, strict=True)]
    assert [(a, b) for a, b in pairs if not same(a, b, tolerance)] == []


@given(tables())
@settings(max_examples=60, deadline=None)
def test_openpyxl_and_pandas_find_every_value(table):
    target = written(table)
    sheet = openpyxl.load_workbook(target, data_only=True)["T"]
    assert_same(list(sheet.iter_rows(min_row=2, values_only=True)), expected(table))
    frame = pd.read_excel(
        target, sheet_name="T", engine="calamine", keep_default_na=False, na_values=[""], dtype=object
    )
    found = [[None if pd.isna(value) else value for value in row] for row in frame.itertuples(index=False)]
    for row in found:
        row[0] = str(row[0])
    assert_same([row[1:] for row in found], [row[1:] for row in expected(table)])


ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>"""


def with_stale_formulas(source):
    target = io.BytesIO()
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            after.writestr(name, re.sub(rb"</f><v>[^<]*</v>", b"</f><v>12345</v>", before.read(name)))
    return target


@pytest.fixture
def recalculated(tmp_path):
    """Return what LibreOffice makes of a workbook, all formulas computed anew."""

    def convert(target):
        (tmp_path / "before.xlsx").write_bytes(target.getvalue())
        (tmp_path / "profile/user").mkdir(parents=True)
        (tmp_path / "profile/user/registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
             "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path / "out", tmp_path / "before.xlsx"],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        return openpyxl.load_workbook(tmp_path / "out" / "before.xlsx", data_only=True)

    return convert


def test_libreoffice_computes_the_same_values(recalculated):
    rows = [
        ("抖音", 1234567, 120.25, 1234567 / 120.25, 300, 120, 0.4),
        ("=1+1", 500, 0.0, None, 0, 0, None),
        ("未知", None, 3.1, None, 7, 2, 2 / 7),
    ]
    chart = Chart("bar", "name", ("cost",))
    table = Table("t", "T", COLUMNS, rows, notes=["a note"], chart=chart).with_totals("合计")
    # Other numbers than the formulas have: only a recalculation can find the right ones again.
    book = recalculated(with_stale_formulas(written(table)))
    found = list(book["T"].iter_rows(min_row=2, max_row=5, max_col=7, values_only=True))
    assert_same(found, expected(table), 1e-12)
    assert len(book["T"]._charts) == 1
