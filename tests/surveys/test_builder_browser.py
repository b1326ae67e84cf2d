"""The survey builder in a real browser: from an empty survey to a guest's answer, with the mouse left alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.conftest import watch
from tests.stack import Stack

pytestmark = pytest.mark.browser
SHOP = """
import json, uuid
from attribution.customers.models import Staff, Store
from attribution.evidence.models import Channel

for slug, name in (("douyin", "Douyin"), ("metro", "Metro")):
    Channel.objects.get_or_create(slug=slug, defaults={"name_zh_hans": name, "name_en": name, "kind": "other"})
store = Store.objects.create(code=uuid.uuid4().hex[:12], name_en="Xuhui", name_zh_hans="徐汇店")
name = uuid.uuid4().hex[:12]
staff = Staff(username=name, role="marketer")
staff.set_password("correct horse battery staple")
staff.save()
print(json.dumps([name, store.name]))
"""
ANSWERS = """
import json
from surveys.models import Response
row = Response.objects.get(version__survey__name_en={name!r}, received_at__isnull=False)
print(json.dumps([row.answers, row.choice.channel.slug]))
"""


@pytest.fixture
def page(browser: Any, live_stack: Stack) -> Iterator[Any]:
    """A marketer's desk, logged in; what the page does wrong fails the test."""
    name, _store = json.loads(live_stack.script(SHOP))
    context = browser.new_context(base_url=live_stack.url, viewport={"width": 1440, "height": 900}, locale="en-GB")
    problems = watch(context, live_stack.url)
    page = context.new_page()
    page.goto("/login/?next=/surveys/new/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill("correct horse battery staple")
    page.keyboard.press("Enter")
    page.wait_for_url("**/surveys/new/")
    yield page
    context.close()
    assert problems == []


def begin(page: Any, name: str) -> None:
    page.locator("#id_name_en").fill(name)
    page.locator("input[value=empty]").check()
    press(page, "main form button")
    expect(page.locator("#add-question")).to_be_visible()


def press(page: Any, button: str) -> None:
    page.locator(button).focus()
    page.keyboard.press("Enter")


def add(page: Any, kind: str, place: str) -> None:
    """Add a question and write its words, without leaving the keyboard: one can write at once."""
    page.locator("#add").select_option(kind)
    press(page, "#add-question")
    expect(page.locator("#question-title")).to_have_text(place)
    expect(page.locator("#f-label-zh-hans")).to_be_focused()


def test_a_survey_is_built_by_keyboard_published_and_answered(page: Any, live_stack: Stack, browser: Any) -> None:
    begin(page, "By keyboard")
    add(page, "channel", "Question 1 of 1")
    press(page, "#channels-add")
    expect(page.locator("[data-option=metro]")).to_be_visible()
    add(page, "stars", "Question 2 of 2")
    page.keyboard.type("满意吗？")
    page.keyboard.press("Tab")
    page.keyboard.type("How was it?")
    page.keyboard.press("Tab")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("How was it?")
    press(page, "#up")
    expect(page.locator("#question-title")).to_have_text("Question 1 of 2")
    expect(page.locator("#up")).to_be_focused()
    press(page, "#undo")
    expect(page.locator("#question-title")).to_have_text("Question 2 of 2")

    press(page, "#to-publish")
    press(page, "#publish")
    page.wait_for_url("**/placements/")
    address = place_somewhere(page)
    answer(browser.new_context(base_url=live_stack.url, locale="en-GB").new_page(), address)

    answers, channel = json.loads(live_stack.script(ANSWERS.format(name="By keyboard")))
    assert (sorted(map(str, answers.values())), channel) == (["4", "metro"], "metro")


def place_somewhere(page: Any) -> str:
    page.goto(page.url + "new/")
    page.locator("#id_store").select_option(index=1)
    page.locator("main form button").last.click()
    page.wait_for_url("**/placements/*/")
    return str(page.locator("[data-copy-text]").first.inner_text())


def answer(phone: Any, address: str) -> None:
    phone.goto("/s/" + address.rpartition("/s/")[2])
    phone.locator("input[value=metro]").check()
    phone.locator("button.primary").click()
    phone.get_by_role("radio", name="4", exact=True).check()
    phone.locator("button.primary").click()
    expect(phone.locator("h1")).to_have_text("Thank you!")


def test_two_windows_on_one_survey_are_told_of_each_other(page: Any) -> None:
    begin(page, "Two windows")
    add(page, "text", "Question 1 of 1")
    other = page.context.new_page()
    other.goto(page.url)
    page.locator("#f-label-en").fill("Mine")
    press(page, "#save")
    expect(page.locator("#outline")).to_contain_text("Mine")

    other.locator("#f-label-en").fill("Theirs")
    other.keyboard.press("Tab")

    expect(other.get_by_role("alert")).to_contain_text("This survey was changed elsewhere")
    expect(other.locator("#f-label-en")).to_have_value("Theirs")
    press(other, "#save-mine")
    expect(other.get_by_role("alert")).to_have_count(0)
    expect(other.locator("#outline")).to_contain_text("Theirs")


def test_a_question_is_dragged_to_another_place(page: Any) -> None:
    begin(page, "By mouse")
    add(page, "text", "Question 1 of 1")
    add(page, "number", "Question 2 of 2")

    page.drag_and_drop("[data-question]:nth-child(2)", "[data-question]:nth-child(1)")

    expect(page.locator("#question-title")).to_have_text("Question 1 of 2")
    expect(page.locator("#kind")).to_have_value("number")


def test_a_choice_is_dragged_by_its_handle_and_moved_by_key(page: Any) -> None:
    begin(page, "Choices by mouse")
    add(page, "choice", "Question 1 of 1")
    rows = page.locator("[data-option]")
    page.locator("#option-add").click()
    expect(rows).to_have_count(3)
    names = rows.evaluate_all("rows => rows.map((row) => row.dataset.option)")

    page.locator("[data-option]:nth-child(3) .handle").hover()
    page.mouse.down()
    page.mouse.move(*middle_of(rows.first), steps=5)
    page.mouse.up()
    expect(rows.first).to_have_attribute("data-option", names[2])
    press(page, f"#option-down-{names[2]}")
    expect(rows.nth(1)).to_have_attribute("data-option", names[2])


def middle_of(part: Any) -> tuple[float, float]:
    box = part.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
