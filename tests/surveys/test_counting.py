"""What is counted of a page that is shown: where, when, in which language, on what device, and how far it went."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from surveys.actions import count_impression
from surveys.counting import Seen, device_kind
from surveys.definition import Definition
from surveys.facts import DRAFTS, PLACEMENT_HOURS
from surveys.models import Placement, PlacementHour, Response
from surveys.walk import walked

WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.49"
)
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
GALAXY_TAB = "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
COUNTS = ("language", "device", "in_wechat", "impressions", "starts", "finishes")


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (WECHAT, "phone"), (ANDROID, "phone"), (GALAXY_TAB, "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Mobile/15E148", "tablet"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0", "desktop"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "desktop"), ("curl/8.5", "unknown"), ("", "unknown"),
    ],
)  # fmt: skip
def test_a_device_is_what_its_browser_says(agent: str, kind: str) -> None:
    assert device_kind(agent) == kind


@pytest.mark.django_db
def test_a_start_and_a_finish_are_counted_where_the_page_was_first_shown(
    pages: Any, placement: Placement, guest: Client
) -> None:
    guest.defaults["HTTP_USER_AGENT"] = WECHAT
    pages.open()
    guest.defaults["HTTP_USER_AGENT"] = ANDROID
    pages.send(language="zh-hans")  # the rest is read in Chinese, elsewhere
    for answer in ({"answer": "metro"}, {}, {"answer": "9"}, {"finish": "without"}):
        pages.send(**answer)
    Client().get(pages.path, headers={"user-agent": ANDROID, "accept-language": "zh"})

    assert Response.objects.get().language == "zh-hans"
    assert list(PlacementHour.objects.order_by("pk").values_list(*COUNTS)) == [
        ("en", "phone", True, 1, 1, 1),
        ("zh-hans", "phone", False, 1, 0, 0),
    ]


@pytest.mark.django_db
def test_an_hour_is_one_of_the_stores_clock(placement: Placement, store: Any) -> None:
    store.zone = "Asia/Kolkata"  # five and a half hours ahead
    store.save()
    for minute in (29, 30, 59):
        at = datetime(2026, 3, 2, 6, minute, tzinfo=UTC)
        count_impression(placement=Placement.objects.get(), at=at, seen=Seen("en", "phone"))

    hours = PlacementHour.objects.order_by("hour").values_list("hour", "impressions")
    assert [(hour.hour, hour.minute, number) for hour, number in hours] == [(5, 30, 1), (6, 30, 2)]
    assert [row[2:] for row in PLACEMENT_HOURS.rows()] == [
        (datetime(2026, 3, 2, 5, 30, tzinfo=UTC), "en", "phone", False, 1, 0, 0),
        (datetime(2026, 3, 2, 6, 30, tzinfo=UTC), "en", "phone", False, 2, 0, 0),
    ]
    assert list(PLACEMENT_HOURS.columns)[2:] == ["hour", *COUNTS]


@pytest.mark.django_db
def test_a_draft_says_where_the_guest_stands(pages: Any) -> None:
    pages.open()
    pages.send(answer="douyin")
    pages.send(answer="")  # optional, left out

    response = Response.objects.get()
    assert response.steps == "first_heard+ which_short_video- nps?"
    assert [row[3:5] for row in DRAFTS.rows()] == [(response.shown_at, response.steps)]
    pages.send(answer="9")
    pages.send(finish="without")
    response.refresh_from_db()
    assert response.steps == "first_heard+ which_short_video- nps+ phone-"
    assert not DRAFTS.rows()


def test_a_phone_is_kept_apart_and_yet_counts_as_answered(definition: Definition) -> None:
    answers = {"first_heard": "metro", "nps": 9}

    assert walked(definition, answers, left=["phone"]) == "first_heard+ which_out_of_home- nps+ phone+"
    assert walked(definition, answers, reached="nps") == "first_heard+ which_out_of_home- nps?"
