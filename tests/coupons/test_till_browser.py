"""The till in a real browser: scanner, double tap, a phone's narrow screen, a bad lamp."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from attribution.coupons.codes import display
from tests.stack import Stack

pytestmark = pytest.mark.browser

SHOP = """
from django.utils import timezone
from attribution.coupons import actions
from attribution.coupons.models import CouponBatch
from attribution.customers.models import Staff, Store
store, _ = Store.objects.get_or_create(code="till-test", defaults={"name_en": "Till test", "name_zh_hans": "收银"})
if not Staff.objects.filter(username="till-clerk").exists():
    Staff.objects.create_user("till-clerk", password="only-for-this-test", role="clerk", store=store)
batch = CouponBatch.objects.create(name_en="Browser coupon", face_value_minor=1500, is_claimable=True)
CouponBatch.objects.create(name_en="Outside", issuer="meituan", face_value_minor=500)
print(actions.issue_coupon(batch=batch, at=timezone.now()).code, batch.claim_token)
"""


@pytest.fixture
def shop(live_stack: Stack) -> list[str]:
    """Return the code of a fresh coupon, and the token under which more can be claimed."""
    return live_stack.script(SHOP).split()


def log_in(page: Any) -> Any:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/login/?next=/till/")
    page.get_by_label("Username").fill("till-clerk")
    page.get_by_label("Password").fill("only-for-this-test")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/till/till-test/")
    return page


@pytest.fixture
def till(page: Any, shop: list[str]) -> Iterator[Any]:
    yield log_in(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def redemptions(stack: Stack, code: str) -> str:
    lookup = f"Redemption.objects.filter(coupon__code={code!r}).count()"
    return stack.script(f"from attribution.coupons.models import Redemption\nprint({lookup})").strip()


def test_a_scanner_and_two_taps_make_one_redemption(till: Any, shop: list[str], live_stack: Stack) -> None:
    till.keyboard.type(f"{shop[0].lower()}\n")  # a wedge types and presses Enter
    till.get_by_role("heading", name="Valid").wait_for()
    till.keyboard.type("48.50")  # the amount has the focus
    till.get_by_label("Order number").fill("B-1")
    till.get_by_role("button", name="Redeem").dblclick()

    till.locator("#till").get_by_text("The guest pays ¥33.50").wait_for()
    assert redemptions(live_stack, shop[0]) == "1"
    assert till.url.endswith("/till/till-test/")  # a reload is a fresh till
    till.keyboard.type(f"{shop[0]}\n")  # the focus is back where the next scan belongs
    till.locator("#till").get_by_text(re.compile(r"Used at \d\d:\d\d in Till test\.")).wait_for()


def test_a_till_whose_form_is_too_old_begins_anew(browser: Any, shop: list[str], live_stack: Stack) -> None:
    """Somebody has logged in anew in another tab."""
    context = browser.new_context(base_url=live_stack.url, locale="en-GB")
    till = log_in(context.new_page())
    till.evaluate("document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach(one => one.value = 'x'.repeat(64))")
    with till.expect_navigation():
        till.keyboard.type(f"{shop[0]}\n")

    till.wait_for_load_state()
    till.keyboard.type(f"{shop[0]}\n")

    till.get_by_role("heading", name="Valid").wait_for()
    context.close()


def test_a_redemption_is_voided_with_a_reason(till: Any, shop: list[str]) -> None:
    till.keyboard.type(f"{shop[0]}\n")
    till.get_by_label("Bill before the coupon").fill("20")
    till.keyboard.press("Enter")
    till.get_by_role("link", name="Something wrong? Void it.").click()
    till.get_by_label("wrong coupon").check()
    till.get_by_role("button", name="Void").click()

    till.get_by_role("heading", name="Voided").wait_for()
    till.keyboard.type(f"{shop[0]}\n")
    till.get_by_role("heading", name="Valid").wait_for()


def test_a_lost_connection_loses_nothing(browser: Any, shop: list[str], live_stack: Stack) -> None:
    context = browser.new_context(base_url=live_stack.url, locale="en-GB")
    till = log_in(context.new_page())
    till.keyboard.type(f"{shop[0]}\n")
    till.get_by_label("Bill before the coupon").fill("77.70")
    context.set_offline(True)
    till.get_by_role("button", name="Redeem").click()
    till.get_by_text("No connection. Nothing was lost: press again.").wait_for()

    context.set_offline(False)
    till.get_by_role("button", name="Redeem").click()

    till.locator("#till").get_by_text("The guest pays ¥62.70").wait_for()
    context.close()


def test_the_till_works_without_javascript(browser: Any, shop: list[str], live_stack: Stack) -> None:
    context = browser.new_context(base_url=live_stack.url, locale="en-GB", java_script_enabled=False)
    till = log_in(context.new_page())

    till.get_by_label("Coupon code").fill(display(shop[0]))
    till.get_by_role("button", name="Check").first.click()
    till.get_by_label("Bill before the coupon").fill("20")
    till.get_by_role("button", name="Redeem").click()

    assert till.get_by_text("The guest pays ¥5.00").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_till_can_be_read_by_a_bad_lamp_and_by_a_screen_reader(till: Any, shop: list[str], scheme: str) -> None:
    till.emulate_media(color_scheme=scheme)
    for step in ("2222222222X\n", f"{shop[0]}\n", "1\n"):
        assert violations(till) == []
        till.keyboard.type(step)
        till.locator(".result").wait_for()
    assert violations(till) == []


def violations(page: Any) -> list[str]:
    """Return what axe finds, contrast held to 7:1."""
    page.wait_for_timeout(250)  # colours fade in
    found = Axe().run(page, options={"rules": {"color-contrast-enhanced": {"enabled": True}}}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


def test_a_guest_claims_one_coupon_on_a_phone(page: Any, shop: list[str]) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/c/{shop[1]}")
    page.get_by_role("button", name="Get my coupon").click()
    code = page.locator(".code").inner_text()

    page.goto(f"/c/{shop[1]}")

    assert page.locator(".code").inner_text() == code
    assert page.locator(".qr svg").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
