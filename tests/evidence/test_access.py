from datetime import date
from typing import Any

import pytest
from django.test import Client

from attribution.evidence.models import Spend, TrackedLink

pytestmark = pytest.mark.django_db
PAGES = [
    "/spend/", "/spend/new/", "/spend/{spend}/", "/spend/{spend}/delete/", "/links/", "/links/new/", "/links/{link}/",
    "/links/{link}/qr.svg", "/links/{link}/qr.png", "/mappings/", "/mappings/change/?key=link:{link}",
]  # fmt: skip
WRITES = ["/spend/new/", "/spend/{spend}/delete/", "/links/{link}/switch/", "/mappings/change/"]


@pytest.fixture
def ids(channels: dict[str, Any], link: TrackedLink) -> dict[str, int]:
    day = date(2026, 3, 1)
    spend = Spend.objects.create(channel=channels["metro"], first_day=day, last_day=day, amount_minor=1, source_key="x")
    return {"spend": spend.pk, "link": link.pk}


@pytest.mark.parametrize("page", PAGES)
def test_marketer_and_manager_see_the_page_and_nobody_else(
    page: str, ids: dict[str, int], marketer: Client, manager: Client, clerk: Client, outsider: Client
) -> None:
    address = page.format(**ids)

    statuses = [client.get(address).status_code for client in (marketer, manager, clerk, outsider)]

    assert statuses == [200, 200, 403, 302]


@pytest.mark.parametrize("page", WRITES)
def test_a_clerk_and_an_outsider_change_nothing(
    page: str, ids: dict[str, int], clerk: Client, outsider: Client
) -> None:
    address = page.format(**ids)

    statuses = [client.post(address, {"active": "off"}).status_code for client in (clerk, outsider)]

    assert statuses == [403, 302]
    assert Spend.objects.count() == 1
    assert TrackedLink.objects.get().is_active


def test_a_link_is_not_switched_by_looking_at_an_address(ids: dict[str, int], marketer: Client) -> None:
    page = marketer.get(f"/links/{ids['link']}/switch/", follow=True)

    assert page.redirect_chain == [(f"/links/{ids['link']}/", 302)]
    assert TrackedLink.objects.get().is_active
