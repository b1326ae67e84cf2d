"""A batch's codes as files: what a camera reads off the labels, and what stands in list and workbook."""

import csv
import io
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pypdfium2
import pytest
import zxingcpp
from openpyxl import load_workbook

from attribution.coupons import actions, codes, labels, tasks
from attribution.coupons.actions import files, making
from attribution.coupons.labels import GRIDS, Label, write_labels
from attribution.coupons.models import CodeFile, Coupon, CouponBatch
from attribution.jobs import LostLease
from tests.coupons.conftest import NOON

LABEL = Label(
    "阿明茶铺 Aming", ("立减 ¥15.00", "¥15.00 off"), ("满 ¥30.00 可用。\n有效期至 2026-12-31。", "From ¥30.00.")
)


def read(document: Any, page: int = 0) -> list[str]:
    return sorted(code.text for code in zxingcpp.read_barcodes(document[page].render(scale=3.0).to_pil()))


@pytest.mark.parametrize(("form", "a_sheet"), [("labels-24", 24), ("labels-10", 10)])
def test_a_camera_reads_every_label_of_a_sheet(form: str, a_sheet: int) -> None:
    drawn, out = codes.new_codes(a_sheet + 1), io.BytesIO()

    assert write_labels(drawn, LABEL, form, out) == "pdf"

    document = pypdfium2.PdfDocument(out.getvalue())
    assert [read(document, page) for page in range(2)] == [sorted(drawn[:a_sheet]), drawn[a_sheet:]]
    text = document[0].get_textpage().get_text_bounded()
    assert text.count("立减 ¥15.00") == text.count("From ¥30.00.") == a_sheet
    assert all(codes.display(code) in text for code in drawn[:a_sheet])


def test_nothing_leaves_its_label() -> None:
    out = io.BytesIO()
    long = Label("Tea " * 20, ("立减" * 30, "off " * 40), ("满" * 40, "From " * 30))
    write_labels(["A" * 64] * 24, long, "labels-24", out)

    page = pypdfium2.PdfDocument(out.getvalue())[0]
    text, unit = page.get_textpage(), 72 / 25.4
    for number in range(text.count_chars()):
        left, _low, right, _high = text.get_charbox(number)
        column = int(left // (70 * unit))
        assert right <= (column + 1) * 70 * unit


def test_a_code_of_a_platform_is_drawn_as_long_as_it_is() -> None:
    out = io.BytesIO()
    write_labels(["889123456789012345678"], LABEL, "labels-10", out)

    assert read(pypdfium2.PdfDocument(out.getvalue())) == ["889123456789012345678"]


def test_many_labels_become_several_files_in_one_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "SHEETS_A_FILE", 1)
    drawn, out, seen = codes.new_codes(25), io.BytesIO(), []

    assert write_labels(iter(drawn), LABEL, "labels-10", out, seen.append) == "zip"

    with ZipFile(out) as archive:
        assert archive.namelist() == ["labels-001.pdf", "labels-002.pdf", "labels-003.pdf"]
        found = [read(pypdfium2.PdfDocument(archive.read(name))) for name in archive.namelist()]
    assert sorted(code for page in found for code in page) == sorted(drawn)
    assert seen == [0, 10, 20, 25]


def test_no_label_is_an_empty_sheet() -> None:
    out = io.BytesIO()

    assert write_labels([], LABEL, next(iter(GRIDS)), out) == "pdf"
    assert len(pypdfium2.PdfDocument(out.getvalue())) == 1


@pytest.fixture
def made(batch: CouponBatch) -> Any:
    """Three codes of a run, and two given out otherwise: one claimed, one not."""
    CouponBatch.objects.update(is_claimable=True, days_valid=10)
    batch.refresh_from_db()
    run = actions.request_codes(batch=batch, count=3, staff=None, language="en")
    making.make_waiting_codes()
    actions.claim_coupon(batch=batch, device="d" * 24, at=NOON)
    actions.issue_coupon(batch=batch, at=NOON)
    return run


def asked_for(batch: CouponBatch, form: str, **values: Any) -> CodeFile:
    row = actions.request_file(
        batch=batch, form=form, run=values.get("run"), staff=None, language=values.get("language", "en")
    )
    tasks.look()
    row.refresh_from_db()
    assert (row.state, row.progress) == ("done", row.total)
    return row


def content(row: CodeFile) -> bytes:
    with row.file.open("rb") as file:
        return bytes(file.read())


def test_a_list_says_what_became_of_each_code(batch: CouponBatch, made: Any, store: Any, clerk: Any) -> None:
    used = Coupon.objects.filter(issued_at=made.requested_at).first()
    actions.redeem_coupon(
        code=used.code, store=store, staff=clerk.staff, request_id=uuid4(), amount_minor=5000, order_number="",
        at=made.requested_at,
    )  # fmt: skip

    row = asked_for(batch, "csv")
    lines = list(csv.DictReader(io.StringIO(content(row).decode("utf-8-sig"))))

    assert {line["As scanned"] for line in lines} == set(Coupon.objects.values_list("code", flat=True))
    # What was given out in March has expired by now, claimed or not.
    assert sorted(line["State"] for line in lines) == ["expired", "expired", "not claimed", "not claimed", "used"]
    assert next(line for line in lines if line["As scanned"] == used.code)["Uses"] == "1"


def test_a_workbook_holds_the_codes_of_one_run_in_the_readers_language(batch: CouponBatch, made: Any) -> None:
    row = asked_for(batch, "xlsx", run=made, language="zh-hans")

    book = load_workbook(io.BytesIO(content(row)))
    codes_sheet = book["券码"]
    found = {cells[1].value for cells in codes_sheet.iter_rows(min_row=2)}
    assert found == set(Coupon.objects.filter(issued_at=made.requested_at).values_list("code", flat=True))
    about = {cells[0].value: cells[1].value for cells in book.worksheets[0].iter_rows() if cells[0].value}
    assert about["哪些券码"] == "其中一次生成的"


def test_labels_are_of_codes_that_nobody_has(batch: CouponBatch, made: Any) -> None:
    row = asked_for(batch, "labels-24")

    document = pypdfium2.PdfDocument(content(row))
    assert read(document) == sorted(Coupon.objects.filter(claimed_at=None).values_list("code", flat=True))
    text = document[0].get_textpage().get_text_bounded()
    assert all(each in text for each in ("立减 ¥15.00", "¥15.00 off your bill", "From a bill of ¥30.00."))


def test_a_file_is_kept_for_a_week(batch: CouponBatch, made: Any) -> None:
    row = asked_for(batch, "csv")
    CodeFile.objects.update(requested_at=row.requested_at - CodeFile.KEPT)

    tasks.look()

    assert not CodeFile.objects.exists()
    assert not row.file.storage.exists(row.file.name)


def test_who_lost_a_file_to_another_worker_leaves_it(batch: CouponBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(row: CodeFile) -> None:
        raise LostLease

    row = actions.request_file(batch=batch, form="csv", run=None, staff=None, language="en")
    monkeypatch.setattr(files, "write_file", lose)
    tasks.look()

    row.refresh_from_db()
    assert row.state == "running"
