"""The job that the whole house is for, from a poster in the metro to a workbook on the marketer's desk."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.journey import steps
from tests.journey.conftest import DESK, PHONE
from tests.journey.shop import Shop
from tests.journey.workbook import disagreements, pandas_rows, recalculated_rows, saved_rows
from tests.waiting import until

pytestmark = pytest.mark.browser

SHANGHAI = ZoneInfo("Asia/Shanghai")
REPORT = "/reports/channels/?period=last_365_days"

# Two people saw a video 121 days ago. One of them, 13800138001, bought the next day.
LEADS = """
from datetime import timedelta
from django.utils import timezone
from attribution.customers.actions import resolve_customer
from attribution.evidence.actions import record_touch
from attribution.evidence.models import Channel

at = timezone.now() - timedelta(days=121)
for phone in ("13800138001", "13800138002"):
    record_touch(
        customer=resolve_customer(identities=[("phone", phone)], at=at), channel=Channel.objects.get(slug="douyin"),
        kind="import", occurred_at=at, source_key=phone, mapping_key="import")
"""


def days_ago(days: int) -> str:
    return f"{datetime.now(SHANGHAI) - timedelta(days=days):%Y-%m-%d %H:%M:%S}"


def orders_file(folder: Path) -> Path:
    rows = [
        "订单号,门店,下单时间,手机号,实付金额,优惠金额,类型,原订单号",
        f"A-1,徐汇店,{days_ago(120)},13800138001,40.00,,销售,",
        f"A-2,徐汇店,{days_ago(100)},13800138001,60.00,,销售,",  # came back after 20 days …
        f"R-1,徐汇店,{days_ago(99)},13800138001,10.00,,退款,A-2",  # … and returned a part
        f"A-3,徐汇店,{days_ago(50)},,30.00,,销售,",  # nobody knows whose
        f"A-4,徐汇店,{days_ago(40)},13800138003,35.00,,销售,",  # nobody knows why
        f"T-100,徐汇店,{days_ago(0)},,25.00,5.00,销售,",  # the clerk was first
        f"A-5,徐汇店,{days_ago(1)},,十元,,销售,",
    ]
    path = folder / "订单.csv"
    path.write_bytes("\r\n".join(rows).encode("gbk"))
    return path


def spend_file(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["渠道", "开始日期", "结束日期", "花费"])
    book.active.append(["抖音", days_ago(121)[:10], days_ago(121)[:10], 120])
    book.active.append(["地铁海报", days_ago(30)[:10], days_ago(28)[:10], 60])
    path = folder / "花费.xlsx"
    book.save(path)
    return path


# By the strongest evidence: the guest belongs to the poster that was scanned, 13800138001 to the video, and nobody
# knows what brought 13800138003. Money in fen.
CHANNELS = {
    #                      new   share  spend   cost    leads  judged  bought  rate  repeat  orders  revenue  by path
    "Douyin":        (1.0, 1 / 3, 12000, 12000.0, 2, 2, 1, 0.5, 1.0, 2.0, 9000.0, 1.0, 4000.0),
    "Metro posters": (1.0, 1 / 3, 6000, 6000.0, 1, 0, 0, None, None, 1.0, 2500.0, 1.0, 2500.0),
    "Friends":       (0.0, 0.0, 0, None, 0, 0, 0, None, None, 0.0, 0.0, 0.0, 0.0),
    # Nothing came before the second order of 13800138001, and a part of that was given back.
    "Unknown":       (1.0, 1 / 3, None, None, None, None, None, None, None, 1.0, 3500.0, 2.0, 8500.0),
    # One of three came back; on day 20, two were still followed but the guest of today: 1 − 1/2.
    "Total":         (3, 1.0, 18000, 6000.0, 3, 2, 1, 0.5, 0.5, 4, 15000, 4, 15000),
}  # fmt: skip
KEYS = (
    "new_customers", "share", "spend", "cost", "leads", "old_enough", "converted", "conversion_rate", "repeat_rate",
    "orders", "revenue", "own_orders", "own_revenue",
)  # fmt: skip
# Drawn anew, of three customers none to three are the posters': ¥60 are ¥20 each, or more.
POSTERS = {"new_customers_low": 0.0, "new_customers_high": 3.0, "cost_low": 2000.0, "cost_high": None}


def test_a_poster_an_answer_a_coupon_orders_and_spend_become_a_workbook(shop: Shop, window: Any, tmp_path: Path):
    shop.stack.script(LEADS)
    code = guest_answers_in_chinese(shop, window(shop.stack, locale="zh-CN", **PHONE))
    clerk_redeems(window(shop.stack, **PHONE), code)
    desk = window(shop.stack, **DESK)
    steps.log_in(desk, "marketer")
    marketer_imports(desk, tmp_path)
    table = marketer_reads_the_report(desk)
    marketer_saves_the_workbook(desk, tmp_path, table)


def guest_answers_in_chinese(shop: Shop, page: Any) -> str:
    page.goto(f"/go/{shop.link}")
    assert page.url.endswith(f"/s/{shop.token}")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    assert page.get_by_role("heading", level=1).inner_text() == "您第一次是从哪里知道我们的？"
    assert "5.00" in page.locator(".note").inner_text()

    code = steps.answer_to_the_end(page, "地铁海报", "人民广场站", score=9)

    assert page.locator(".coupon .qr svg").is_visible()
    page.reload()
    assert page.locator(".coupon .code").inner_text().strip() == code
    return code


def clerk_redeems(page: Any, code: str) -> None:
    steps.log_in(page, "clerk")
    assert page.url.endswith("/till/xuhui/")

    steps.redeem(page, code.lower(), "30", "T-100")

    expect(page.get_by_role("heading", name="Redeemed: ¥5.00 off")).to_be_visible()
    assert page.locator(".result .sum").inner_text() == "The guest pays ¥25.00"
    page.get_by_label("Coupon code").fill(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Not valid")).to_be_visible()


def marketer_imports(page: Any, folder: Path) -> None:
    counts = steps.import_file(page, "orders", orders_file(folder))
    assert counts == {"Rows": 7, "Inserted": 5, "Updated": 1, "Skipped": 0, "Failed": 1}

    book = steps.save(page, page.get_by_role("link", name="Download the failed row"), folder)
    (heading, row) = list(openpyxl.load_workbook(book).worksheets[0].values)[:2]
    told = dict(zip(heading, row, strict=True))
    assert told["订单号"] == "A-5"
    assert 8 in row
    assert any("十元" in str(cell) and cell != told["实付金额"] for cell in row)

    counts = steps.import_file(page, "orders", folder / "订单.csv")
    assert counts == {"Rows": 7, "Inserted": 0, "Updated": 0, "Skipped": 6, "Failed": 1}
    counts = steps.import_file(page, "spend", spend_file(folder))
    assert counts == {"Rows": 2, "Inserted": 2, "Updated": 0, "Skipped": 0, "Failed": 0}


def marketer_reads_the_report(page: Any) -> dict[str, Any]:
    """Return the table of the API, after holding it and the page to the numbers above."""

    def is_judged() -> bool:
        page.goto(REPORT)
        return bool(page.locator("table").count() and not page.get_by_text("New evidence is waiting").count())

    until(is_judged, "a run of all that came in")
    answer = page.request.get(f"/api/v1{REPORT}", headers={"accept-language": "en"}).json()
    table = answer["tables"][0]
    found = {row["channel"]: tuple(row[key] for key in KEYS) for row in (*table["rows"], table["totals"])}
    assert found == CHANNELS
    assert POSTERS.items() <= table["rows"][1].items()
    assert steps.drawn_table(page)["rows"] == table["rows"]
    assert_drawn(page, table)
    assert answer["figures"]["unidentified_orders"] == 1
    assert answer["figures"]["estimate"] == 3.75  # 3 + 1 × 3 ÷ 4

    shown = steps.shown_table(page)
    assert list(shown) == list(CHANNELS)
    assert shown["Metro posters"]["Cost per identified new customer"] == "¥60.00"
    assert shown["Friends"]["Cost per identified new customer"] == "—"
    assert shown["Douyin"]["Conversion rate"] == "50.0%"
    bought = steps.shown_table(page, "Orders and revenue")
    assert (bought["Total"]["Revenue"], bought["Unknown"]["Revenue by own path"]) == ("¥150.00", "¥85.00")
    marketer_looks_who_that_is(page, table)
    return dict(table)


def assert_drawn(page: Any, table: dict[str, Any]) -> None:
    """The bars and error bars are the table's costs in yuan, and are told to those who cannot see them."""
    chart = page.locator(".chart")
    expect(chart.locator("canvas")).to_be_visible()
    bars, whiskers = chart.evaluate("box => echarts.getInstanceByDom(box).getOption().series.map(one => one.data)")
    assert bars == [None if row["cost"] is None else row["cost"] / 100 for row in table["rows"]]
    ends = [(place, row["cost"], row["cost_low"], row["cost_high"]) for place, row in enumerate(table["rows"])]
    # Where there is no upper end, the whisker begins at the bar and is an arrow.
    assert whiskers == [
        [place, low / 100, (high or cost) / 100, high is None] for place, cost, low, high in ends if low is not None
    ]
    assert "Metro posters: ¥60.00 (Interval (95%): ¥20.00 and more)" in chart.get_attribute("aria-label")


