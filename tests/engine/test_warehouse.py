"""What the warehouse takes, what it refuses, and what it says then."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution.warehouse import InputError, Query, open_evidence
from tests.engine.shop import Sale, Touch, sale_table, touch_table

TOUCH = Touch(1, "wechat", "link", 0)
SALE = Sale(1, 1, 250)
TOUCHES_CSV = "customer_id,channel,kind,at\n1,wechat,link,2024-03-01T00:00:00\n"
SALES_CSV = "customer_id,at,value\n1,2024-03-02,250\n"
MARCH_1 = 1_709_251_200_000_000  # 2024-03-01T00:00:00Z in microseconds
DAY = 86_400_000_000
Row = dict[str, Any]
SALE_TABLE = sale_table([SALE])


def read(
    touches: Any, sales: Any, *capabilities: Any, **options: Any
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return touches and conversions as the engine sees them."""
    with open_evidence(touches, sales, *capabilities, **options) as evidence:
        partitions = [*evidence.partitions()]
    return partitions[0].touches.to_pylist(), partitions[0].conversions.to_pylist()


def refusal(touches: Any, sales: Any, *capabilities: Any) -> str:
    with pytest.raises(InputError) as caught:
        open_evidence(touches, sales, *capabilities)
    return str(caught.value)


def in_csv(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    return path


def in_parquet(folder: Path, name: str, table: pa.Table) -> Path:
    path = folder / f"{name}.parquet"
    pq.write_table(table, path)
    return path


def with_column(table: pa.Table, name: str, values: list[Any], kind: pa.DataType | None = None) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values, kind))


READ_TOUCH = {"customer_id": 1, "at": MARCH_1, "channel": 1, "kind": 0}  # channels: unknown, wechat
READ_SALE = {"customer_id": 1, "at": MARCH_1 + DAY, "value": 250, "weight": 1.0}


@pytest.mark.parametrize("form", ["parquet", "folder", "csv", "arrow", "pandas", "query"])
def test_files_frames_and_queries_are_read_alike(form: str, tmp_path: Path):
    tables = {"touches": touch_table([TOUCH]), "sales": sale_table([SALE])}
    match form:
        case "parquet":
            sources: list[Any] = [in_parquet(tmp_path, name, table) for name, table in tables.items()]
        case "folder":
            sources = [tmp_path / name for name in tables]
            for name, table in tables.items():
                (tmp_path / name).mkdir()
                in_parquet(tmp_path / name, "part-0", table)
        case "csv":
            sources = [in_csv(tmp_path, "touches", TOUCHES_CSV), str(in_csv(tmp_path, "sales", SALES_CSV))]
        case "arrow":
            sources = [*tables.values()]
        case "pandas":
            sources = [table.to_pandas() for table in tables.values()]
        case "query":
            files = [in_parquet(tmp_path, name, table) for name, table in tables.items()]
            sources = [Query(f"SELECT * FROM read_parquet('{file}')") for file in files]

    assert read(*sources) == ([READ_TOUCH], [READ_SALE])


