"""Shops and browser windows for the journeys; what no page may do fails the test that opened it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import watch
from tests.journey.shop import PASSWORD, Shop, open_shop
from tests.stack import Stack
from tests.waiting import until

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}}


GROW = f"""
import json
from django.utils import timezone
from attribution.coupons.actions import issue_coupon
from attribution.coupons.models import CouponBatch
from attribution.customers.models import Staff
from attribution.evidence.models import TrackedLink
from surveys.models import Placement

manager = Staff.objects.get(username="manager")
manager.set_password({PASSWORD!r})
manager.save()
first = Placement.objects.order_by("pk").first()
kiosk = Placement.objects.create(survey=first.survey, store=first.store, spot="收银台", mode="kiosk")
closed = Placement.objects.create(survey=first.survey, store=first.store, spot="旧海报", expires_at=timezone.now())
batch = CouponBatch.objects.filter(is_claimable=True).first()
off = TrackedLink.objects.create(channel=batch.channel, name_en="Old", destination="/", is_active=False)
print(json.dumps({{
    "store": first.store.code, "token": first.token, "kiosk": kiosk.token, "closed": closed.token,
    "claim": batch.claim_token, "off": off.code,
    "list": f"/coupons/{{CouponBatch.objects.exclude(issuer='own').earliest('pk').pk}}/codes/import/",
    "codes": [issue_coupon(batch=batch, at=timezone.now()).code for _ in range(2)]}}))
"""


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


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, dict[str, Any]]]:
    """The demo shop, small, judged once; and where its guests go."""
    with Stack(tmp_path_factory.mktemp("demo") / "stack", LOOK_EVERY_SECONDS="5") as stack:
        stack.manage("load_demo", "--customers", "120", "--seed", "7")
        places = stack.json(GROW)
        done = "SELECT count(*) FROM runs_run WHERE state = 'done' AND customers > 0"
        until(lambda: stack.ask(done)[0][0], "a first run")
        yield stack, places
