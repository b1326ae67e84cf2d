"""The guest's page in a real browser, on a phone's small screen."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.conftest import watch
from tests.stack import Stack

pytestmark = pytest.mark.browser
MOST_BYTES = 40_000
WECHAT = (
    "Mozilla/5.0 (Linux; Android 12; PGT-AN00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/86.0.4240.99 "
    "Mobile Safari/537.36 XWEB/4317 MMWEBSDK/20220903 MicroMessenger/8.0.28 WeChat/arm64 Weixin NetType/WIFI"
)
EVERY_KIND = Path(__file__).parent / "every_kind.json"
SHOP = """
import json, uuid
from pathlib import Path
from attribution.coupons.models import CouponBatch
from attribution.customers.models import Store
from attribution.evidence.models import Channel
from surveys.actions import publish_version
from surveys.definition import Text, parse
from surveys.firstvisit import ChannelChoice, first_visit
from surveys.models import Placement, Survey

def offered(slug, zh, en, kind):
    Channel.objects.get_or_create(slug=slug, defaults={"name_zh_hans": zh, "name_en": en, "kind": kind})
    return ChannelChoice(slug, Text(zh, en), kind)

store = Store.objects.create(code=uuid.uuid4().hex[:12], name_en="Xuhui", name_zh_hans="徐汇店")
batch = CouponBatch.objects.create(name_en="Thanks", face_value_minor=500, minimum_spend_minor=2000, days_valid=30)
channels = [offered("douyin", "抖音", "Douyin", "short_video"), offered("metro", "地铁海报", "Metro", "out_of_home"),
            offered("meituan", "美团", "Meituan", "platform"), offered("friends", "朋友", "Friends", "referral")]
pairs = []
for _ in range(12):
    survey = Survey.objects.create(name_en="First visit", reward_batch=batch)
    publish_version(survey=survey, definition=first_visit(channels))
    pairs.append([Placement.objects.create(survey=survey, store=store, mode=mode).token
                  for mode in ("own_phone", "kiosk")])
every = Survey.objects.create(name_en="Every kind")
publish_version(survey=every, definition=parse(json.loads(Path("EVERY_KIND").read_text())))
for _ in range(3):
    pairs.insert(0, [Placement.objects.create(survey=every, store=store).token])
print(json.dumps(pairs))
""".replace("EVERY_KIND", str(EVERY_KIND))
SENT = """
import json
from surveys.models import Response
rows = Response.objects.filter(placement__token={token!r}).order_by("started_at")
print(json.dumps([[row.answers, row.language, row.is_submitted] for row in rows]))
"""


@pytest.fixture(scope="module")
def surveys(live_stack: Stack) -> list[list[str]]:
    """One for each test, made at one stroke: a start of Django costs seconds."""
    return json.loads(live_stack.script(SHOP))


@pytest.fixture
def tokens(surveys: list[list[str]]) -> list[str]:
    """A survey's placement for guests' own phones, and its tablet's."""
    return surveys.pop()


@pytest.fixture
def open_phone(browser: Any, live_stack: Stack) -> Iterator[Any]:
    """Return a function that opens a window as small as a small phone; what it does wrong fails the test."""
    opened: list[tuple[Any, list[str]]] = []

    def build(**options: Any) -> Any:
        usual = {"viewport": {"width": 360, "height": 640}, "locale": "en-GB", "has_touch": True}
        context = browser.new_context(base_url=live_stack.url, **(usual | options))
        opened.append((context, watch(context, live_stack.url)))
        return context.new_page()

    yield build
    for context, _ in opened:
        context.close()
    assert [problem for _, problems in opened for problem in problems] == []


def sent(stack: Stack, token: str) -> list[Any]:
    return json.loads(stack.script(SENT.format(token=token)))


def press_on(page: Any) -> None:
    with page.expect_navigation():
        page.click(".primary")