def test_a_csv_file_may_have_a_byte_order_mark_and_quotes(tmp_path: Path):
    touches = in_csv(tmp_path, "touches", '\ufeffcustomer_id,channel,kind,at\n"1","抖音, 上海",link,2024-03-01\n')

    with open_evidence(touches, in_csv(tmp_path, "sales", SALES_CSV)) as evidence:
        assert evidence.channels == ("unknown", "抖音, 上海")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([datetime(2024, 3, 1)], pa.timestamp("s")),
        ([datetime(2024, 3, 1)], pa.timestamp("ms")),
        ([datetime(2024, 3, 1)], pa.timestamp("us")),
        ([datetime(2024, 3, 1)], pa.timestamp("ns")),
        ([datetime(2024, 3, 1, tzinfo=UTC)], pa.timestamp("us", "UTC")),
        ([datetime(2024, 3, 1, tzinfo=UTC)], pa.timestamp("us", "Asia/Shanghai")),
        ([date(2024, 3, 1)], pa.date32()),
    ],
)
def test_times_of_any_unit_and_zone_become_microseconds_of_utc(
    values: list[Any], kind: pa.DataType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("TZ", "America/New_York")
    touches = in_parquet(tmp_path, "touches", with_column(touch_table([TOUCH]), "at", values, kind))

    assert read(touches, sale_table([SALE]))[0][0]["at"] == MARCH_1


@pytest.mark.parametrize(
    "text", ["2024-03-01", "2024-03-01 00:00:00", "2024-03-01T08:00:00+08:00", "2024-03-01T00:00:00.0Z"]
)
def test_times_in_csv_are_utc_unless_they_name_an_offset(text: str, tmp_path: Path):
    touches = in_csv(tmp_path, "touches", f"customer_id,channel,kind,at\n1,wechat,link,{text}\n")

    assert read(touches, sale_table([SALE]))[0][0]["at"] == MARCH_1


def test_customers_are_numbers_if_both_sides_have_whole_numbers(tmp_path: Path):
    small = with_column(touch_table([TOUCH]), "customer_id", [1], pa.int16())

    touches, sales = read(small, in_csv(tmp_path, "sales", SALES_CSV))

    assert touches[0]["customer_id"] == sales[0]["customer_id"] == 1


def test_customers_are_texts_if_one_side_has_texts(tmp_path: Path):
    touches, sales = read(touch_table([TOUCH]), in_csv(tmp_path, "sales", SALES_CSV + "c-7,2024-03-02,1\n"))

    assert touches[0]["customer_id"] == "1"
    assert [sale["customer_id"] for sale in sales] == ["1", "c-7"]


def test_a_leading_nought_makes_a_customer_in_csv_a_text(tmp_path: Path):
    sales = in_csv(tmp_path, "sales", "customer_id,at,value\n007,2024-03-02,1\n7,2024-03-02,1\n")

    assert [sale["customer_id"] for sale in read(touch_table([]), sales)[1]] == ["007", "7"]


def test_customers_may_be_uuids(tmp_path: Path):
    key = uuid.UUID(int=7)
    sales = with_column(sale_table([SALE]), "customer_id", [key.bytes], pa.uuid())

    assert read(touch_table([]), in_parquet(tmp_path, "sales", sales))[1][0]["customer_id"] == str(key)


def test_other_columns_of_conversions_pass_through_and_those_of_touches_do_not(tmp_path: Path):
    touches = touch_table([TOUCH]).append_column("campaign", pa.array(["spring"]))
    sales = sale_table([SALE], store_id=[3], is_new=[True])

    read_touches, read_sales = read(touches, sales)

    assert read_touches == [READ_TOUCH]
    assert read_sales == [READ_SALE | {"store_id": 3, "is_new": True}]


@pytest.mark.parametrize("column", ["customer_id", "channel", "kind", "at"])
def test_a_missing_column_of_touches_is_named(column: str, tmp_path: Path):
    touches = in_parquet(tmp_path, "touches", touch_table([TOUCH]).drop_columns(column))

    assert f"touches.parquet: column {column}: is missing (there are: " in refusal(touches, sale_table([SALE]))


@pytest.mark.parametrize("column", ["customer_id", "at", "value"])
def test_a_missing_column_of_conversions_is_named(column: str):
    assert f"frame: column {column}: is missing" in refusal(touch_table([]), sale_table([SALE]).drop_columns(column))


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("customer_id", [1.5], "DOUBLE"),
        ("value", [12.5], "DOUBLE"),
        ("value", [Decimal("12.50")], "DECIMAL(4,2)"),
        ("value", ["250"], "VARCHAR"),
        ("at", ["2024-03-01"], "VARCHAR"),
        ("at", [1], "BIGINT"),
    ],
)
def test_a_wrong_type_is_named_and_never_cast(column: str, values: list[Any], kind: str):
    message = refusal(touch_table([]), with_column(sale_table([SALE]), column, values))

    assert f"column {column}: has the type {kind}; it must be " in message


@pytest.mark.parametrize("column", ["customer_id", "channel", "kind", "at"])
def test_an_empty_cell_of_touches_is_refused_by_name(column: str):
    touches = touch_table([TOUCH, TOUCH])
    values = [touches[column][0].as_py(), None]

    message = refusal(with_column(touches, column, values, touches[column].type), sale_table([SALE]))

    assert f"column {column}: 1 rows are empty or cannot be read; each must be " in message


@pytest.mark.parametrize("column", ["customer_id", "at", "value"])
def test_an_empty_cell_of_conversions_is_refused_by_name(column: str):
    sales = sale_table([SALE])

    message = refusal(touch_table([]), with_column(sales, column, [None], sales[column].type))

    assert f"column {column}: 1 rows are empty or cannot be read; each must be " in message


