"""What people do in the browser, one function a step; what they must see then is asserted in the tests."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.journey.shop import PASSWORD

PATIENCE = 30_000  # milliseconds, for what the worker has to do first


# ── Guests ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def choose(page: Any, answer: str) -> None:
    page.locator("main label").filter(has_text=re.compile(f"^\\s*{re.escape(answer)}\\s*$")).click()


def go_on(page: Any) -> None:
    with page.expect_navigation():
        page.locator("main button.primary").click()


def answer_to_the_end(page: Any, heard: str, clarified: str, score: int) -> str:
    """Answer the first-visit survey from its first question, leave no phone, and return the coupon's code."""
    choose(page, heard)
    go_on(page)
    page.locator("#answer").fill(clarified)
    go_on(page)
    page.get_by_role("radio", name=str(score), exact=True).check()
    go_on(page)
    return finish_without_phone(page)


def finish_without_phone(page: Any) -> str:
    with page.expect_navigation():
        page.locator("button[name=finish][value=without]").click()
    return str(page.locator(".coupon .code").inner_text()).strip()


# ── Staff ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def log_in(page: Any, name: str, password: str = PASSWORD) -> None:
    page.goto("/login/")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(password)
    with page.expect_navigation():
        page.locator("main form button").click()


def redeem(page: Any, code: str, amount: str, order_number: str) -> None:
    """Scan, look, type the bill, redeem: as a scanner and a thumb do it."""
    page.get_by_label("Coupon code").fill(code)
    page.keyboard.press("Enter")
    page.get_by_label("Bill before the coupon").fill(amount)
    page.get_by_label("Order number").fill(order_number)
    page.get_by_role("button", name="Redeem").click()


def import_file(page: Any, kind: str, path: Path) -> dict[str, int]:
    """Hand a file in, watch it to its end, and return what the page counts."""
    page.goto("/imports/")
    page.locator("select[name=kind]").select_option(kind)
    page.locator("input[name=file]").set_input_files(path)
    with page.expect_navigation():
        page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#file .badge")).to_contain_text("done", timeout=PATIENCE)
    figures = page.locator("#file dl.figures .figure").all()
    return {one.locator("dt").inner_text(): int(one.locator("dd").inner_text().split()[0]) for one in figures}


def save(page: Any, link: Any, folder: Path) -> Path:
    """Click what downloads a file; return where it was saved, under the name that it came with."""
    with page.expect_download(timeout=PATIENCE) as arrival:
        link.click()
    target = folder / arrival.value.suggested_filename
    arrival.value.save_as(target)
    return target


# ── The channel report ──────────────────────────────────────────────────────────────────────────────────────────────


def shown_table(page: Any, caption: str = "Channels") -> dict[str, dict[str, str]]:
    """Return a table as it is read: row's name → column's heading → first line of the cell."""
    table = page.locator("table").filter(has=page.locator("caption", has_text=caption)).first
    headings = [heading.split("\n")[0] for heading in table.locator("thead th").all_inner_texts()]
    rows = {}
    for row in table.locator("tbody tr, tfoot tr").all():
        cells = [cell.split("\n")[0].strip() for cell in row.locator("th, td").all_inner_texts()]
        rows[cells[0]] = dict(zip(headings, cells, strict=True))
    return rows


def drawn_table(page: Any) -> dict[str, Any]:
    """Return the table that the page's chart is drawn from."""
    return dict(json.loads(page.locator("#chart-data").text_content())["table"])