def marketer_looks_who_that_is(page: Any, table: dict[str, Any]) -> None:
    """The customers behind each channel's number are as many as it says."""
    for row in table["rows"]:
        answer = page.request.get(f"/api/v1/reports/customers/?period=last_365_days&channel={row['slug']}").json()
        assert abs(answer["figures"]["credited"] - row["new_customers"]) <= 1e-12
    page.get_by_role("link", name="1.0", exact=True).first.click()
    expect(page.locator("#table-customers")).to_be_visible()
    assert len(page.locator("table").last.locator("tbody tr").all()) == 1
    page.go_back()


def marketer_saves_the_workbook(page: Any, folder: Path, table: dict[str, Any]) -> None:
    book = steps.save(page, page.get_by_role("button", name="Download Excel"), folder)

    assert openpyxl.load_workbook(book).sheetnames == ["About", "Channels", "Coupons", "Responses"]
    assert disagreements(saved_rows(book, "Channels"), table) == []
    assert disagreements(pandas_rows(book, "Channels"), table) == []
    recalculated = recalculated_rows(book, "Channels", folder)
    assert disagreements(recalculated, table) == []
    # The error bars: Douyin's 120 is 40 or more, the posters' 60 is 20 or more.
    for rows in (saved_rows(book, "Channels"), recalculated):
        assert [row["Channel code"] for row in rows if isinstance(row["Channel code"], float | int)] == [80, 40]