@pytest.mark.parametrize(
    ("row", "column", "example"),
    [
        ("1,2024-13-01,5", "at", "'2024-13-01'"),
        ("1,infinity,5", "at", "'infinity'"),
        ("1,2024-03-01,12.50", "value", "'12.50'"),
        ("1,2024-03-01,99999999999999999999", "value", "'99999999999999999999'"),
        ("1,2024-03-01,", "value", ""),
        (",2024-03-01,5", "customer_id", ""),
    ],
)
def test_a_cell_of_csv_that_cannot_be_read_is_shown(row: str, column: str, example: str, tmp_path: Path):
    sales = in_csv(tmp_path, "sales", f"customer_id,at,value\n1,2024-03-01,5\n{row}\n")

    message = refusal(touch_table([]), sales)

    assert f"sales.csv: column {column}: 1 rows are empty or cannot be read" in message
    assert example in message


def test_an_unknown_kind_is_refused_by_name():
    message = refusal(touch_table([TOUCH, Touch(1, "a", "radio", 0)]), sale_table([]))

    assert "column kind: 'radio' is not a kind; use one of link, referral, import, coupon, survey" in message


def test_the_channel_unknown_is_reserved():
    assert "column channel: 'unknown' is a reserved name" in refusal(
        touch_table([Touch(1, "unknown", "link", 0)]), SALE_TABLE
    )


def test_a_channel_per_touch_is_refused():
    touches = touch_table([Touch(1, f"visit {number}", "link", 0) for number in range(8_001)])

    assert "column channel: more than 8000 different channels" in refusal(touches, SALE_TABLE)


def test_the_column_path_id_is_reserved():
    assert "column path_id: is a reserved name" in refusal(touch_table([]), sale_table([SALE], path_id=[1]))


@pytest.mark.parametrize("weight", [None, -0.1, float("inf"), float("nan")])
def test_a_weight_must_be_a_number_from_nought(weight: float | None):
    sales = sale_table([SALE], weight=pa.array([weight], pa.float64()))

    assert "column weight: 1 rows have no weight, or one below 0 or without end" in refusal(touch_table([]), sales)


def test_files_that_are_not_there_or_not_what_they_say_are_refused_by_name(tmp_path: Path):
    (tmp_path / "wrong.parquet").write_text("no parquet", encoding="utf-8")
    (tmp_path / "binary.csv").write_bytes(b"customer_id,at,value\n\xff\xfe\x00,1,2\n")
    (tmp_path / "orders.xlsx").touch()

    assert "none.csv: does not exist; check the path" in refusal(tmp_path / "none.csv", SALE_TABLE)
    assert "wrong.parquet: cannot be read (" in refusal(tmp_path / "wrong.parquet", SALE_TABLE)
    assert "binary.csv: cannot be read (" in refusal(touch_table([]), tmp_path / "binary.csv")
    assert "orders.xlsx: has an ending that is not known" in refusal(touch_table([]), tmp_path / "orders.xlsx")
    assert "query: cannot be read (" in refusal(touch_table([]), Query("SELECT nonsense"))


@pytest.mark.parametrize("row", ["1,2,3,4\n", "1,2024-03-01\n"])
def test_a_ragged_csv_row_is_refused_wherever_it_stands(row: str, tmp_path: Path):
    header, *rest = SALES_CSV.splitlines(keepends=True)

    for text in ("".join([header, row, *rest]), "".join([header, *rest, row])):
        assert "sales.csv: cannot be read (" in refusal(touch_table([]), in_csv(tmp_path, "sales", text))


def test_a_csv_file_may_come_from_windows_or_have_one_row_or_none(tmp_path: Path):
    header, row = SALES_CSV.splitlines()

    for text, rows in ((SALES_CSV.replace("\n", "\r\n"), 1), (f"{header}\n{row}", 1), (header, 0)):
        assert len(read(touch_table([]), in_csv(tmp_path, "sales", text))[1]) == rows


def test_a_csv_file_needs_a_header_with_different_names(tmp_path: Path):
    twice = in_csv(tmp_path, "twice", "customer_id,at,at,value\n")

    assert "sales.csv: is empty" in refusal(touch_table([]), in_csv(tmp_path, "sales", ""))
    assert "twice.csv: column at: is there twice; leave one of them out" in refusal(touch_table([]), twice)


