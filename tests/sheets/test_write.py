"""Workbooks: what a reader of the file finds in it."""

import datetime as dt
import io
import zipfile
from itertools import pairwise
from zoneinfo import ZoneInfo

import openpyxl
import pandas as pd
import pytest

from sheets.table import Chart, Column, Ratio, Table, TableError, Workbook
from sheets.write import write_csv, write_error_rows, write_workbook

COLUMNS = [
    Column("channel", "渠道"),
    Column("spend", "花费", "money", "期间内记录的花费", total=True),
    Column("new", "新客", "number", total=True),
    Column("cost", "获客成本", "money", "花费 ÷ 新客", formula=Ratio("spend", "new"), emphasis=True),
]
ROWS = [("抖音", 30001, 2.0, 15000.5), ("电梯屏", 500, 0.0, None), ("未知", None, 0.5, None)]
BAR = Chart("bar", "channel", ("cost",), "每位新客的成本")


def channels(**more):
    return Table("channels", "渠道", COLUMNS, ROWS, **more).with_totals("合计")


def written(*tables, **more):
    target = io.BytesIO()
    write_workbook(Workbook("报告", tables, **more), target)
    return target


def read(target, *, values=True):
    return openpyxl.load_workbook(target, data_only=values)


def part(target, name):
    return zipfile.ZipFile(target).read(name).decode()


def test_numbers_are_exact_and_what_is_unknown_has_no_cell():
    sheet = read(written(channels()))["渠道"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["渠道", "花费", "新客", "获客成本"],
        ["抖音", 300.01, 2, 150.005],
        ["电梯屏", 5, 0, None],
        ["未知", None, 0.5, None],
        ["合计", 305.01, 2.5, 122.004],  # 30,501 minor units over 2.5 customers
    ]
    assert '"D3"' not in part(written(channels()), "xl/worksheets/sheet2.xml")


def test_ratios_and_totals_are_live():
    sheet = read(written(channels()), values=False)["渠道"]
    assert sheet["D2"].value == '=IF(OR(B2="",C2="",C2=0),"",B2/C2)'
    assert [sheet["B5"].value, sheet["C5"].value] == ["=SUM(B2:B4)", "=SUM(C2:C4)"]
    assert sheet["D5"].value == '=IF(OR(B5="",C5="",C5=0),"",B5/C5)'


def test_pandas_sees_the_values_of_formulas():
    frame = pd.read_excel(written(channels()), sheet_name="渠道", engine="calamine")
    assert frame["获客成本"].tolist()[0] == 150.005
    assert frame["花费"].tolist()[-1] == 305.01


def test_formats_follow_type_currency_and_language():
    columns = [
        Column("m", "M", "money"), Column("i", "I", "integer"), Column("r", "R", "ratio"),
        Column("n", "N", "number", digits=2), Column("d", "D", "date"), Column("a", "A", "datetime"),
        Column("s", "S", "duration"), Column("t", "T"), Column("w", "W", "number", digits=0),
    ]  # fmt: skip
    at = dt.datetime(2026, 11, 22, 16, 30, 15, tzinfo=dt.UTC)
    row = (125, 3, 0.5, 2.25, dt.date(2026, 11, 22), at, 90, "x", 3.5)
    table = Table("t", "T", columns, [row])
    sheet = read(written(table, language="en", currency="JPY", zone=ZoneInfo("Asia/Shanghai")))["T"]
    assert [cell.number_format for cell in sheet[2]] == [
        '"¥"#,##0', "#,##0", "0.0%", "#,##0.00", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "[h]:mm:ss", "@", "#,##0",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[2]] == [
        125, 3, 0.5, 2.25, dt.datetime(2026, 11, 22), dt.datetime(2026, 11, 23, 0, 30, 15),
        dt.timedelta(seconds=90), "x", 3.5,
    ]  # fmt: skip
    assert sheet["A1"].font.name == "Calibri"
    assert read(written(table))["T"]["A1"].font.name == "Microsoft YaHei"


