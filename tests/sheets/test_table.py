"""A Table holds one truth, and says so when it is handed two."""

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from sheets.table import Chart, Column, Ratio, Table, TableError, Workbook
from sheets.values import clean

SPEND = Column("spend", "Spend", "money", total=True)
NEW = Column("new", "New", "number", total=True)
COST = Column("cost", "Cost", "money", formula=Ratio("spend", "new"))
NAME = Column("name", "Name")


def channels(rows, **more):
    return Table("channels", "Channels", [NAME, SPEND, NEW, COST], rows, **more)


@pytest.mark.parametrize(
    "unknown", [None, float("nan"), np.float64("nan"), pd.NA, pd.NaT, Decimal("NaN"), np.datetime64("NaT")]
)
@pytest.mark.parametrize("kind", ["text", "integer", "money", "ratio", "number", "date", "datetime", "duration"])
def test_whatever_says_nothing_is_unknown(unknown, kind):
    assert clean(unknown, kind) is None


@pytest.mark.parametrize(
    ("value", "kind", "kept"),
    [
        (7, "text", "7"),
        ("茶", "text", "茶"),
        (np.int64(3), "integer", 3),
        (3.0, "integer", 3),
        (Decimal(3), "integer", 3),
        (2**60, "integer", 2**60),
        (np.int32(5), "money", 5),
        (5, "money", 5),
        (np.float64(2.5), "number", 2.5),
        (Decimal("0.5"), "ratio", 0.5),
        (dt.date(2026, 11, 22), "date", dt.date(2026, 11, 22)),
        (pd.Timestamp("2026-11-22"), "date", dt.date(2026, 11, 22)),
        (np.datetime64("2026-11-22T08:00"), "datetime", dt.datetime(2026, 11, 22, 8)),
        (dt.datetime(2026, 11, 22, 8), "datetime", dt.datetime(2026, 11, 22, 8)),
        (dt.timedelta(minutes=2), "duration", 120.0),
        (np.timedelta64(3, "s"), "duration", 3.0),
        (90, "duration", 90),
    ],
)
def test_values_of_numpy_and_pandas_become_plain(value, kind, kept):
    cleaned = clean(value, kind)
    assert (cleaned, type(cleaned)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "integer"), ("3", "integer"), (2.5, "integer"), (math.inf, "integer"),
        (True, "number"), ("3", "money"), (math.inf, "ratio"),
        (dt.datetime(2026, 1, 1), "date"), (pd.Timestamp("2026-01-01 08:00"), "date"), ("2026-01-01", "date"),
        (dt.date(2026, 1, 1), "datetime"), ("1:00", "duration"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_with_row_and_column(value, kind):
    with pytest.raises(TableError, match="table t, row 2, column a"):
        Table("t", "T", [Column("a", "A", kind)], [(None,), (value,)])


def test_rows_may_be_sequences_mappings_or_a_frame():
    as_sequences = channels([("radio", 300, 2.0, 150.0)])
    as_mappings = channels([{"cost": 150.0, "name": "radio", "spend": 300, "new": 2.0}])
    as_frame = channels(pd.DataFrame({"new": [2.0], "name": ["radio"], "cost": [150.0], "spend": [300]}))
    assert as_sequences.rows == as_mappings.rows == as_frame.rows == (("radio", 300, 2.0, 150.0),)


@pytest.mark.parametrize("row", [("radio",), "text", ("radio", 1, 1, 1, 1)])
def test_a_row_of_another_length_is_refused(row):
    with pytest.raises(TableError, match=r"table channels, row 1: . values for 4 columns"):
        channels([row])


def test_a_mapping_that_lacks_or_adds_a_column_is_refused_by_name():
    with pytest.raises(TableError, match=r"row 1: missing or unknown columns \['new', 'old'\]"):
        channels([{"name": "radio", "spend": 1, "cost": None, "old": 1}])


def test_a_ratio_that_is_not_what_its_formula_says_is_refused():
    with pytest.raises(TableError, match=r"row 1, column cost: 100 given, but its formula makes 150\.0"):
        channels([("radio", 300, 2.0, 100)])


@pytest.mark.parametrize(("spend", "new"), [(300, 0), (300, None), (None, 2.0)])
def test_a_ratio_of_nothing_or_over_nothing_is_unknown(spend, new):
    assert channels([("radio", spend, new, None)]).rows[0][3] is None
    with pytest.raises(TableError, match="its formula makes None"):
        channels([("radio", spend, new, 0)])


def test_totals_are_sums_of_what_is_known_and_ratios_of_sums():
    table = channels([("radio", 300, None, None), ("wechat", 100, 2.0, 50.0)]).with_totals("Total")
    assert table.totals == ("Total", 400, 2.0, 200.0)


def test_a_total_of_nothing_known_is_unknown_and_needs_no_text_column():
    table = Table("t", "T", [SPEND], [(None,)]).with_totals("Total")
    assert table.totals == (None,)


def test_a_total_that_its_rows_do_not_sum_to_is_refused():
    with pytest.raises(TableError, match="the total row, column spend: 301 given, but its rows sum to 300"):
        channels([("radio", 300, 2.0, 150.0)], totals=("Total", 301, 2.0, 150.5))


def test_a_whole_may_be_known_without_its_parts():
    assert channels([("radio", None, 2.0, None)], totals=("Total", 300, 2.0, 150.0)).totals[1] == 300


def test_a_total_may_be_left_unknown():
    assert channels([("radio", 300, 2.0, 150.0)], totals=(None, None, None, None)).totals == (None,) * 4


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ([], "one key each"),
        ([NAME, NAME], "one key each"),
        ([SPEND, NEW, Column("x", "X", "number", formula=Ratio("spend", "new"))], "mixes units"),
        ([SPEND, NEW, Column("x", "X", "money", formula=Ratio("new", "spend"))], "mixes units"),
        ([SPEND, Column("x", "X", "money", formula=Ratio("spend", "spend"))], "mixes units"),
        ([SPEND, Column("x", "X", "money", formula=Ratio("spend", "none"))], "no column 'none'"),
        ([SPEND, NAME, Column("x", "X", "number", formula=Ratio("name", "spend"))], "no number"),
        ([SPEND, NEW, Column("x", "X", "text", formula=Ratio("spend", "new"))], "no number"),
    ],
)
def test_columns_that_cannot_be_are_refused(columns, why):
    with pytest.raises(TableError, match=why):
        Table("t", "T", columns, [])


