"""The tablet in a real browser: without a connection, with the server killed, reloaded; and what a guest leaves."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.conftest import watch
from tests.stack import Stack

pytestmark = pytest.mark.browser
EVERY_KIND = Path(__file__).parent / "every_kind.json"
SHOP = """
import json, uuid
from pathlib import Path
from attribution.coupons.models import CouponBatch
from attribution.customers.models import Store
from surveys.actions import publish_version
from surveys.actions.kiosk import save_kiosk
from surveys.definition import parse
from surveys.models import Placement, Survey
from surveys.models.kiosk import Kiosk

store = Store.objects.create(code=uuid.uuid4().hex[:12], name_en="Xuhui", name_zh_hans="徐汇店")
batch = CouponBatch.objects.create(name_en="Thanks", face_value_minor=500, days_valid=30)
every = json.loads(Path("EVERY_KIND").read_text())
few = {"questions": [one for one in every["questions"] if one["key"] in {"heard", "nps"}]}
found = {}
kinds = [("every", every, None, "submit"), ("few", few, batch, "submit"), ("discards", few, None, "discard")]
for name, definition, reward, partial in kinds:
    survey = Survey.objects.create(name_en=name, reward_batch=reward)
    publish_version(survey=survey, definition=parse(definition))
    place = Placement.objects.create(survey=survey, store=store, mode="kiosk")
    save_kiosk(kiosk=Kiosk(placement=place, partial=partial), pin="2468")
    found[name] = place.token
print(json.dumps(found))
""".replace("EVERY_KIND", str(EVERY_KIND))
SENT = """
import json
from surveys.models import Response
rows = Response.objects.filter(placement__token={token!r}).order_by("submitted_at", "started_at")
print(json.dumps([[row.answers, row.language, row.is_submitted] for row in rows]))
"""
STORED = """async () => {
  const names = (await indexedDB.databases()).map((base) => base.name);
  const rows = await Promise.all(names.map((name) => new Promise((done) => {
    const asked = indexedDB.open(name);
    asked.onsuccess = () => {
      const all = asked.result.transaction("answers").objectStore("answers").getAll();
      all.onsuccess = () => { asked.result.close(); done(all.result); };
    };
  })));
  return JSON.stringify([rows.flat(), { ...localStorage }, { ...sessionStorage }, document.cookie, history.state]);
}"""


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A PIN is hashed slowly, and the machine may be busy."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)  # Playwright's own


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Any:
    """A test that kills the site asks for ``own_stack``."""
    return request.getfixturevalue("own_stack" if "own_stack" in request.fixturenames else "live_stack")


@pytest.fixture
def shop(stack: Stack) -> Any:
    return stack.json(SHOP)


@pytest.fixture
def tablet(browser: Any, stack: Stack) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a tablet and gives it the staff's PIN; what it does wrong fails the test."""
    opened: list[tuple[Any, list[str]]] = []

    def build(token: str, **options: Any) -> Any:
        usual = {"viewport": {"width": 1024, "height": 768}, "locale": "zh-CN", "has_touch": True}
        context = browser.new_context(base_url=stack.url, **(usual | options))
        opened.append((context, watch(context, stack.url)))
        page = context.new_page()
        page.clock.install()
        page.goto(f"/k/{token}")
        page.fill("#pin", "2468")
        page.keyboard.press("Enter")
        expect(page.locator("#next")).to_be_visible()
        return page

    yield build
    for context, _ in opened:
        context.close()
    assert [problem for _, problems in opened for problem in problems] == []


def sent(stack: Stack, token: str) -> list[Any]:
    return json.loads(stack.script(SENT.format(token=token)))


def answer(page: Any, heard: str, score: int) -> None:
    """Answer the few questions, up to the thank-you."""
    page.check(f"#option-{heard}")
    page.click("#next")
    page.check(f"#score-{score}", force=True)
    page.click("#next")
    expect(page.locator("#next-guest")).to_be_visible()