def test_what_excel_would_round_or_misdate_is_kept_as_text():
    columns = [Column("i", "I", "integer"), Column("m", "M", "money"), Column("d", "D", "date")]
    row = (2**53 + 1, 2**53 + 1, dt.date(1900, 2, 28))
    sheet = read(written(Table("t", "T", columns, [row, (2**53, -(2**53), dt.date(1900, 3, 1))])))["T"]
    assert [cell.value for cell in sheet[2]] == ["9007199254740993", "90071992547409.93", "1900-02-28"]
    assert [cell.value for cell in sheet[3]] == [2**53, -90071992547409.92, dt.datetime(1900, 3, 1)]


def test_a_total_too_large_for_a_number_stays_without_formula():
    column = Column("i", "I", "integer", total=True)
    sheet = read(written(Table("t", "T", [column], [(2**53,), (1,)]).with_totals("")), values=False)["T"]
    assert sheet["A4"].value == "9007199254740993"


def test_a_local_time_and_money_in_fractions_are_written_as_they_are():
    columns = [Column("a", "A", "datetime"), Column("m", "M", "money")]
    sheet = read(written(Table("t", "T", columns, [(dt.datetime(2026, 1, 2, 3), -33.5)])))["T"]
    assert [cell.value for cell in sheet[2]] == [dt.datetime(2026, 1, 2, 3), -0.335]