def test_money_over_money_is_a_number():
    roas = Column("roas", "ROAS", "number", formula=Ratio("spend", "spend"))
    assert Table("t", "T", [SPEND, roas], [(200, 1.0)]).rows == ((200, 1.0),)


def test_a_type_nobody_knows_and_a_sum_of_texts_are_refused():
    with pytest.raises(TableError, match="no type 'colour'"):
        Column("a", "A", "colour")  # type: ignore[arg-type]
    with pytest.raises(TableError, match="text cannot be summed"):
        Column("a", "A", total=True)


def test_a_chart_draws_numbers_only():
    assert channels([], chart=Chart("bar", "name", ["spend"])).chart.values == ("spend",)
    with pytest.raises(TableError, match="column name is not a number"):
        channels([], chart=Chart("bar", "name", ("name",)))


LOW, HIGH = Column("low", "Low", "number"), Column("high", "High", "number")
WITH_INTERVAL = Column("new", "New", "number", interval=("low", "high"))


def test_an_interval_is_two_more_columns_and_its_figure_names_them():
    table = Table("t", "T", [NAME, WITH_INTERVAL, LOW, HIGH], [("radio", 2.0, 1.5, None)])

    assert table.to_json()["columns"][1]["interval"] == ["low", "high"]
    assert table.ends_of(table.columns[1], table.rows[0]) == (1.5, None)
    assert table.ends_of(table.columns[0], table.rows[0]) is None


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ([WITH_INTERVAL, LOW], "no column 'high'"),
        ([WITH_INTERVAL, LOW, Column("high", "High", "money")], "column high cannot be an end of new"),
        ([Column("new", "New", interval=("low", "high")), LOW, HIGH], "column low cannot be an end of new"),
    ],
)
def test_an_end_of_another_type_is_refused(columns, why):
    with pytest.raises(TableError, match=why):
        Table("t", "T", columns, [])