def ensure_good(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def wait_until_sent(page: Any) -> None:
    """Turn the clock until nothing waits: the tablet comes back ever later, and then waits for the server's answer."""
    for _ in range(20):
        with suppress(AssertionError):
            expect(page.locator("#state")).to_have_text("", timeout=4_000)
            return
        page.clock.run_for(15_000)
    raise AssertionError(page.inner_text("#state"))


def wait_for_worker(page: Any) -> None:
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def test_a_network_cut_a_reload_and_a_killed_server_lose_and_double_nothing(
    tablet: Callable[..., Any], own_stack: Stack, shop: dict[str, str]
) -> None:
    page = tablet(shop["few"])
    wait_for_worker(page)
    answer(page, "dont_remember", 1)
    expect(page.locator(".coupon .qr img")).to_be_visible()
    page.click("#next-guest")

    page.context.set_offline(True)
    answer(page, "friends", 2)
    expect(page.locator("#state")).to_contain_text("1")
    page.reload()  # without a connection
    answer(page, "other", 3)
    page.click("#next-guest")
    page.context.set_offline(False)
    wait_until_sent(page)

    own_stack.kill("web")
    answer(page, "dont_remember", 4)
    expect(page.locator("#state")).to_contain_text("1")
    page.click("#next-guest")
    answer(page, "friends", 5)
    own_stack.start("web")
    own_stack.wait_until_it_answers()
    wait_until_sent(page)

    rows = sent(own_stack, shop["few"])
    assert [row[0]["nps"] for row in rows] == [1, 2, 3, 4, 5]
    assert all(row[2] for row in rows)
    assert json.loads(page.evaluate(STORED))[0] == []


def test_nothing_of_a_guest_is_left_after_the_idle_reset_nor_by_the_back_button(
    tablet: Callable[..., Any], stack: Stack, shop: dict[str, str]
) -> None:
    page = tablet(shop["discards"])
    page.click("#language")
    page.check("#option-other")
    page.fill(".more", "a secret")
    page.click("#next")
    page.clock.run_for(11_000)
    expect(page.locator("#left")).to_have_text(re.compile(r"This page starts anew in 1\d seconds\."))
    ensure_good(page)
    page.click("#here")
    page.clock.run_for(4_000)
    assert page.is_hidden("#warning")
    page.clock.run_for(27_000)

    expect(page.locator("h1")).to_have_text("您第一次是从哪里知道我们的？")
    page.go_back()
    page.go_back()
    expect(page.locator("h1")).to_have_text("您第一次是从哪里知道我们的？")
    assert page.locator(":checked").count() == 0
    assert "a secret" not in page.content()
    assert page.evaluate("[...document.querySelectorAll('input')].every((one) => !one.value.includes('secret'))")
    assert "secret" not in page.evaluate(STORED)
    assert sent(stack, shop["discards"]) == []


def test_what_a_guest_answered_before_walking_away_is_kept_where_the_place_says_so(
    tablet: Callable[..., Any], stack: Stack, shop: dict[str, str]
) -> None:
    page = tablet(shop["few"])
    page.check("#option-friends")
    page.click("#next")
    page.clock.run_for(32_000)
    expect(page.locator("#option-friends")).not_to_be_checked()
    wait_until_sent(page)

    assert sent(stack, shop["few"]) == [[{"heard": "friends"}, "zh-hans", True]]


def test_every_kind_is_answered_and_looks_good(tablet: Callable[..., Any], stack: Stack, shop: dict[str, str]) -> None:
    page = tablet(shop["every"], viewport={"width": 768, "height": 1024})
    page.click("#language")
    steps = [
        lambda: None,
        lambda: page.check("#option-douyin"),
        lambda: page.fill("#answer", "阿明 🎬"),
        lambda: [page.check("#option-tea"), page.check("#option-other"), page.fill(".more", "مرحبا")],
        lambda: page.check("#score-2", force=True),
        lambda: page.check("#score-7", force=True),
        lambda: page.check("#score-6", force=True),
        lambda: page.fill("#answer", "slow\nand cold"),
        lambda: page.fill("#answer", "１２"),
        lambda: page.fill("#answer", "1990-02-03"),
        lambda: page.fill("#answer", "more tea"),
    ]
    for step in steps:
        ensure_good(page)
        step()
        page.click("#next")
    page.fill("#email", "nowhere")
    page.click("#with")
    expect(page.locator("#error")).to_be_visible()
    ensure_good(page)
    page.fill("#email", "ann@example.cn")
    page.click("#with")
    expect(page.locator("#next-guest")).to_be_visible()
    ensure_good(page)
    wait_until_sent(page)

    said = {
        "heard": "douyin", "heard-douyin": "阿明 🎬", "ate": ["tea", "other"], "ate.text": "مرحبا", "taste": 2,
        "wait": 7, "nps": 6, "why": "slow\nand cold", "people": 12, "birthday": "1990-02-03", "wish": "more tea",
    }  # fmt: skip
    assert sent(stack, shop["every"]) == [[said, "en", True]]


def test_staff_save_what_waits_as_a_file_without_a_connection_and_the_shop_imports_it(
    tablet: Callable[..., Any], stack: Stack, shop: dict[str, str], tmp_path: Path
) -> None:
    page = tablet(shop["few"])
    wait_for_worker(page)
    page.context.set_offline(True)
    answer(page, "friends", 7)
    page.click("#staff")
    page.fill("#pin", "1111")
    page.keyboard.press("Enter")
    expect(page.locator("#error")).to_be_visible()
    ensure_good(page)
    page.fill("#pin", "2468")
    page.keyboard.press("Enter")
    expect(page.locator("#save")).to_be_visible()
    ensure_good(page)
    with page.expect_download() as saved:
        page.click("#save")
    file = tmp_path / "answers.json"
    saved.value.save_as(file)

    take = """
from surveys.actions.kiosk import hand_in_answers, take_waiting_answers
hand_in_answers(file=open(FILE, "rb"), name="answers.json", staff=None)
take_waiting_answers()
"""
    stack.script(take.replace("FILE", repr(str(file))))
    page.context.set_offline(False)
    page.click("#return")
    wait_until_sent(page)
    assert [row[0]["nps"] for row in sent(stack, shop["few"])] == [7]