def test_a_sheet_is_frozen_filtered_and_ready_to_print():
    sheet = read(written(channels()))["渠道"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:D4"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddFooter.center.text == "&P / &N"
    assert read(written(Table("n", "N", [Column("n", "N", "integer")], [])))["N"].freeze_panes == "A2"


def test_columns_are_as_wide_as_their_chinese():
    rows = [("渠" * 20, None), ("渠" * 90, None)]
    sheet = read(written(Table("t", "T", [Column("a", "A"), Column("n", "N", "integer")], rows[:1])))["T"]
    assert sheet.column_dimensions["A"].width == 42  # 20 signs of two columns, and room
    sheet = read(written(Table("t", "T", [Column("a", "A")], [("渠" * 90,)])))["T"]
    assert sheet.column_dimensions["A"].width == 60


def test_about_comes_first_with_provenance_and_definitions():
    at = dt.datetime(2026, 11, 22, 16, tzinfo=dt.UTC)
    about = [
        ("企业", "奶茶 & 茶"),
        ("时间", at),
        ("首日", dt.date(2026, 11, 1)),
        ("运行", 12),
        ("店", None),
        ("会", True),
    ]
    plain = Table("p", "无定义", [Column("a", "A")], [])
    book = read(written(channels(), plain, about=about, zone=ZoneInfo("Asia/Shanghai")))
    assert book.sheetnames == ["说明", "渠道", "无定义"]
    lines = [tuple(row) for row in book["说明"].iter_rows(values_only=True)]
    assert lines == [
        ("报告", None), (None, None), ("企业", "奶茶 & 茶"), ("时间", dt.datetime(2026, 11, 23)),
        ("首日", dt.datetime(2026, 11, 1)), ("运行", 12), ("店", None), ("会", "True"),
        ("时间所用时区", "Asia/Shanghai"), (None, None), ("空白单元格表示未知，而不是零。", None), (None, None),
        ("渠道 · 指标定义", None), ("花费", "期间内记录的花费"), ("获客成本", "花费 ÷ 新客"),
    ]  # fmt: skip
    local = read(written(channels(), about=[("t", at.replace(tzinfo=None))]))["说明"]
    assert local["B3"].value == dt.datetime(2026, 11, 22, 16)


def test_notes_stand_below_the_table():
    sheet = read(written(channels(notes=["未识别的订单不计入。", "第二条"])))["渠道"]
    assert [sheet["A6"].value, sheet["A7"].value, sheet["A8"].value] == [None, "未识别的订单不计入。", "第二条"]


def test_a_chart_is_native_shows_its_axes_and_carries_its_values():
    xml = part(written(channels(chart=BAR)), "xl/charts/chart1.xml")
    assert "每位新客的成本" in xml
    assert "'渠道'!$D$2:$D$4" in xml
    assert 'ptCount val="3"' in xml.replace(" />", "/>")
    assert "<v>150.005</v>" in xml
    assert xml.count('<delete val="0"') == 2
    assert "<v>电梯屏</v>" in xml


def test_a_line_chart_of_several_columns_has_a_legend_and_an_empty_one_is_not_drawn():
    line = Chart("line", "channel", ("spend", "new"))
    xml = part(written(channels(chart=line)), "xl/charts/chart1.xml")
    assert "<lineChart>" in xml
    assert "<legend>" in xml
    assert "<legend>" not in part(written(channels(chart=BAR)), "xl/charts/chart1.xml")
    empty = written(Table("c", "C", COLUMNS, [], chart=BAR))
    assert "xl/charts/chart1.xml" not in zipfile.ZipFile(empty).namelist()


def test_rows_beyond_the_limit_of_a_sheet_go_to_the_next(tmp_path):
    rows = ((i,) for i in range(1, 8))
    column = Column("n", "N", "integer", total=True)
    seen: list[int] = []
    target = tmp_path / "many.xlsx"
    table = Table("many", "Many", [column], rows, totals=(28,), notes=["done"])
    write_workbook(Workbook("B", [table]), target, rows_per_sheet=7, progress=seen.append)
    book = read(target, values=False)
    assert book.sheetnames == ["说明", "Many", "Many (2)", "Many (3)"]
    assert [[cell.value for cell in book[name]["A"]] for name in book.sheetnames[1:]] == [
        ["N", 1, 2, 3], ["N", 4, 5, 6], ["N", 7, 28, None, "done"],
    ]  # fmt: skip
    assert seen == [3, 6, 7]


def test_a_table_of_one_sheet_in_two_pieces_sums_without_formula():
    column = Column("n", "N", "integer", total=True)
    target = io.BytesIO()
    table = Table("many", "Many", [column], [(1,), (2,), (3,)]).with_totals("")
    write_workbook(Workbook("B", [table]), target, rows_per_sheet=4)
    assert [cell.value for cell in read(target, values=False)["Many (2)"]["A"]] == ["N", 3, 6]


def test_an_empty_table_and_an_empty_stream_are_a_header():
    book = read(written(Table("a", "A", COLUMNS, []), Table("b", "B", COLUMNS, iter(()))))
    assert [book["A"].max_row, book["B"].max_row] == [1, 1]
    total = Table("c", "C", COLUMNS, [], totals=("合计", None, None, None))
    assert read(written(total))["C"]["A2"].value == "合计"


def test_progress_comes_every_few_thousand_rows():
    seen: list[int] = []
    rows = ((i,) for i in range(5_000))
    table = Table("n", "N", [Column("n", "N", "integer")], rows)
    write_workbook(Workbook("B", [table]), io.BytesIO(), progress=seen.append)
    assert seen[-1] == 5_000
    assert all(later > earlier for earlier, later in pairwise(seen))


def test_more_columns_than_excel_holds_are_refused():
    columns = [Column(f"c{i}", "x") for i in range(16_385)]
    with pytest.raises(TableError, match="16385 columns, Excel holds 16384"):
        written(Table("wide", "Wide", columns, []))


def test_failed_rows_come_back_as_typed_with_number_and_reason():
    target = io.BytesIO()
    rows = [(7, "不是日期", ["A1", "+86 138", "2026/13/01"]), (9, "太多", ["A2", "b", "c", "d"]), (11, "太少", ["A3"])]
    write_error_rows(target, ["订单号", "电话", "日期"], rows)
    book = read(target)
    assert book.sheetnames == ["未导入的行", "说明"]
    assert [list(row) for row in book["未导入的行"].iter_rows(values_only=True)] == [
        ["订单号", "电话", "日期", "行号", "原因"],
        ["A1", "+86 138", "2026/13/01", 7, "不是日期"],
        ["A2", "b", "c | d", 9, "太多"],
        ["A3", None, None, 11, "太少"],
    ]


def test_csv_is_what_the_table_says():
    at = dt.datetime(2026, 11, 22, 16, tzinfo=dt.UTC)
    columns = [
        Column("t", "文本"), Column("m", "M", "money"), Column("r", "R", "ratio"), Column("d", "D", "date"),
        Column("a", "A", "datetime"),
    ]  # fmt: skip
    rows = [("=1+1", 30001, 0.1, dt.date(2026, 11, 22), at), (None, 33.5, None, None, at.replace(tzinfo=None))]
    target = io.StringIO()
    write_csv(Table("t", "T", columns, rows), target, zone=ZoneInfo("Asia/Shanghai"))
    assert target.getvalue().split("\r\n") == [
        "\ufeff文本,M,R,D,A",
        "'=1+1,300.01,0.1,2026-11-22,2026-11-23 00:00:00+08:00",
        ",0.335,,,2026-11-22 16:00:00",
        "",
    ]


SHARE = Column("share", "占比", "ratio", formula=Ratio("new", "new", of_total=True))


def test_a_share_of_all_is_live_where_the_total_stands_on_its_sheet():
    table = Table("s", "S", [COLUMNS[0], COLUMNS[2], SHARE], [("抖音", 3.0, 0.75), ("未知", 1.0, 0.25)])
    live = written(table.with_totals("合计"))
    assert [read(live, values=False)["S"][cell].value for cell in ("C2", "C4")] == [
        '=IF(OR(B2="",B$4="",B$4=0),"",B2/B$4)',
        '=IF(OR(B4="",B$4="",B$4=0),"",B4/B$4)',
    ]
    assert [read(live)["S"][cell].value for cell in ("C2", "C3", "C4")] == [0.75, 0.25, 1]
    target = io.BytesIO()
    write_workbook(Workbook("r", [table.with_totals("合计")]), target, rows_per_sheet=3)
    assert read(target, values=False)["S"]["C2"].value == 0.75
    assert read(written(table), values=False)["S"]["C2"].value == 0.75


def test_a_row_of_wrapped_text_is_as_high_as_its_lines():
    column = Column("n", "Cost per identified new customer", "integer", "A sentence of eleven words. " * 8)
    book = read(written(Table("t", "T", [column], [(1,)]), about=[("One", 1)], language="en"))
    # 32 letters in a column of 16, four of which are the filter's button; 224 letters in a column of 90
    assert book["T"].row_dimensions[1].height == 3 * 15 + 3
    assert [book["About"].row_dimensions[n].height for n in (3, 9)] == [15, 45]


def test_the_yuan_has_its_own_sign_in_english_too():
    sheet = read(written(channels(), language="en"))["渠道"]
    assert sheet["B2"].number_format == '"¥"#,##0.00'


def test_shaded_shares_have_one_scale_of_colours_that_does_not_hang_on_the_others():
    columns = [Column("said", "Said"), *(Column(key, key, "ratio", shade=True) for key in ("tea", "milk"))]
    sheet = read(written(Table("t", "T", columns, [("a", 0.2, 0.1), ("b", 0.4, None)])))["T"]

    scales = {str(area.sqref): area.rules[0].colorScale for area in sheet.conditional_formatting}
    assert set(scales) == {"B2:B3", "C2:C3"}
    assert {tuple(end.val for end in scale.cfvo) for scale in scales.values()} == {(0.0, 1.0)}
    assert not read(written(Table("t", "T", columns, [])))["T"].conditional_formatting