def test_a_generator_streams_and_is_checked_row_by_row():
    table = channels(iter([("radio", 300, 2.0, 150.0), ("bad",)]), totals=("Total", 300, 2.0, 150.0))
    rows = table.iterate()
    assert table.streams
    assert next(rows) == ("radio", 300, 2.0, 150.0)
    with pytest.raises(TableError, match="row 2"):
        next(rows)


def test_json_holds_raw_values_by_key():
    columns = [NAME, SPEND, Column("day", "Day", "date"), Column("at", "At", "datetime", "When it was")]
    at = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
    table = Table("t", "T", columns, [("radio", 300, dt.date(2026, 11, 22), at), (None,) * 4], notes=["A note"])
    assert table.to_json() == {
        "key": "t",
        "title": "T",
        "columns": [
            {"key": "name", "label": "Name", "type": "text", "definition": "", "interval": None},
            {"key": "spend", "label": "Spend", "type": "money", "definition": "", "interval": None},
            {"key": "day", "label": "Day", "type": "date", "definition": "", "interval": None},
            {"key": "at", "label": "At", "type": "datetime", "definition": "When it was", "interval": None},
        ],
        "rows": [
            {"name": "radio", "spend": 300, "day": "2026-11-22", "at": "2026-11-22T08:00:00+00:00"},
            {"name": None, "spend": None, "day": None, "at": None},
        ],
        "totals": None,
        "notes": ["A note"],
        "chart": None,
    }


def test_json_has_the_totals_and_the_chart():
    table = channels([("radio", 300, 2.0, 150.0)], chart=Chart("bar", "name", ["cost"], "C")).with_totals("Total")
    assert table.to_json()["chart"] == {"kind": "bar", "category": "name", "values": ("cost",), "title": "C"}
    assert table.to_json()["totals"] == {"name": "Total", "spend": 300, "new": 2.0, "cost": 150.0}


def test_a_frame_keeps_what_is_unknown():
    frame = Table("t", "T", [NAME, Column("n", "N", "integer")], [("a", 1), (None, None)]).to_frame()
    assert frame["n"].dtype == "Int64"
    assert frame["n"].tolist() == [1, pd.NA]
    assert frame["name"].isna().tolist() == [False, True]


def test_labels_may_be_translated_when_they_are_asked_for():
    class Lazy:
        def __str__(self):
            return "渠道"

    table = Table("t", Lazy(), [Column("a", Lazy(), definition=Lazy())], [], notes=[Lazy()])
    book = Workbook(Lazy(), [table], about=[(Lazy(), 1)])
    assert (table.title, table.columns[0].label, table.columns[0].definition) == ("渠道",) * 3
    assert (table.notes, book.title, book.about) == (("渠道",), "渠道", (("渠道", 1),))


def test_a_share_of_all_that_is_none_is_refused():
    columns = [
        Column("new", "New", "number", total=True),
        Column("share", "Share", "ratio", formula=Ratio("new", "new", of_total=True)),
    ]
    assert Table("t", "T", columns, [(3, 0.75), (1, 0.25)]).with_totals("All").totals == (4, 1.0)
    assert Table("t", "T", columns, [(0, None)]).with_totals("All").totals == (0, None)
    with pytest.raises(TableError, match=r"row 2, column share: 0\.5 given, but its formula makes 0\.25"):
        Table("t", "T", columns, [(3, 0.75), (1, 0.5)]).with_totals("All")
