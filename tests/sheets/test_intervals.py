"""Intervals in a workbook: numbers in columns of their own, and the error bars of the chart."""

import io
import re
import zipfile

import openpyxl
import pytest

from sheets.table import Chart, Column, Ratio, Table, Workbook
from sheets.write import write_workbook

COLUMNS = [
    Column("channel", "Channel"),
    Column("spend", "Spend", "money", total=True),
    Column("new", "New", "number", total=True, interval=("new_low", "new_high")),
    Column("new_low", "New, low", "number"),
    Column("new_high", "New, high", "number"),
    Column("cost", "Cost", "money", formula=Ratio("spend", "new"), interval=("cost_low", "cost_high")),
    Column("cost_low", "Cost, low", "money", formula=Ratio("spend", "new_high")),
    Column("cost_high", "Cost, high", "money", formula=Ratio("spend", "new_low")),
]
ROWS = [
    ("Lifts", 60_000, 20.0, 15.0, 24.0, 3_000.0, 2_500.0, 4_000.0),
    ("Radio", 9_000, 1.5, 0.0, 4.0, 6_000.0, 2_250.0, None),  # no upper end
    ("Unknown", None, 3.0, 2.0, 4.0, None, None, None),
]
COST = Chart("bar", "channel", ("cost",), "Cost of a “new” customer")


def written(*tables, **more):
    target = io.BytesIO()
    write_workbook(Workbook("Report", tables, language="en"), target, **more)
    return target


def channels(chart=COST, rows=ROWS, **more):
    return Table("channels", "Channels", COLUMNS, rows, chart=chart, **more).with_totals("Total")


def part(target, name):
    return zipfile.ZipFile(target).read(name).decode()


def error_bars(target):
    """What each series' error bars hold, element by element, and the cells that they refer to."""
    xml = part(target, "xl/charts/chart1.xml")
    return [
        (
            re.findall(r"<(err\w+|plus|minus)[ >]", bars),
            re.findall(r"<f>(.*?)</f>", bars),
            re.findall("<v>(.*?)</v>", bars),
        )
        for bars in re.findall("<errBars>(.*?)</errBars>", xml)
    ]


def test_a_bar_s_error_bars_refer_to_cells_and_stand_in_the_schema_s_order():
    order = ["errBarType", "errValType", "plus", "minus"]  # no errDir: Excel refuses a bar's
    cells = ["'Channels'!$C$9:$C$11", "'Channels'!$B$9:$B$11"]
    # 40 − 30; then 30 − 25 and 60 − 22.50: what has no upper end has no bar upwards
    assert error_bars(written(channels())) == [(order, cells, ["10", "5", "37.5"])]


def test_the_lengths_of_error_bars_are_formulas_behind_the_chart():
    target = written(channels())
    sheet = openpyxl.load_workbook(target)["Channels"]
    assert [sheet[f"{column}8"].value for column in "AB"] == [None, "Lengths of the error bars"]
    assert sheet["B9"].value == '=IF(OR(F2="",G2=""),"",MAX(0,F2-G2))'
    assert sheet["C9"].value == '=IF(OR(H2="",F2=""),"",MAX(0,H2-F2))'
    kept = openpyxl.load_workbook(target, data_only=True)["Channels"]
    assert [[kept.cell(line, column).value for column in (2, 3)] for line in (9, 10, 11)] == [
        [5, 10], [37.5, None], [None, None]
    ]  # fmt: skip


def test_points_of_a_line_have_error_bars_of_their_own_and_are_joined_straight():
    target = written(channels(Chart("line", "channel", ("new", "cost"))))
    assert [(bars[0][0], bars[1][0]) for bars in error_bars(target)] == [
        ("errDir", "'Channels'!$C$9:$C$11"), ("errDir", "'Channels'!$E$9:$E$11")
    ]  # fmt: skip
    assert part(target, "xl/charts/chart1.xml").count('<smooth val="0"') == 4  # and the two lines unseen


def test_the_axis_reaches_the_upper_ends_by_a_line_that_nobody_sees():
    xml = part(written(channels()), "xl/charts/chart1.xml")
    assert re.findall("<lineChart>.*</lineChart>", xml)[0].count("'Channels'!$H$2:$H$4") == 1
    assert '<symbol val="none"' in xml
    assert "<lineChart>" not in part(written(channels(Chart("bar", "channel", ("spend",)))), "xl/charts/chart1.xml")
    several = part(written(channels(Chart("bar", "channel", ("spend", "cost")))), "xl/charts/chart1.xml")
    assert re.findall('<legendEntry><idx val="(.)"', several.replace(" />", "/>")) == ["2"]


def test_a_figure_outside_its_interval_has_no_error_bar_on_that_side():
    target = written(channels(Chart("bar", "channel", ("new",)), [("Lifts", None, 3.0, 3.5, 4.0, None, None, None)]))
    assert error_bars(target)[0][2] == ["1", "0"]


@pytest.mark.parametrize("more", [{"rows_per_sheet": 8}, {"rows_per_sheet": 4}])
def test_where_the_lengths_do_not_fit_on_the_sheet_there_are_no_error_bars(more):
    assert error_bars(written(channels(), **more)) == []


def test_a_chart_without_intervals_and_a_table_that_streams_have_no_error_bars():
    assert error_bars(written(channels(Chart("bar", "channel", ("spend",))))) == []
    streaming = Table("channels", "Channels", COLUMNS, iter(ROWS), chart=COST)
    assert openpyxl.load_workbook(written(streaming))["Channels"].max_row == 4


def test_a_chart_says_its_figures_and_intervals_to_those_who_cannot_see_it():
    charts = [Table("other", "Other", COLUMNS[:2], [("Metro & co", 1)], chart=Chart("bar", "channel", ("spend",)))]
    target = written(channels(), *charts, about_last=True)
    assert (
        'descr="Cost of a “new” customer; Lifts: ¥30.00 (¥25.00–¥40.00); Radio: ¥60.00 (¥22.50 and more); Unknown: —"'
        in part(target, "xl/drawings/drawing1.xml")
    )
    assert 'descr="Other; Metro &amp; co: ¥0.01"' in part(target, "xl/drawings/drawing2.xml")


def test_a_total_known_without_its_parts_is_written_and_not_summed():
    columns = [Column("channel", "Channel"), Column("orders", "Orders", "number", total=True)]
    table = Table("t", "T", columns, [("Lifts", None)], totals=("Total", 4))
    assert openpyxl.load_workbook(written(table))["T"]["B3"].value == 4


def test_a_wide_table_is_printed_over_pages_that_repeat_its_first_column():
    wide = Table("wide", "Wide", [Column(f"c{n}", "A heading of some length", "text") for n in range(20)], [])
    setup = openpyxl.load_workbook(written(wide, channels()))
    assert [setup[name].page_setup.fitToWidth for name in ("Wide", "Channels")] == [2, 1]
    assert [setup[name].print_title_cols for name in ("Wide", "Channels")] == ["$A:$A", None]
