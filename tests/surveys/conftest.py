"""A survey of two channels in one store, and a guest."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from surveys.definition import Text

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHOLE = {"first_heard": "douyin", "which_short_video": "阿明", "nps": 9}


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Holds one entry for every time that the bell has rung."""
    from attribution import facts

    rings: list[None] = []
    monkeypatch.setattr(facts, "CHANGED", [lambda: rings.append(None)])
    return rings


@pytest.fixture
def definition() -> Any:
    from surveys.firstvisit import ChannelChoice, first_visit

    return first_visit(
        [
            ChannelChoice("douyin", Text("抖音", "Douyin"), "short_video"),
            ChannelChoice("metro", Text("地铁海报", "Metro posters"), "out_of_home"),
            ChannelChoice("friends", Text("朋友", "Friends"), "referral"),
        ]
    )


@pytest.fixture
def survey(channels: Any, definition: Any) -> Any:
    from surveys.actions import publish_version
    from surveys.models import Survey

    survey = Survey.objects.create(name_zh_hans="首次到店", name_en="First visit")
    publish_version(survey=survey, definition=definition)
    return survey


@pytest.fixture
def placement(survey: Any, store: Any) -> Any:
    from surveys.models import Placement

    return Placement.objects.create(survey=survey, store=store, spot="counter")


@pytest.fixture
def kiosk(survey: Any, store: Any) -> Any:
    from surveys.models import Placement

    return Placement.objects.create(survey=survey, store=store, mode="kiosk")


@pytest.fixture
def reward(survey: Any) -> Any:
    """Thank-you coupons of 5.00, three in stock."""
    from attribution.coupons.models import CouponBatch

    batch = CouponBatch.objects.create(name_en="Thank you", face_value_minor=500, stock=3, days_valid=30)
    survey.reward_batch = batch
    survey.save()
    return batch


@pytest.fixture
def answered(survey: Any) -> Callable[..., Any]:
    """Return what one guest sends from a device of their own: ``answered()``, or with other values."""
    from surveys.actions import Answered

    def build(**values: Any) -> Any:
        version = survey.latest_version()
        version.survey = survey
        usual = {
            "uuid": uuid.uuid4(), "version": version, "answers": WHOLE, "language": "en", "shown_at": NOON,
            "shown_order": {}, "submitted_at": NOON, "device": f"device-{uuid.uuid4()}"[:40],
        }  # fmt: skip
        return Answered(**(usual | values))

    return build


@pytest.fixture
def guest() -> Client:
    """A guest's phone that reads English."""
    return Client(headers={"accept-language": "en"})


class Pages:
    """Goes through a placement's pages as a browser without scripts does: fill in the form that is shown, send it."""

    def __init__(self, client: Client, placement: Any) -> None:
        self.client, self.path = client, f"/s/{placement.token}"
        self.page: Any = None

    def open(self, query: str = "") -> Any:
        self.page = self.client.get(self.path + query)
        return self.page

    def send(self, **fields: str) -> Any:
        """Send the shown form with these fields; follow the redirect as the browser does."""
        step, ticket = self.page.context["step"], self.page.context["ticket"]
        fields = {"ticket": ticket, "question": step.question.key} | fields
        self.page = self.client.post(self.path, fields, follow=True)
        return self.page

    @property
    def question(self) -> str | None:
        step = self.page.context.get("step")
        return step.question.key if step else None

    def answer_all(self) -> Any:
        self.open()
        self.send(answer="douyin")
        self.send(answer="阿明")
        self.send(answer="9")
        return self.send(finish="without")


@pytest.fixture
def pages(guest: Client, placement: Any) -> Pages:
    return Pages(guest, placement)


@pytest.fixture
def pages_at(guest: Client) -> Callable[..., Pages]:
    """Return the pages of another placement or another guest's phone."""
    return lambda placement, client=guest: Pages(client, placement)
