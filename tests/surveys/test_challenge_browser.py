"""The challenge in a real browser: worked through by itself, with what was typed; readable by everybody without it."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from surveys.models import Placement, Response
from surveys.suspicion import suspect
from tests.conftest import watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NETWORK = "0123456789abcdef"


def go_to_the_last_step(page: Any, address: str) -> None:
    page.goto(address)
    page.check("#option-dont_remember")
    page.click(".primary")
    page.click(".primary")
    page.fill("#phone", "13800138000")
    page.check("#consent")


def test_a_suspected_guest_goes_on_by_itself_and_reads_why(
    browser: Any, live_server: Any, placement: Placement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("surveys.views.guest.network_of", lambda *_: NETWORK)
    suspect(placement.pk, NETWORK)
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="en-GB", color_scheme="dark")
    problems = watch(context, live_server.url)
    page = context.new_page()
    go_to_the_last_step(page, f"{live_server.url}/s/{placement.token}")

    page.route("**/challenge.js", lambda route: route.abort())  # as where scripts are off
    page.click("[value=with].equal")
    page.wait_for_selector("#pause")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [violation["id"] for violation in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (page.input_value("#phone"), page.is_checked("#consent")) == ("13800138000", True)

    page.unroute("**/challenge.js")
    page.click("[value=with].equal")
    page.wait_for_selector("text=Your answers have arrived", timeout=8_000)  # before the waiting would be over
    assert problems == []
    context.close()
    assert Response.objects.counted().get().customer.identities.filter(kind="phone").exists()
