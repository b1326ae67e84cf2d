from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from attribution.evidence.actions import (
    BadSpend,
    SpendValue,
    correct_spend,
    delete_spend,
    enter_spend,
    import_spend,
)
from attribution.evidence.models import Campaign, Spend

pytestmark = pytest.mark.django_db


@pytest.fixture
def value(channels: dict[str, Any]) -> SpendValue:
    """¥100.00 on Douyin, over the first two days of March."""
    return SpendValue(channels["douyin"], date(2026, 3, 1), date(2026, 3, 2), 100_00)


def enter(value: SpendValue, request_id: str = "r1") -> Spend:
    return enter_spend(value=value, request_id=request_id, staff=None)


def test_a_form_sent_twice_is_one_entry(value: SpendValue, bell: list[None]) -> None:
    assert enter(value) == enter(value)
    assert Spend.objects.get().amount_minor == 100_00
    assert len(bell) == 1


def test_two_equal_entries_by_hand_are_two(value: SpendValue) -> None:
    enter(value, "r1")
    enter(value, "r2")

    assert Spend.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("amount", {"amount_minor": -1}),
        ("last_day", {"last_day": date(2026, 2, 28)}),
        ("last_day", {"last_day": date(2027, 3, 2)}),
        ("first_day", {"first_day": date(1999, 12, 31), "last_day": date(1999, 12, 31)}),
        ("last_day", {"first_day": date(2124, 1, 1), "last_day": date(2124, 1, 1)}),
    ],
)
def test_what_cannot_be_right_is_refused_by_field(value: SpendValue, field: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadSpend) as refusal:
        enter(replace(value, **wrong))

    assert refusal.value.field == field
    assert not Spend.objects.exists()


def test_a_campaign_of_another_channel_is_refused(value: SpendValue, channels: dict[str, Any]) -> None:
    metro = Campaign.objects.create(channel=channels["metro"], name_en="Line 2")

    with pytest.raises(BadSpend) as refusal:
        enter(replace(value, campaign=metro))

    assert refusal.value.field == "campaign"


def test_an_entry_of_nothing_and_of_a_whole_year_is_fine(value: SpendValue) -> None:
    enter(replace(value, amount_minor=0, last_day=date(2027, 3, 1)))

    assert Spend.objects.get().amount_minor == 0


def test_a_correction_changes_the_entry_and_rings_once(value: SpendValue, bell: list[None]) -> None:
    spend = enter(value)
    bell.clear()

    correct_spend(spend=spend, value=replace(value, amount_minor=90_00))
    correct_spend(spend=spend, value=replace(value, amount_minor=90_00))

    spend.refresh_from_db()
    assert spend.amount_minor == 90_00
    assert len(bell) == 1


def test_a_deleted_entry_is_gone(value: SpendValue, bell: list[None]) -> None:
    spend = enter(value)
    bell.clear()

    delete_spend(spend=spend)
    delete_spend(spend=spend)

    assert not Spend.objects.exists()
    assert len(bell) == 1


def test_the_same_row_again_changes_nothing(value: SpendValue, bell: list[None]) -> None:
    assert import_spend(value=value)[1] == "inserted"
    assert import_spend(value=value)[1] == "skipped"
    assert Spend.objects.get().source == "import"
    assert len(bell) == 1


def test_a_row_that_says_something_new_updates_the_entry(value: SpendValue) -> None:
    import_spend(value=value)

    assert import_spend(value=replace(value, amount_minor=120_00, clicks=7))[1] == "updated"
    spend = Spend.objects.get()
    assert (spend.amount_minor, spend.clicks) == (120_00, 7)


def test_another_day_or_store_is_another_row(value: SpendValue, store: Any) -> None:
    import_spend(value=value)
    import_spend(value=replace(value, last_day=date(2026, 3, 3)))
    import_spend(value=replace(value, store=store))

    assert Spend.objects.count() == 3


def test_an_id_of_the_source_names_the_row_whatever_else_changes(value: SpendValue) -> None:
    import_spend(value=value, source_id="A-1")

    assert import_spend(value=replace(value, last_day=date(2026, 3, 1)), source_id="A-1")[1] == "updated"
    assert Spend.objects.get().last_day == date(2026, 3, 1)


def test_two_platforms_with_one_id_do_not_overwrite_each_other(value: SpendValue, channels: dict[str, Any]) -> None:
    import_spend(value=value, source_id="1")

    with pytest.raises(BadSpend) as refusal:
        import_spend(value=replace(value, channel=channels["metro"]), source_id="1")

    assert str(refusal.value) == "The id “1” is already used by spend on Douyin."
    assert Spend.objects.get().channel.slug == "douyin"


def test_a_correction_by_hand_outlives_the_same_file(value: SpendValue) -> None:
    spend, _outcome = import_spend(value=value, source_id="A-1")
    correct_spend(spend=spend, value=replace(value, amount_minor=95_00))

    assert import_spend(value=value, source_id="A-1")[1] == "skipped"
    assert Spend.objects.get().amount_minor == 95_00


def test_a_channel_corrected_by_hand_outlives_the_same_file(value: SpendValue, channels: dict[str, Any]) -> None:
    spend, _outcome = import_spend(value=value, source_id="A-1")
    correct_spend(spend=spend, value=replace(value, channel=channels["metro"]))

    assert import_spend(value=value, source_id="A-1")[1] == "skipped"
    assert Spend.objects.get().channel.slug == "metro"