def ensure_good(page: Any) -> None:
    """Nothing sticks out, nothing is too small for a thumb, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    small = page.evaluate(
        """[...document.querySelectorAll(
             "button:not(.unseen), .option, .score, .line, input[type=tel], input[type=email], textarea, .tick")]
           .filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.outerHTML)"""
    )
    assert small == []
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    ("locale", "colours", "heading", "language"),
    [
        ("zh-CN", "light", "您第一次是从哪里知道我们的？", "zh-hans"),
        ("en-GB", "dark", "How did you first hear about us?", "en"),
    ],
)
def test_a_guest_answers_on_a_phone(
    open_phone: Any, live_stack: Stack, tokens: list[str], locale: str, colours: str, heading: str, language: str
) -> None:
    page = open_phone(locale=locale, color_scheme=colours)
    page.goto(f"/s/{tokens[0]}")
    assert page.inner_text("h1") == heading
    ensure_good(page)
    press_on(page)  # nothing chosen
    ensure_good(page)
    assert page.evaluate("document.activeElement.type") == "radio"
    page.check("#option-meituan")
    press_on(page)
    page.check("#option-other")
    page.keyboard.type("مرحبا 🎈")
    ensure_good(page)
    press_on(page)
    page.check("#score-9")
    ensure_good(page)
    press_on(page)
    page.fill("#phone", "12")
    page.click("[value=with].equal")
    ensure_good(page)
    assert page.evaluate("document.activeElement.id") == "phone"
    page.click("[value=without].equal")
    page.wait_for_selector(".qr svg")
    ensure_good(page)

    answers = {"first_heard": "meituan", "which_platform": "other", "which_platform.text": "مرحبا 🎈", "nps": 9}
    assert sent(live_stack, tokens[0]) == [[answers, language, True]]


def test_the_two_last_buttons_are_equals(open_phone: Any, tokens: list[str]) -> None:
    page = open_phone(viewport={"width": 390, "height": 800})
    page.goto(f"/s/{tokens[0]}")
    page.check("#option-dont_remember")
    press_on(page)
    press_on(page)

    looks = [
        page.eval_on_selector(
            f"[value={value}].equal",
            "e => [e.offsetWidth, e.offsetHeight, ...['color', 'backgroundColor', 'fontWeight', 'borderColor'].map("
            "(name) => getComputedStyle(e)[name])]",
        )
        for value in ("with", "without")
    ]
    assert looks[0] == looks[1]
    assert not page.is_checked("#consent")


def test_it_works_without_scripts_and_in_wechat(open_phone: Any, live_stack: Stack, tokens: list[str]) -> None:
    page = open_phone(java_script_enabled=False, user_agent=WECHAT, locale="zh-CN")
    page.goto(f"/s/{tokens[0]}")
    page.check("#option-friends")
    press_on(page)
    page.check("#option-family")
    press_on(page)
    page.check("#score-0")
    press_on(page)
    page.fill("#phone", "13800138000")
    page.click("[value=with].equal")
    page.wait_for_selector(".coupon")

    answers = {"first_heard": "friends", "which_referral": "family", "nps": 0}
    assert sent(live_stack, tokens[0]) == [[answers, "zh-hans", True]]


def test_back_shows_what_was_chosen_and_enter_goes_on(open_phone: Any, live_stack: Stack, tokens: list[str]) -> None:
    page = open_phone()
    page.goto(f"/s/{tokens[0]}")
    page.check("#option-other")
    with page.expect_navigation():
        page.keyboard.type("a leaflet\n")
    assert page.url.endswith("?at=nps")
    page.go_back()
    assert page.is_checked("#option-other")
    assert page.input_value(".more") == "a leaflet"
    page.check("#option-douyin")
    press_on(page)
    assert page.url.endswith("?at=which_short_video")

    assert sent(live_stack, tokens[0]) == [[{"first_heard": "douyin"}, "en", False]]


def test_the_other_language_keeps_what_is_typed(open_phone: Any, tokens: list[str]) -> None:
    page = open_phone()
    page.goto(f"/s/{tokens[0]}")
    page.check("#option-other")
    page.keyboard.type("una amiga")
    with page.expect_navigation():
        page.click("text=中文")

    assert page.inner_text("h1") == "您第一次是从哪里知道我们的？"
    assert page.is_checked("#option-other")
    assert page.input_value(".more") == "una amiga"


def test_a_double_tap_on_the_last_button_is_one_response(open_phone: Any, live_stack: Stack, tokens: list[str]) -> None:
    page = open_phone()
    page.goto(f"/s/{tokens[1]}")
    page.check("#option-dont_remember")
    press_on(page)
    press_on(page)
    page.dblclick("[value=without].equal")
    page.wait_for_selector(".coupon")

    assert len(sent(live_stack, tokens[1])) == 1
    page.click("[name=next_guest]")
    page.wait_for_selector("#option-douyin")


@pytest.fixture
def all_kinds(surveys: list[list[str]]) -> str:
    """The token of a placement whose survey has a question of every kind."""
    return surveys.pop(0)[0]


def fill_in_every_kind(page: Any) -> None:
    """Answer the questions of every_kind.json, and look at each page before and after."""
    steps = [
        lambda: None,
        lambda: page.check("#option-douyin"),
        lambda: page.fill("#answer", "阿明 🎬"),
        lambda: [page.check("#option-tea"), page.check("#option-other"), page.fill(".more", "مرحبا")],
        lambda: page.check("#score-2"),
        lambda: page.check("#score-7"),
        lambda: page.check("#score-6"),
        lambda: page.fill("#answer", "slow\nand cold"),
        lambda: page.fill("#answer", "12"),
        lambda: page.fill("#answer", "1990-02-03"),
        lambda: page.fill("#answer", "more tea"),
    ]
    for answer in steps:
        ensure_good(page)
        answer()
        ensure_good(page)
        press_on(page)
    page.fill("#email", "ann@example.cn")
    ensure_good(page)
    page.click("[value=with].equal")
    page.wait_for_selector("text=/Your answers have arrived|您的回答已收到/")


ALL_SAID = {
    "heard": "douyin", "heard-douyin": "阿明 🎬", "ate": ["tea", "other"], "ate.text": "مرحبا", "taste": 2, "wait": 7,
    "nps": 6, "why": "slow\nand cold", "people": 12, "birthday": "1990-02-03", "wish": "more tea",
}  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
        {"viewport": {"width": 180, "height": 320}, "locale": "zh-CN", "user_agent": WECHAT},  # 360 wide at 200 %
    ],
)
def test_every_kind_is_answered(open_phone: Any, live_stack: Stack, all_kinds: str, options: Any) -> None:
    page = open_phone(**options)
    page.goto(f"/s/{all_kinds}")
    fill_in_every_kind(page)

    assert sent(live_stack, all_kinds) == [[ALL_SAID, "zh-hans" if "locale" in options else "en", True]]


def test_what_stands_alone_puts_the_others_out(open_phone: Any, all_kinds: str) -> None:
    page = open_phone()
    page.goto(f"/s/{all_kinds}")
    press_on(page)
    page.check("#option-dont_remember")
    press_on(page)

    page.check("#option-tea")
    page.check("#option-cake")
    page.check("#option-nothing")
    assert page.eval_on_selector_all(":checked", "all => all.map((one) => one.value)") == ["nothing"]
    page.check("#option-other")
    assert page.evaluate("document.activeElement.name") == "text-other"
    assert page.eval_on_selector_all(":checked", "all => all.map((one) => one.value)") == ["other"]


def test_every_page_weighs_little(open_phone: Any, tokens: list[str]) -> None:
    page = open_phone()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    weights: list[float] = []
    wire.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))

    def weigh() -> float:
        page.wait_for_load_state("networkidle")
        total = sum(weights)
        weights.clear()
        return total

    page.goto(f"/s/{tokens[0]}")
    cold = weigh()
    page.check("#option-dont_remember")
    press_on(page)
    press_on(page)
    page.click("[value=without].equal")
    page.wait_for_selector(".coupon")
    rest = weigh()

    assert 0 < cold + rest <= MOST_BYTES, f"first page {cold:.0f} bytes, the rest {rest:.0f}"
