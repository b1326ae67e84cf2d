"""Platforms' lists of codes: each row taken or told why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from attribution.coupons import actions
from attribution.coupons.models import Coupon, CouponBatch, Redemption
from attribution.customers.actions import files
from attribution.customers.imports import work
from attribution.customers.imports.messages import BadFile
from attribution.customers.models import ImportFile
from tests.coupons.conftest import NOON

Import = Callable[..., ImportFile]


@pytest.fixture
def imported(tmp_path: Path, platform_batch: CouponBatch) -> Import:
    """Import a list into the platform's batch, unless each row is to name its own."""

    def act(text: str, *, is_chosen: bool = True, is_dry_run: bool = False) -> ImportFile:
        path = tmp_path / f"{uuid4()}.csv"
        path.write_text(text, encoding="utf-8")
        options = {"language": "en"} | ({"batch": platform_batch.pk} if is_chosen else {})
        files.receive_file(kind="codes", path=path, name="list.csv", options=options, staff=None, is_dry_run=is_dry_run)
        files.look()
        row: ImportFile = ImportFile.objects.order_by("-pk")[0]
        assert row.state == "done", row.error_code
        return row

    return act


def counts(row: ImportFile) -> tuple[int, int, int]:
    return row.inserted, row.skipped, row.failed


def test_a_list_is_taken_up_and_counted(imported: Import, platform_batch: CouponBatch) -> None:
    row = imported("券码,有效期至\n8891-2345 6789,2027-12-31\nab_c,\n")

    assert counts(row) == (2, 0, 0)
    first, second = Coupon.objects.order_by("pk")
    assert (first.code, first.issuer, first.batch, str(first.last_day)) == (
        "889123456789", "meituan", platform_batch, "2027-12-31",
    )  # fmt: skip
    assert (second.code, second.expires_at) == ("AB_C", None)
    assert CouponBatch.objects.get().issued_count == 2


def test_a_code_of_a_list_is_used_once_by_whichever_till(
    imported: Import, platform_batch: CouponBatch, store: Any, clerk: Any
) -> None:
    imported("Code\n889123456789\n")
    values = {
        "code": "8891 2345 6789", "issuer": "meituan", "batch": platform_batch, "store": store, "staff": clerk.staff,
        "amount_minor": 5000, "order_number": "",
    }  # fmt: skip

    redemption = actions.redeem_coupon(**values, request_id=uuid4())
    with pytest.raises(actions.CouponAlreadyRedeemed):
        actions.redeem_coupon(**values, request_id=uuid4())

    assert (redemption.coupon, redemption.outside_code) == (Coupon.objects.get(), "")


def test_the_same_list_again_changes_nothing(imported: Import) -> None:
    text = "Code\nA1\nA2\n"
    imported(text)

    assert counts(imported(text)) == (0, 2, 0)
    assert (Coupon.objects.count(), CouponBatch.objects.get().issued_count) == (2, 2)


def test_a_check_writes_nothing(imported: Import) -> None:
    assert counts(imported("Code\nA1\n", is_dry_run=True)) == (1, 0, 0)
    assert not Coupon.objects.exists()


def test_each_bad_row_has_its_reason_and_the_others_are_taken(
    imported: Import, platform_batch: CouponBatch, store: Any, clerk: Any
) -> None:
    other = CouponBatch.objects.create(name_en="Another", issuer="meituan", face_value_minor=1)
    Coupon.objects.create(batch=other, issuer="meituan", code="THEIRS")
    actions.redeem_coupon(
        code="GONE", issuer="meituan", batch=platform_batch, store=store, staff=clerk.staff, request_id=uuid4(),
        amount_minor=5000, order_number="", at=NOON,
    )  # fmt: skip

    rows = ("GOOD,", ",2027-01-31", f"{'X' * 65},", "good,", "LATE,2020-01-01", "THEIRS,", "GONE,", "DAY,soon",
            "BETTER,2027-01-31")  # fmt: skip
    row = imported("\n".join(("Code,Last day", *rows)))

    assert counts(row) == (2, 0, 7)
    assert dict(row.report["first"]) == {
        3: "Code is missing.",
        4: "A platform’s code has 1 to 64 characters.",
        5: "Row 2 has the same code.",
        6: "The last day 2020-01-01 is over.",
        7: "This code belongs to another of the issuer’s offers already.",
        8: "Redeemed already, at 2026-03-10 12:00 in Xuhui: it cannot be taken up as unused.",
        9: "“soon” is not a date. Write it as 2026-11-22.",
    }
    assert set(Coupon.objects.filter(batch=platform_batch).values_list("code", flat=True)) == {"GOOD", "BETTER"}


