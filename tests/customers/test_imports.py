"""A file in: every row accounted for, whole orders or nothing, the same file twice changes nothing."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pandas as pd
import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from attribution import facts
from attribution.customers.actions import find_customer, record_order
from attribution.customers.actions.files import look
from attribution.customers.imports import work as working
from attribution.customers.imports.messages import BadFile
from attribution.customers.models import Customer, ImportFile, Order, OrderLine
from attribution.jobs import LostLease
from tests.customers.conftest import counts, reasons, table

pytestmark = pytest.mark.django_db
ENGLISH = """Order number,Order time,Phone,Item,Quantity,Unit price
A1,2026-03-02 12:05,13800138000,Milk tea,2,18.00
A2,2026-03-02 12:09,,Cake,1,26.50
A1,2026-03-02 12:04,13800138000,Cake,1,26.50
"""
CHINESE = """订单号,下单时间,手机号,商品,数量,单价
A1,2026年3月2日 12:05,138 0013 8000,奶茶,2,￥18.00
A2,2026/3/2 12:09,,蛋糕,1,26.50元
A1,2026-03-02 12:04:00,+8613800138000,蛋糕,1,26.50
"""
EXPECTED = {"A1": ("sale", 6250, 2), "A2": ("sale", 2650, 1)}  # 2 × 18.00 + 26.50 = 62.50


def workbook(text):
    target = BytesIO()
    pd.read_csv(BytesIO(text.encode()), dtype="str").to_excel(target, index=False)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (ENGLISH, "a.csv"),
        (CHINESE, "a.csv"),
        (CHINESE.encode("utf-8-sig"), "a.csv"),
        (CHINESE.encode("gbk"), "a.csv"),
        (ENGLISH.replace(",", "\t"), "a.tsv"),
        (workbook(ENGLISH), "a.xlsx"),
        (workbook(CHINESE), "a.xlsx"),
    ],
    ids=["english", "chinese", "bom", "gbk", "tabs", "xlsx", "xlsx-chinese"],
)
def test_orders_come_in_from_every_sort_of_file(imported, content, name):
    job = imported(content, name=name)
    assert counts(job) == (3, 0, 0, 0)
    assert table() == EXPECTED
    order = Order.objects.get(number="A1")
    assert order.placed_at == datetime(2026, 3, 2, 4, 4, tzinfo=UTC)  # 12:04 in Shanghai, its earliest line
    assert order.customer == find_customer(kind="phone", value="13800138000")
    assert Order.objects.get(number="A2").customer is None
    assert job.report["remarks"] == {"sale": 2, "unidentified": 1}


def test_the_real_shops_headings_are_known(imported):
    imported(
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
        "489434,85048,LIGHTS,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom\n"
        "489435,PADS,,1,2009-12-01 07:46:00,0.001,,United Kingdom\n"
        "C489449,22087,BUNTING,-12,2009-12-01 10:33:00,2.95,16321.0,Australia\n"
        "A506401,B,Adjust bad debt,1,2010-04-29 13:36:00,-53594.36,,United Kingdom\n"
    )
    assert table() == {
        "489434": ("sale", 8340, 1),  # 12 × 6.95
        "489435": ("sale", 0, 1),  # a tenth of a cent
        "C489449": ("refund", 3540, 1),  # 12 × 2.95 given back
        "A506401": ("refund", 5359436, 1),
    }
    assert find_customer(kind="member", value="13085") == Order.objects.get(number="489434").customer
    line = OrderLine.objects.get(order__number="C489449")
    assert (line.quantity, line.amount_minor, line.sku) == (Decimal(12), 3540, "22087")


def test_the_same_file_again_changes_nothing_and_rings_no_bell(imported, monkeypatch):
    imported(ENGLISH)
    heard = []
    monkeypatch.setattr(facts, "CHANGED", [lambda: heard.append(1)])
    before = list(Order.objects.values()), list(OrderLine.objects.values()), list(Customer.objects.values())
    assert counts(imported(ENGLISH)) == (0, 0, 3, 0)
    assert before == (list(Order.objects.values()), list(OrderLine.objects.values()), list(Customer.objects.values()))
    assert heard == []


def test_a_corrected_file_updates_what_it_corrects(imported):
    imported(ENGLISH)
    assert counts(imported(ENGLISH.replace("26.50", "25.00", 1))) == (0, 1, 2, 0)
    assert table() == {"A1": ("sale", 6250, 2), "A2": ("sale", 2500, 1)}


def test_a_bad_row_fails_its_whole_order_and_nothing_else(imported):
    job = imported(ENGLISH.replace(",2,18.00", ",two,18.00"))
    assert counts(job) == (1, 0, 0, 2)
    assert table() == {"A2": ("sale", 2650, 1)}
    assert reasons(job) == {
        2: "“two” is not a number. Write it as 1234.50.",
        4: "Row 2 of the same order could not be taken: “two” is not a number. Write it as 1234.50.",
    }


def test_a_row_that_cannot_be_split_fails_its_order_too(imported):
    job = imported(ENGLISH.replace("Milk tea,2,18.00", "Milk tea,2,18.00,surplus"))
    assert counts(job) == (1, 0, 0, 2)
    assert set(table()) == {"A2"}


def test_bad_rows_come_back_as_a_workbook_that_can_be_mended_and_handed_in(imported):
    job = imported(ENGLISH.replace(",2,18.00", ",two,18.00"))
    with job.bad_rows.open("rb") as file:
        rows = pd.read_excel(file, dtype="str", engine="calamine")
    assert list(rows["Order number"]) == ["A1", "A1"]
    assert list(rows["Quantity"]) == ["two", "1"]
    assert rows.iloc[0, -1] == "“two” is not a number. Write it as 1234.50."
    rows.loc[0, "Quantity"] = "2"
    mended = BytesIO()
    rows.to_excel(mended, index=False)
    assert counts(imported(mended.getvalue(), name="mended.xlsx")) == (2, 0, 0, 0)
    assert table() == EXPECTED


def test_only_checking_writes_nothing_and_reports_the_same(imported, monkeypatch):
    heard = []
    monkeypatch.setattr(facts, "CHANGED", [lambda: heard.append(1)])
    bad = ENGLISH + "A3,2026-03-02 12:05,12345,Cake,1,5\n"
    checked = imported(bad, is_dry_run=True)
    assert (Order.objects.count(), Customer.objects.count()) == (0, 0)
    assert counts(checked) == counts(imported(bad)) == (3, 0, 0, 1)
    assert reasons(checked) == {5: "“12345” is not a phone number. Write it as you would dial it."}


def many_orders(count=60, lines=3):
    """Lines of many orders, dealt out like cards: no two of one order stand together."""
    rows = [f"N{i:03},2026-03-02 12:{i % 60:02},Tea,1,{line + 1}.00" for line in range(lines) for i in range(count)]
    return "\n".join(["Order number,Order time,Item,Quantity,Unit price", *rows])


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(working, "CHUNK_ROWS", 20)
    monkeypatch.setattr(working, "READ_ROWS", 7)


def test_orders_whose_lines_are_scattered_over_the_file_come_right(imported, small_chunks):
    assert counts(imported(many_orders())) == (180, 0, 0, 0)
    assert table() == {f"N{i:03}": ("sale", 600, 3) for i in range(60)}  # 1 + 2 + 3
    assert counts(imported(many_orders())) == (0, 0, 180, 0)


def break_off_after(monkeypatch, chunks, error=KeyboardInterrupt):
    """Have the worker die when it is about to take the chunk after ``chunks`` others."""
    take, taken = working._take, []

    def taking(*args, **kwargs):
        if len(taken) == chunks:
            raise error
        taken.append(1)
        return take(*args, **kwargs)

    monkeypatch.setattr(working, "_take", taking)
    return lambda: monkeypatch.setattr(working, "_take", take)


def test_a_file_whose_worker_died_is_taken_up_and_counted_as_if_nothing_had_been(
    hand_in, small_chunks, monkeypatch, time_machine
):
    time_machine.move_to(datetime(2026, 11, 1, tzinfo=UTC), tick=False)
    job = hand_in(many_orders() + "\nN000,2026-03-02,Tea,none,1\nN999,2026-03-02,Tea,one,1")
    revive = break_off_after(monkeypatch, 4)
    with pytest.raises(KeyboardInterrupt):
        look()
    assert 0 < Order.objects.count() < 60
    revive()
    assert look() == 0  # its lease still runs: the worker may be alive
    time_machine.shift(61)
    assert look() == 1
    job.refresh_from_db()
    assert counts(job) == (177, 0, 0, 5)  # N000's three lines and its bad one, and N999's
    assert sorted(reasons(job)) == [2, 62, 122, 182, 183]
    assert len(table()) == 59
    assert OrderLine.objects.count() == 177


def test_work_begins_anew_if_the_stores_have_changed_meanwhile(hand_in, small_chunks, monkeypatch, other_store):
    job = hand_in(many_orders())
    revive = break_off_after(monkeypatch, 4)
    with pytest.raises(KeyboardInterrupt):
        look()
    revive()
    other_store.name_en = "Jing'an Temple"
    other_store.save()
    ImportFile.objects.update(lease_until=timezone.now())
    assert look() == 1
    job.refresh_from_db()
    inserted, updated, skipped, failed = counts(job)
    assert (inserted + skipped, updated, failed) == (180, 0, 0)
    assert skipped > 0


def test_a_worker_that_lost_its_file_writes_nothing_more(hand_in):
    job = hand_in(ENGLISH)
    assert job.claim()
    ImportFile.objects.update(attempts=2)  # somebody else has it
    with pytest.raises(LostLease):
        working.work(job)
    assert Order.objects.count() == 0


def test_the_worker_leaves_a_file_that_another_has(hand_in, monkeypatch):
    hand_in(ENGLISH)

    def lose(job):
        raise LostLease

    monkeypatch.setattr("attribution.customers.actions.files.work", lose)
    assert look() == 0


def test_what_is_unforeseen_is_recorded_and_seen(hand_in, monkeypatch):
    job = hand_in(ENGLISH)
    break_off_after(monkeypatch, 0, RuntimeError)
    with pytest.raises(RuntimeError):
        look()
    job.refresh_from_db()
    assert (job.state, job.error_code, job.error_params) == ("failed", "crashed", {"error": "RuntimeError"})


def test_a_file_that_is_gone_fails_by_name(hand_in):
    job = hand_in(ENGLISH)
    job.file.storage.delete(job.file.name)
    look()
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "file_gone")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The file is empty."),
        (b"%PDF-1.7 ...", "neither CSV nor an Excel workbook"),
        ("Order number,Amount\nA1,5\n", "There is no column for Order time. The file has: Order number, Amount."),
        ("Order time,Amount\n2026-03-02,5\n", "These headings are recognised: Order number · 订单号"),
        ("Order number,Date\nA1,2026-03-02\n", "There is no column for Amount."),
        (
            "Order number,Date,Amount,Amount\nA1,2026-03-02,5,6\n",
            "More than one column could be Amount: Amount, Amount (2).",
        ),
        ("Order number,Date,Item,Order amount\nA1,2026-03-02,Tea,5\n", "There is no column for Amount."),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_by_name(hand_in, content, message):
    with pytest.raises(BadFile, match=re.escape(message)):
        hand_in(content)
    assert ImportFile.objects.count() == 0


def test_a_file_that_names_no_store_needs_one(hand_in, other_store, store):
    with pytest.raises(BadFile, match="Choose the store"):
        hand_in(ENGLISH, store="")
    other_store.delete()
    assert hand_in(ENGLISH, store="").pk  # there is but one: no question


def test_headings_without_rows_and_doubtful_days_are_found_by_the_worker(imported):
    assert imported("Order number,Date,Amount\n").error_code == "no_rows"
    job = imported("Order number,Date,Amount\nA1,01/02/2026,5\n")
    assert (job.state, job.error_code) == ("failed", "ambiguous_dates")


def test_a_store_is_known_by_code_or_either_name_and_an_unknown_one_fails_the_row(imported, store, other_store):
    job = imported(
        "Order number,Date,Amount,门店\nA1,2026-03-02,5,jingan\nA2,2026-03-02,5,静安店\nA3,2026-03-02,5,JING’AN\n"
        "A4,2026-03-02,5,\nA5,2026-03-02,5,moon\n"
    )
    assert counts(job) == (4, 0, 0, 1)
    assert reasons(job) == {6: "There is no store “moon”."}
    assert dict(Order.objects.values_list("number", "store__code")) == {
        "A1": "jingan", "A2": "jingan", "A3": "jingan", "A4": "xuhui",
    }  # fmt: skip


def test_one_order_may_call_its_store_by_two_names(imported, store):
    job = imported(
        "Order number,Date,Item,Unit price,Store\nA1,2026-03-02,Tea,5,xuhui\nA1,2026-03-02,Cake,6,徐汇店\n", store=""
    )
    assert counts(job) == (2, 0, 0, 0)
    assert table() == {"A1": ("sale", 1100, 2)}


def test_the_same_number_in_two_stores_is_two_orders(imported, store, other_store):
    job = imported("Order number,Date,Amount,Store\nA1,2026-03-02,5,xuhui\nA1,2026-03-02,6,jingan\n")
    assert counts(job) == (2, 0, 0, 0)


def test_times_are_the_stores_own(imported, store, other_store):
    other_store.zone = "Europe/London"
    other_store.save()
    imported("Order number,Date,Amount,Store\nA1,2026-03-02 12:00,5,xuhui\nA2,2026-03-02 12:00,6,jingan\n")
    assert dict(Order.objects.values_list("number", "placed_at")) == {
        "A1": datetime(2026, 3, 2, 4, tzinfo=UTC),
        "A2": datetime(2026, 3, 2, 12, tzinfo=UTC),
    }


def test_a_provisional_order_of_the_till_is_settled(imported, store):
    record_order(
        store=store, number="A2", placed_at=timezone.now(), amount_minor=2000, source="till", is_provisional=True
    )
    assert counts(imported(ENGLISH)) == (2, 1, 0, 0)
    order = Order.objects.get(number="A2")
    assert (order.is_provisional, order.amount_minor, order.lines.count()) == (False, 2650, 1)


def test_the_number_of_queries_does_not_grow_with_the_rows(imported):
    from django.db import connection

    def queries(rows):
        people = "\n".join(f"{rows}-{i},2026-03-02,Tea,1,5,{13800000000 + rows + i}" for i in range(rows))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert counts(imported("Order number,Date,Item,Quantity,Unit price,Phone\n" + people)) == (rows, 0, 0, 0)
        return len(asked)

    few, many = queries(10), queries(100)
    assert many <= few + 4  # larger INSERTs are cut in pieces


def test_a_row_written_meanwhile_is_found_on_the_second_look(hand_in, monkeypatch):
    from django.db import IntegrityError

    importer, tried = working.importer_for("orders"), []
    take = importer.take

    def lose_the_race(rows, context):
        tried.append(1)
        if len(tried) == 1:
            raise IntegrityError
        return take(rows, context)

    monkeypatch.setattr(importer, "take", lose_the_race)
    job = hand_in(ENGLISH)
    look()
    job.refresh_from_db()
    assert counts(job) == (3, 0, 0, 0)
