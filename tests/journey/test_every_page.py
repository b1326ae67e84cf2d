"""Every page of the demo shop in Chromium: it asks nobody else, breaks no script or policy, and everybody can use it.

The requests and the console are watched by the fixture ``window``.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import resolve
from playwright.sync_api import expect

from tests.journey import steps
from tests.waiting import until

pytestmark = pytest.mark.browser

LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
DESK, PHONE, NARROW = ({"width": width, "height": 800} for width in (1280, 360, 320))
# What cannot be reached by links alone (a till's steps, a file handed in) is reached by what people do.
STAFF_ROUTES = {
    "password_change", "reports:channels", "reports:evidence", "reports:answers", "reports:funnel",
    "reports:customers", "reports:file",
    "till:till", "till:store", "till:done", "till:void",
    "coupons:list", "coupons:new", "coupons:detail", "coupons:edit", "coupons:import",
    "spend:list", "spend:new", "spend:edit", "spend:delete", "imports:list", "imports:detail",
    "links:list", "links:new", "links:edit", "mappings:list", "mappings:change", "surveys:list",
    "surveys:new", "surveys:edit", "surveys:publish", "surveys:copy", "surveys:rename",
    "surveys:placements", "surveys:placement", "surveys:placement_new", "surveys:placement_everywhere",
    "surveys:posters", "surveys:responses", "surveys:results", "surveys:verbatims", "surveys:import_answers",
    "surveys:words_list", "surveys:tablet", "surveys:reward", "surveys:logo", "surveys:one_answer", "surveys:bursts",
    "webhooks:list", "webhooks:new",
    "runs:list", "runs:detail",
}  # fmt: skip


# ── Looking at one page ─────────────────────────────────────────────────────────────────────────────────────────────


def look(page: Any, is_thorough: bool) -> list[str]:
    """Return what is wrong with the page as it stands: on a phone, and if thorough also on a desk in the dark."""
    here = urlsplit(page.url).path
    found = []
    for size, scheme in [(PHONE, "light"), (DESK, "dark")][: 2 if is_thorough else 1]:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # a colour half-way to another has no contrast
        found += violations(page)
    page.emulate_media(color_scheme="light")
    for size in (DESK, PHONE, NARROW):
        page.set_viewport_size(size)
        if not fits(page):
            found.append(f"scrolls sideways at {size['width']} px: {page.evaluate(WIDEST)}")
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} h1")
    return [f"{here}: {problem}" for problem in dict.fromkeys(found)]


# The outermost elements that are wider than the window, and in nothing that scrolls by itself.
WIDEST = """() => [...document.querySelectorAll("body *")].filter((one) => {
  for (let up = one.parentElement; up; up = up.parentElement) {
    if (getComputedStyle(up).overflowX !== "visible") return false;
  }
  return one.getBoundingClientRect().right > innerWidth + 1;
}).slice(0, 3).map((one) => one.outerHTML.slice(0, 120))"""


def fits(page: Any) -> bool:
    """Return whether the page is no wider than its window, as soon as a chart has been drawn anew."""
    try:
        until(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a narrow page", seconds=2)
    except AssertionError:
        return False
    return True


def violations(page: Any) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(answer => answer.violations)")
    return [f"{one['id']} ({node['html'][:160]})" for one in found for node in one["nodes"]]


# ── Staff ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_staff_pages_are_usable_by_everybody(demo: Any, window: Any, tmp_path: Path, language: str):
    stack, places = demo
    page = window(stack, locale=LANGUAGES[language])
    is_thorough = language == "en"
    page.goto("/login/")
    problems = look(page, is_thorough)
    steps.log_in(page, "manager")
    code = places["codes"].pop()

    acted, wrong = act_as_staff(page, places["store"], code, tmp_path, is_thorough)
    walked, more = walk(page, acted, is_thorough, ["/", "/password/", places["list"]])

    assert problems + wrong + more == []
    assert acted | walked >= STAFF_ROUTES


def act_as_staff(page: Any, store: str, code: str, folder: Path, is_thorough: bool) -> tuple[set[str], list[str]]:
    """Do what leads to the pages that no link leads to; return the routes seen and what is wrong with them."""
    problems = []
    page.goto(f"/till/{store}/")
    page.locator("#id_code").fill("NO-SUCH-CODE")
    page.keyboard.press("Enter")
    expect(page.locator(".result.bad")).to_be_visible()
    problems += look(page, is_thorough)
    page.locator("#id_code").fill(code)
    page.keyboard.press("Enter")
    page.locator("#id_amount").fill("40")
    problems += look(page, is_thorough)
    page.locator("#id_order_number").fill(code)
    page.keyboard.press("Enter")
    expect(page.locator(".result.good .sum")).to_be_visible()
    problems += look(page, is_thorough)
    page.locator(".result a").click()
    page.wait_for_url("**/void/")
    problems += look(page, is_thorough)
    problems += hand_in(page, folder, is_thorough)
    page.goto("/reports/channels/")
    with page.expect_download():
        page.locator(".page-head form button").click()
    problems += look(page, is_thorough)
    return {"till:done", "till:void", "till:store", "imports:detail", "reports:file"}, problems


def hand_in(page: Any, folder: Path, is_thorough: bool) -> list[str]:
    """Hand in a file with a bad row, and look at what the page says of it."""
    file = folder / "orders.csv"
    file.write_text("Order number,Store,Order time,Amount\nX-1,nowhere,2026-03-01 12:00,1\n")
    page.goto("/imports/")
    page.locator("select[name=kind]").select_option("orders")
    page.locator("input[name=file]").set_input_files(file)
    page.locator("main form button").first.click()
    expect(page.locator("#file .badge.warn")).to_be_visible(timeout=steps.PATIENCE)
    return look(page, is_thorough)


def walk(page: Any, seen: set[str], is_thorough: bool, starts: list[str]) -> tuple[set[str], list[str]]:
    """Look at one page of every route that links from the starts lead to; return the routes and what is wrong."""
    walked: set[str] = set()
    problems: list[str] = []
    waiting = [*starts]
    while waiting:
        address = waiting.pop(0)
        route = resolve(urlsplit(address).path).view_name
        if route in walked or (route in seen and route != "till:store"):
            continue
        walked.add(route)
        answer = page.goto(address)
        assert answer.status == 200, address
        if page.locator("body.kiosk").count():  # its script writes the page
            page.locator("body[data-screen]").wait_for(timeout=steps.PATIENCE)
        problems += look(page, is_thorough)
        waiting += links(page)
    return walked, problems


def links(page: Any) -> list[str]:
    """Return the addresses of pages of ours, for staff, that this page leads to."""
    given = page.eval_on_selector_all(
        "a[href]:not([download])", "found => found.map(a => new URL(a.href)).map(u => u.pathname + u.search)"
    )
    elsewhere = re.compile(r"^/(admin|s|go|c|api)/|\.(svg|png|csv|xlsx)$|/download/$")
    return [address for address in given if not elsewhere.search(urlsplit(address).path)]


# ── Guests ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_guest_pages_are_usable_by_everybody(demo: Any, window: Any, language: str):
    stack, places = demo
    problems = []
    for start in ("token", "kiosk"):
        problems += answer_and_look(window(stack, locale=LANGUAGES[language]), f"/s/{places[start]}")
    page = window(stack, locale=LANGUAGES[language])
    for address in ("/s/nowhere", f"/s/{places['closed']}", f"/go/{places['off']}", "/c/nowhere"):
        page.goto(address)
        problems += look(page, is_thorough=True)
    page.goto(f"/c/{places['claim']}")
    problems += look(page, is_thorough=True)
    with page.expect_navigation():
        page.locator("main button.primary").click()
    expect(page.locator(".qr svg")).to_be_visible()
    problems += look(page, is_thorough=True)

    assert problems == []


def answer_and_look(page: Any, address: str) -> list[str]:
    """Go through a survey, one wrong answer included, and look at every page of it."""
    page.goto(address)
    problems = look(page, is_thorough=True)
    steps.go_on(page)
    expect(page.locator("[role=alert]")).to_be_visible()
    problems += look(page, is_thorough=True)
    page.locator("input[value=metro]").check()
    steps.go_on(page)
    problems += look(page, is_thorough=True)
    steps.go_on(page)
    problems += look(page, is_thorough=True)
    page.get_by_role("radio", name="10", exact=True).check()
    steps.go_on(page)
    problems += look(page, is_thorough=True)
    steps.finish_without_phone(page)
    return problems + look(page, is_thorough=True)
