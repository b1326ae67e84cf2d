"""Browser windows for the journeys: a guest's phone, a desk; what no page may do fails the test that opened it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import watch
from tests.journey.shop import Shop, open_shop
from tests.stack import Stack

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def shop(own_stack: Stack) -> Shop:
    return open_shop(own_stack)


@pytest.fixture
def window(browser: Any) -> Iterator[Callable[..., Any]]:
    """``window(stack, **options)`` opens a page of a browser of its own: other cookies than any other window."""
    opened = []

    def open_window(stack: Stack, **options: Any) -> Any:
        context = browser.new_context(
            base_url=stack.url, timezone_id="Asia/Shanghai", accept_downloads=True, **({"locale": "en-GB"} | options)
        )
        context.set_default_timeout(15_000)
        opened.append((context, watch(context, stack.url)))
        return context.new_page()

    yield open_window
    for context, _ in opened:
        context.close()
    assert [problem for _, problems in opened for problem in problems] == []