def test_the_same_code_in_another_part_of_the_list_is_found(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "CHUNK_ROWS", 2)

    assert counts(imported("Code\nA1\nA2\nA3\nA1\n")) == (3, 0, 1)


def test_a_code_whose_use_was_voided_can_be_taken_up(
    imported: Import, platform_batch: CouponBatch, store: Any, clerk: Any
) -> None:
    gone = actions.redeem_coupon(
        code="GONE", issuer="meituan", batch=platform_batch, store=store, staff=clerk.staff, request_id=uuid4(),
        amount_minor=5000, order_number="",
    )  # fmt: skip
    actions.void_redemption(redemption=gone, reason="mistake", staff=clerk.staff, request_id=uuid4())

    assert counts(imported("Code\nGONE\n")) == (1, 0, 0)


def test_rows_may_name_their_batch_by_name_or_number(imported: Import, platform_batch: CouponBatch) -> None:
    own = CouponBatch.objects.create(name_en="Ours", face_value_minor=1)
    row = imported(f"Code,Offer\nA1,meituan 10 OFF\nA2,{platform_batch.pk}\nA3,{own.pk}\nA4,\n", is_chosen=False)

    assert counts(row) == (2, 0, 2)
    assert {why for _number, why in row.report["first"]} == {
        f"There is no platform’s offer “{own.pk}”. Our own codes are made here.",
        "There is no platform’s offer “”. Our own codes are made here.",
    }


def test_a_list_that_names_no_batch_is_refused(tmp_path: Path, db: None) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Code\nA1\n", encoding="utf-8")

    with pytest.raises(BadFile, match="no column for Offer"):
        files.receive_file(kind="codes", path=path, name="list.csv", options={}, staff=None)


def test_the_stock_is_a_limit_for_lists_too(imported: Import) -> None:
    CouponBatch.objects.update(stock=2)

    row = imported("Code\nA1\nA2\nA3\n")

    assert counts(row) == (2, 0, 1)
    assert row.report["first"][0][1] == "The batch’s stock of 2 is full."


def test_days_after_issue_hold_for_a_list_unless_its_own_day_is_sooner(imported: Import) -> None:
    CouponBatch.objects.update(days_valid=30)

    imported("Code,Last day\nA1,\nA2,2099-12-31\n")

    assert len(set(Coupon.objects.values_list("expires_at", flat=True))) <= 2
    assert all(coupon.last_day is not None and coupon.last_day.year < 2099 for coupon in Coupon.objects.all())


def test_a_code_that_a_list_brought_while_the_till_waited_is_found(
    imported: Import, platform_batch: CouponBatch, monkeypatch: pytest.MonkeyPatch, store: Any, clerk: Any
) -> None:
    """The till looked before the list was there, and got the batch after it."""
    imported("Code\nA1\n")
    query, looks = type(Coupon.objects.all()), []
    first = query.first

    def blind_at_first(self: Any) -> Any:
        if self.model is Coupon and self.query.select_for_update:
            looks.append(self)
            if len(looks) == 1:
                return None
        return first(self)

    monkeypatch.setattr(query, "first", blind_at_first)
    redemption = actions.redeem_coupon(
        code="A1", issuer="meituan", batch=platform_batch, store=store, staff=clerk.staff, request_id=uuid4(),
        amount_minor=5000, order_number="",
    )  # fmt: skip

    assert redemption.coupon == Coupon.objects.get()
    assert Redemption.objects.get().outside_code == ""
