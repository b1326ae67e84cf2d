"""What guests answered, as the report shows it: the shop of conftest, with answers."""

from typing import Any

import pandas as pd
import pytest
import time_machine

from analytics.reports.answers_said import order_verdict
from attribution.customers.models import Customer, Order
from attribution.runs import actions as runs
from surveys.models import ChoiceChannel, Placement, Response, SurveyVersion
from tests.analytics.conftest import AUGUST, MARCH, on


def answer(placement: Placement, choice: Any, day: int, customer: Customer | None = None, place: int | None = None):
    return Response.objects.create(
        placement=placement,
        version=SurveyVersion.objects.get(),
        language="en",
        customer=customer or Customer.objects.create(),
        choice=choice,
        has_dont_remember=choice is None,
        chosen_place=place,
        places=None if place is None else 3,
        submitted_at=on(day),
        received_at=on(day),
    )


@pytest.fixture
def answered(evidence: None, channels: Any, other_store: Any) -> Any:
    """Bo said friends at lunch; three strangers said metro, something else, and that they did not remember. In March
    there were four identified orders and one of nobody."""
    placement = Placement.objects.select_related("survey").get()
    SurveyVersion.objects.create(survey=placement.survey, number=1, definition={})
    choices = {
        key: ChoiceChannel.objects.create(
            survey=placement.survey, question_key="first_heard", option_key=key, channel=channels.get(key)
        )
        for key in ("friends", "metro", "other")
    }
    bo = Order.objects.get(amount_minor=1_200).customer
    answer(placement, choices["friends"], 10, bo, place=0)
    answer(placement, choices["metro"], 11, place=0)
    answer(placement, choices["other"], 11)
    answer(placement, None, 12)
    return placement


@pytest.fixture
def run(answered: Any) -> Any:
    with time_machine.travel(AUGUST, tick=False):
        asked = runs.ask(now=True)
        assert asked is not None
        assert asked.claim()
        return runs.execute(asked)


def report(client: Any, **query: str) -> dict[str, Any]:
    answer = client.get("/api/v1/reports/answers/", MARCH | query)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def tables(client: Any, **query: str) -> dict[str, Any]:
    return {table["key"]: table for table in report(client, **query)["tables"]}


def test_answers_come_with_their_shares_raw_and_weighted(marketer, run):
    rows = {row["slug"]: row for row in tables(marketer)["answers"]["rows"]}

    assert {slug: row["said"] for slug, row in rows.items()} == {
        "friends": "Friends", "metro": "Metro posters",
        "(other)": "Something else", "(dont_remember)": "Does not remember",
    }  # fmt: skip
    assert {row["raw"] for row in rows.values()} == {0.25}
    # New guests' first orders: Anna, Bo and Chen; returning: Anna again; one of nobody. Answers: one new, three of
    # nobody. The returning ones are spoken for by nobody: 3 and 1 of 4, so 3 for Bo, and (4 − 3) ÷ 3 for each other.
    assert rows["friends"]["share"] == pytest.approx(3 / 4)
    assert rows["metro"]["share"] == pytest.approx(1 / 12)
    # (3 + 3 × 1/3)² ÷ (9 + 3 × 1/9)
    assert rows["metro"]["effective"] == pytest.approx(16 / (9 + 1 / 3))


def test_the_figures_beside_say_what_stands_for_what(marketer, run):
    assert report(marketer)["figures"] == {"answers": 4, "effective": 2, "orders": 5}


def test_what_could_not_be_weighted_is_said_in_words(marketer, run):
    found = tables(marketer)

    assert found["answers"]["notes"] == [
        "Nobody among the guests who are “returning” answered: no answer speaks for their orders (1).",
        "Without answers or orders all day, and so counted with all stores: Xuhui · lunchtime · not identified,"
        " Jing’an · lunchtime · new, Jing’an · lunchtime · not identified.",
    ]
    cells = {(row["store"], row["status"]): row["with"] for row in found["cells"]["rows"]}
    assert cells["Xuhui", "returning"] == "nobody"
    assert cells["Jing’an", "new"] == "all stores"
    assert cells["Xuhui", "new"] == "itself"


def test_the_places_of_the_choices_are_shown_with_their_verdict(marketer, run):
    places = tables(marketer)["places"]

    assert [(row["place"], row["answers"], row["shown"]) for row in places["rows"]] == [
        ("place 1", 2, 2), ("place 2", 0, 2), ("place 3", 0, 2),
    ]  # fmt: skip
    assert places["rows"][0]["expected"] == pytest.approx(1 / 3)
    # Wilson of 2 of 2 begins at 34.2 %.
    assert "taken by 100.0% of guests, where 33.3% would be chance" in places["notes"][0]


def test_a_store_has_its_own_answers_and_the_page_keeps_it(marketer, run):
    assert tables(marketer, store="jingan")["answers"]["rows"] == []
    text = marketer.get("/reports/answers/", MARCH | {"store": "jingan"}).content.decode()
    assert "Nothing in this period." in text
    assert 'id="id_store"' in text
    assert 'id="id_model"' not in text


def test_a_guest_who_answers_twice_counts_once(marketer, answered):
    bo = Order.objects.get(amount_minor=1_200).customer
    answer(answered, ChoiceChannel.objects.get(option_key="metro"), 20, bo)
    with time_machine.travel(AUGUST, tick=False):
        asked = runs.ask(now=True)
        assert asked is not None
        assert asked.claim()
        runs.execute(asked)

    assert report(marketer)["figures"]["answers"] == 4


def places(rate: float, low: float, high: float, expected: float = 0.25) -> pd.DataFrame:
    return pd.DataFrame([{"rate": rate, "low": low, "high": high, "expected": expected}])


@pytest.mark.parametrize(
    ("first", "short", "says"),
    [
        (places(0.4, 0.3, 0.5), "Yes, a little", "about 20.0% of the answers say nothing"),  # 0.15 of 0.75
        (places(0.6, 0.5, 0.7), "Yes", "about 46.7% of the answers say nothing"),
        (places(0.1, 0.05, 0.2), "Yes, a little", "guests overlook it"),
        (places(0.3, 0.2, 0.4), "No sign of it", "taken by 30.0% of guests; 25.0% would be chance"),
        (places(1.0, 0.3, 1.0, expected=1.0), "No sign of it", "100.0% would be chance"),
        (pd.DataFrame(), "Not known", "No answer of the period tells"),
    ],
)
def test_the_order_of_the_choices_is_judged_by_whether_chance_explains_it(first, short, says):
    answer, text = order_verdict(first)

    assert answer == short
    assert says in text


def test_refunds_are_no_orders_that_answers_stand_for(marketer, run):
    assert Order.objects.filter(kind="refund").exists()
    assert sum(row["orders"] for row in tables(marketer)["cells"]["rows"]) == 5
