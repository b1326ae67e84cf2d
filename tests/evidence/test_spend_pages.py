from datetime import date
from typing import Any

import pytest
from django.test import Client

from attribution.evidence.models import Campaign, Spend

pytestmark = pytest.mark.django_db


def typed(channels: dict[str, Any], **values: Any) -> dict[str, Any]:
    form = {"channel": channels["douyin"].pk, "amount": "¥1,234.50", "first_day": "2026-03-01", "last_day": ""}
    return form | values


def spend(channel: Any, first: date, last: date, amount_minor: int = 100_00) -> Spend:
    return Spend.objects.create(
        channel=channel, first_day=first, last_day=last, amount_minor=amount_minor, source_key=f"{channel}{first}{last}"
    )


def body(response: Any) -> str:
    return response.content.decode()


def test_an_amount_is_typed_as_money_and_an_empty_last_day_is_the_first(
    marketer: Client, channels: dict[str, Any]
) -> None:
    response = marketer.post("/spend/new/", typed(channels))

    entry = Spend.objects.get()
    assert response.status_code == 302
    assert (entry.amount_minor, entry.first_day, entry.last_day) == (123450, date(2026, 3, 1), date(2026, 3, 1))
    assert (entry.entered_by.username, entry.source) == ("marketer", "manual")


def test_a_double_tap_enters_once(marketer: Client, channels: dict[str, Any]) -> None:
    form = typed(channels, request_id="6f1c2b4e-0000-4000-8000-000000000001")

    marketer.post("/spend/new/", form)
    marketer.post("/spend/new/", form)

    assert Spend.objects.count() == 1


def test_what_was_typed_stays_and_each_error_stands_by_its_field(marketer: Client, channels: dict[str, Any]) -> None:
    response = marketer.post(
        "/spend/new/", typed(channels, amount="about 50", last_day="2026-02-01", note="Spring push", clicks="-3")
    )

    form = response.context["form"]
    assert response.status_code == 200
    assert set(form.errors) == {"amount", "clicks"}
    assert "“about 50” is not an amount" in body(response)
    assert 'value="about 50"' in body(response)
    assert 'value="Spring push"' in body(response)
    assert not Spend.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "-5"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"last_day": "2026-02-01"}, "last_day"),
        ({"first_day": "2026-02-30"}, "first_day"),
        ({"channel": "999"}, "channel"),
        ({"channel": ""}, "channel"),
        ({"store": "999"}, "store"),
        ({"clicks": "many"}, "clicks"),
    ],
)
def test_each_mistake_is_named_at_its_field(
    marketer: Client, channels: dict[str, Any], wrong: dict[str, str], field: str
) -> None:
    response = marketer.post("/spend/new/", typed(channels, **wrong))

    assert list(response.context["form"].errors) == [field]
    assert not Spend.objects.exists()


def test_a_campaign_of_another_channel_is_named_at_the_campaign(marketer: Client, channels: dict[str, Any]) -> None:
    metro = Campaign.objects.create(channel=channels["metro"], name_en="Line 2")

    response = marketer.post("/spend/new/", typed(channels, campaign=metro.pk))

    assert response.context["form"].errors["campaign"] == ["This campaign belongs to another channel."]


def test_the_next_entry_starts_with_the_same_channel(marketer: Client, channels: dict[str, Any]) -> None:
    response = marketer.post("/spend/new/", typed(channels, another="on"), follow=True)

    assert response.context["form"]["channel"].value() == str(channels["douyin"].pk)


def test_an_entry_is_corrected_where_it_stands(marketer: Client, channels: dict[str, Any]) -> None:
    entry = spend(channels["douyin"], date(2026, 3, 1), date(2026, 3, 2), 123450)
    shown = marketer.get(f"/spend/{entry.pk}/")

    marketer.post(f"/spend/{entry.pk}/", typed(channels, amount="99", last_day="2026-03-05"))

    assert 'value="1234.50"' in body(shown)
    entry.refresh_from_db()
    assert (entry.amount_minor, entry.last_day) == (99_00, date(2026, 3, 5))


def test_an_entry_on_a_channel_no_longer_in_use_can_still_be_corrected(
    marketer: Client, channels: dict[str, Any]
) -> None:
    entry = spend(channels["douyin"], date(2026, 3, 1), date(2026, 3, 1))
    channels["douyin"].is_active = False
    channels["douyin"].save()

    marketer.post(f"/spend/{entry.pk}/", typed(channels, amount="99"))
    refused = marketer.post("/spend/new/", typed(channels))

    entry.refresh_from_db()
    assert entry.amount_minor == 99_00
    assert list(refused.context["form"].errors) == ["channel"]


def test_deleting_asks_first(marketer: Client, channels: dict[str, Any]) -> None:
    entry = spend(channels["douyin"], date(2026, 3, 1), date(2026, 3, 1))

    asked = marketer.get(f"/spend/{entry.pk}/delete/")
    assert "Delete this entry?" in body(asked)
    assert Spend.objects.exists()

    marketer.post(f"/spend/{entry.pk}/delete/")
    assert not Spend.objects.exists()
    assert marketer.post(f"/spend/{entry.pk}/delete/").status_code == 404


def test_the_address_says_what_the_list_shows_and_the_total_follows(marketer: Client, channels: dict[str, Any]) -> None:
    spend(channels["douyin"], date(2026, 3, 1), date(2026, 3, 31), 100_00)
    spend(channels["metro"], date(2026, 3, 10), date(2026, 3, 10), 30_00)
    spend(channels["metro"], date(2026, 4, 1), date(2026, 4, 1), 7_00)

    def total(query: str) -> int | None:
        return marketer.get(f"/spend/{query}").context["total"]

    assert total("") == 137_00
    assert total("?channel=metro") == 37_00
    assert total("?start=2026-03-11&end=2026-03-31") == 100_00
    assert total("?start=2026-03-31&end=2026-04-01") == 107_00
    assert total("?channel=metro&start=2026-05-01") is None


def test_a_filter_that_makes_no_sense_is_named_and_narrows_nothing(marketer: Client, channels: dict[str, Any]) -> None:
    spend(channels["douyin"], date(2026, 3, 1), date(2026, 3, 1))

    response = marketer.get("/spend/?channel=nobody&start=yesterday&end=2026-03-01&page=x")

    assert set(response.context["form"].errors) == {"channel", "start"}
    assert response.context["total"] == 100_00
    reversed_days = marketer.get("/spend/?start=2026-04-01&end=2026-03-01")
    assert list(reversed_days.context["form"].errors) == ["end"]


def test_an_empty_list_says_what_to_do_next(marketer: Client) -> None:
    response = marketer.get("/spend/")

    assert "No spend yet" in body(response)
    assert 'href="/spend/new/"' in body(response)


def test_the_list_asks_the_database_no_more_for_more_rows(
    marketer: Client, channels: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    for day in range(1, 29):
        spend(channels["douyin"], date(2026, 2, day), date(2026, 2, day))

    with django_assert_max_num_queries(7):
        assert "2026-02-28" in body(marketer.get("/spend/"))
