"""A guest who reads English, at a desk, and changes their mind about the language half-way."""

import json
from typing import Any

import pytest

from tests.journey import steps
from tests.journey.conftest import DESK

pytestmark = pytest.mark.browser

NEWEST = """
SELECT answers, language, nps, (SELECT count(*) FROM customers_consent WHERE customer_id = response.customer_id)
FROM surveys_response AS response WHERE received_at IS NOT NULL ORDER BY received_at DESC LIMIT 1
"""


def switch_language(page: Any) -> None:
    with page.expect_navigation():
        page.locator("header button[name=language]").click()


def heading(page: Any) -> str:
    return str(page.get_by_role("heading", level=1).inner_text())


def test_switching_the_language_keeps_every_answer_sent_or_not(demo: Any, window: Any):
    stack, places = demo
    page = window(stack, **DESK)
    page.goto(f"/s/{places['token']}")
    assert heading(page) == "How did you first hear about us?"
    steps.choose(page, "Friends")
    steps.go_on(page)

    steps.choose(page, "Family")
    switch_language(page)
    assert heading(page) == "是谁告诉您的？"
    assert page.get_by_label("家人").is_checked()
    steps.go_on(page)
    assert heading(page) == "您有多大可能把我们推荐给朋友？"

    switch_language(page)
    page.get_by_role("radio", name="7", exact=True).check()
    steps.go_on(page)
    page.get_by_label("Phone number").fill("139 1234 5678")
    page.locator("#consent").check()
    switch_language(page)
    assert page.locator("#phone").input_value() == "139 1234 5678"
    assert page.locator("#consent").is_checked()
    with page.expect_navigation():
        page.locator("main button[name=finish][value=with]").click()

    assert page.locator(".coupon .qr svg").is_visible()
    ((answers, *rest),) = stack.ask(NEWEST)
    answers = json.loads(answers) if isinstance(answers, str) else answers
    assert answers == {"first_heard": "friends", "which_referral": "family", "nps": 7}
    assert rest == ["zh-hans", 7, 1]


def test_going_back_shows_what_was_answered_and_asks_what_follows_from_a_new_answer(demo: Any, window: Any):
    stack, places = demo
    page = window(stack, **DESK)
    page.goto(f"/s/{places['token']}")
    steps.choose(page, "Friends")
    steps.go_on(page)

    page.get_by_role("link", name="Back").click()
    assert page.locator("input[value=friends]").is_checked()
    steps.choose(page, "Metro posters")
    steps.go_on(page)

    assert heading(page) == "Where did you see it?"
    assert page.locator("#answer").input_value() == ""