def test_a_parquet_file_or_one_of_a_folder_may_not_name_a_column_twice(tmp_path: Path):
    table = SALE_TABLE.append_column("value", pa.array([1]))
    in_parquet(tmp_path, "a", SALE_TABLE)

    assert "sales.parquet: column value: is there twice" in refusal(
        touch_table([]), in_parquet(tmp_path, "sales", table)
    )
    assert "column value: is there twice" in refusal(touch_table([]), tmp_path)


@pytest.mark.parametrize("at", [2**63 - 10, -(2**62)])
def test_a_time_beyond_the_years_that_can_be_told_is_refused(at: int):
    sales = with_column(SALE_TABLE, "at", [at], pa.timestamp("us"))

    assert "frame: " in (said := refusal(touch_table([]), sales))
    assert "cannot be read" in said


def test_a_torn_file_is_refused_by_name_wherever_it_is_torn(tmp_path: Path):
    rows = 20_000
    touches = pa.concat_tables([touch_table([TOUCH])] * rows)
    sales = pa.concat_tables([SALE_TABLE] * rows).append_column("note", pa.array([f"{n * n}" for n in range(rows)]))
    torn = [in_parquet(tmp_path, name, table) for name, table in (("touches", touches), ("sales", sales))]
    for file in torn:
        content = bytearray(file.read_bytes())
        begin = content.find(b"PAR1", 4) // 2 if file.stem == "touches" else len(content) - 40_000
        content[begin : begin + 30_000] = b"U" * 30_000
        file.write_bytes(content)

    assert "touches.parquet: cannot be read (" in refusal(torn[0], SALE_TABLE)
    with open_evidence(touch_table([TOUCH]), torn[1]) as evidence, pytest.raises(InputError) as caught:
        [*evidence.partitions()]  # what passes through is not read before
    assert "touches and conversions: cannot be read (" in str(caught.value)
    assert "sales.parquet" in str(caught.value)


def test_too_little_memory_is_told():
    many = Query(
        "SELECT i AS customer_id, 'c' || i % 9 AS channel, 'link' AS kind, now() AS at FROM range(900000) t(i)"
    )

    with pytest.raises(InputError, match="memory_limit: is too small for these files; give more"):
        open_evidence(many, SALE_TABLE, memory="1MB")


def test_an_error_is_one_line_and_knows_its_parts(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        open_evidence(tmp_path / "none.csv", SALE_TABLE)

    assert "\n" not in str(caught.value)
    assert (caught.value.file, caught.value.column) == (str(tmp_path / "none.csv"), None)
    assert (caught.value.problem, caught.value.remedy) == ("does not exist", "check the path")


def test_capabilities_are_checked_and_kept_once_each():
    table = pa.table({"channel": ["b", "a", "b"], "kind": ["coupon", "link", "coupon"]})
    touches = [Touch(1, "b", "coupon", 0), Touch(1, "b", "link", 0), Touch(1, "b", "survey", 0)]

    with open_evidence(touch_table(touches), SALE_TABLE, table) as evidence:
        assert evidence.capabilities is not None
        assert evidence.capabilities.to_pylist() == [
            {"channel": "a", "kind": "link"},
            {"channel": "b", "kind": "coupon"},
        ]
        # b's link has no capability; a survey can name every channel
        assert evidence.counts["touches_through_no_capability"] == 1


def test_capabilities_with_an_empty_cell_or_unknown_kind_are_refused():
    empty = pa.table({"channel": pa.array([None], pa.string()), "kind": ["link"]})
    radio = pa.table({"channel": ["a"], "kind": ["radio"]})

    assert "column channel: 1 rows are empty" in refusal(touch_table([]), SALE_TABLE, empty)
    assert "column kind: 'radio' is not a kind" in refusal(touch_table([]), SALE_TABLE, radio)


def test_the_watermark_is_the_latest_time_of_both_sides():
    with open_evidence(touch_table([Touch(1, "a", "link", 2)]), SALE_TABLE) as evidence:
        assert evidence.watermark == MARCH_1 + 2 * DAY
    with open_evidence(touch_table([]), sale_table([])) as evidence:
        assert evidence.watermark == 0
