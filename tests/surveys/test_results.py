"""What guests answered: counted, crossed, over time; and who may read their words."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from attribution.customers.models import Order
from attribution.runs import actions as runs
from surveys import tasks
from surveys.actions import publish_version, record_response
from surveys.actions.coding import add_rule
from surveys.coding import Match, Rule
from surveys.definition import Definition, Kind, Option, Question, Text
from surveys.models import Placement, Response, SurveyVersion
from surveys.results import file as results_file
from surveys.results.file import kept_answers, write_answers
from surveys.results.picked import Picked
from surveys.results.tables import Results

FOOD = Question(
    "food", Kind.MULTIPLE, Text("吃了什么", "What did you eat?"),
    options=(Option("tea", Text("茶", "Tea")), Option("cake", Text("糕", "Cake"))),
)  # fmt: skip
SEAT = Question(
    "seat", Kind.CHOICE, Text("坐哪里", "Where did you sit?"),
    options=(Option("in", Text("里", "Inside")), Option("other", Text("别处", "Elsewhere"), takes_text=True)),
)  # fmt: skip
NPS = Question("nps", Kind.NPS, Text("推荐吗", "Recommend us?"))
STARS = Question("stars", Kind.STARS, Text("满意吗", "How was it?"))
PRICE = Question("price", Kind.NUMBER, Text("多少钱", "What did it cost?"))
STORY = Question("story", Kind.LONGTEXT, Text("说说", "Tell us"))


@pytest.fixture
def meal(survey: Any) -> SurveyVersion:
    return publish_version(survey=survey, definition=Definition((FOOD, SEAT, NPS, STARS, PRICE, STORY)))


@pytest.fixture
def say(answered: Callable[..., Any], placement: Any, meal: SurveyVersion) -> Callable[..., Response]:
    """Record what one more guest answers."""

    def record(answers: dict[str, Any], at: Placement = placement, **values: Any) -> Response:
        device = f"device-{Response.objects.count()}"
        given = answered(version=meal, answers=answers, device=device, **values)
        return record_response(placement=at, answered=given)

    return record


def found(survey: Any, **picked: Any) -> Results:
    return Results(survey, write_answers(survey), Picked(**picked))


def rows_of(results: Results, key: str) -> list[tuple[Any, ...]]:
    return next(list(one.table.rows) for one in results.told() if one.item.name == key and one.table)


@pytest.mark.django_db
def test_a_share_is_of_those_who_answered_with_its_interval(survey: Any, say: Any) -> None:
    for seat in ["in"] * 8 + ["other"] * 2:
        say({"seat": seat})
    say({"price": 3})  # says nothing of the seat

    (inside, eight, share, low, high, *unweighed), other = rows_of(found(survey), "seat")
    assert (inside, eight, share) == ("Inside", 8, 0.8)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)  # Wilson's for 8 of 10
    assert other[:3] == ("Elsewhere", 2, 0.2)
    assert unweighed == [None, None, None]  # without a run nobody knows how many orders there were


@pytest.mark.django_db(transaction=True)
def test_weighted_shares_are_what_they_would_be_if_all_answered_as_they_order(
    survey: Any, say: Any, store: Any, other_store: Any, marketer: Client
) -> None:
    there, at = Placement.objects.create(survey=survey, store=other_store), datetime(2026, 3, 2, 4, tzinfo=UTC)
    for seat, where in (("in", 6), ("other", 2)):
        for _ in range(where):
            say({"seat": seat}, submitted_at=at)
    for seat in ("in", "other"):
        say({"seat": seat}, there, submitted_at=at)
    for place in (store, other_store):  # one half of the orders each
        for number in range(4):
            Order.objects.create(store=place, number=f"{place.pk}-{number}", placed_at=at, amount_minor=100)
    runs.ask(now=True)
    runs.look()

    inside, outside = rows_of(found(survey), "seat")
    # Eight answers here weigh 0.625 each, two there 2.5: (6 × 0.625 + 2.5) ÷ 10.
    assert (inside[2], inside[5], outside[5]) == (0.7, pytest.approx(0.625), pytest.approx(0.375))
    # 10² ÷ (8 × 0.625² + 2 × 2.5²) = 6.4 answers of equal weight; Wilson's for 4 of 6.4.
    assert (round(inside[6], 3), round(inside[7], 3)) == (0.278, 0.878)
    page = marketer.get(f"/surveys/{survey.pk}/results/")
    assert page.context["results"].alike == 6
    assert "Share, weighted by orders" in page.content.decode()
    only_here = Results(survey, kept_answers(survey), Picked(store=store.pk))  # type: ignore[arg-type]
    assert rows_of(only_here, "seat")[0][5] == pytest.approx(0.75)


@pytest.mark.django_db
def test_who_chose_several_counts_in_each(survey: Any, say: Any) -> None:
    say({"food": ["tea", "cake"]})
    say({"food": ["tea"]})

    assert [row[:3] for row in rows_of(found(survey), "food")] == [("Tea", 2, 1.0), ("Cake", 1, 0.5)]


@pytest.mark.django_db
def test_words_beside_a_choice_count_as_what_they_mean(survey: Any, say: Any, marketer: Client) -> None:
    say({"seat": "other", "seat.text": "indoors"})
    add_rule(survey=survey, question_key="seat", rule=Rule(Match.CONTAINS, "indoors", "in"), staff=None)
    tasks.look()

    assert [row[:2] for row in rows_of(found(survey), "seat")] == [("Inside", 1)]


@pytest.mark.django_db
def test_scores_have_a_bar_for_each_point_and_a_sum(survey: Any, say: Any) -> None:
    for nps, stars in ((10, 5), (9, 4), (7, 3), (0, 4)):
        say({"nps": nps, "stars": stars})

    told = {one.item.name: one for one in found(survey).told()}
    assert told["nps"].table is not None
    assert [row[1] for row in told["nps"].table.rows] == [1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1]
    # Two promoters, one detractor: 100 × (2 − 1) ÷ 4; ± 1.96 × 95.7 ÷ 2.
    assert told["nps"].summary.startswith("NPS 25.0 (-68.8 to 118.8)")
    assert told["stars"].summary.startswith("CSAT 75.0% (30.1% to 95.4%)")


@pytest.mark.django_db
def test_numbers_stand_in_ten_bins(survey: Any, say: Any) -> None:
    for price in (0, 5, 100):
        say({"price": price})

    rows = rows_of(found(survey), "price")
    assert (rows[0], rows[9], len(rows)) == (("0 – 10", 2), ("90 – 100", 1), 10)


@pytest.mark.django_db
def test_scores_go_over_time_by_week_or_month(survey: Any, say: Any) -> None:
    say({"nps": 10}, submitted_at=datetime(2026, 3, 2, 12, tzinfo=UTC))
    say({"nps": 0}, submitted_at=datetime(2026, 3, 12, 12, tzinfo=UTC))
    say({"nps": 9}, submitted_at=datetime(2026, 3, 31, 17, tzinfo=UTC))  # in Shanghai it is April

    months, weeks = (
        [(row[0], row[2]) for row in next(iter(found(survey).over_time(unit))).table.rows]  # type: ignore[union-attr]
        for unit in ("month", "week")
    )
    assert months == [("2026-03-01", 0.0), ("2026-04-01", 100.0)]
    assert weeks == [("2026-03-02", 100.0), ("2026-03-09", -100.0), ("2026-03-30", 100.0)]


@pytest.mark.django_db
def test_two_questions_are_crossed_in_shares_of_a_row(survey: Any, say: Any, other_store: Any) -> None:
    there = Placement.objects.create(survey=survey, store=other_store)
    say({"seat": "in", "food": ["tea", "cake"]})
    say({"seat": "in", "food": ["tea"]})
    say({"seat": "other", "food": ["cake"]}, there)
    say({"seat": "other"})

    results = found(survey)
    assert results.crossed("q:seat", "q:food").rows == (("Inside", 2, 0.5, 1.0), ("Elsewhere", 1, 1.0, 0.0))
    assert results.crossed("q:food", "q:seat").rows == (("Cake", 2, 0.5, 0.5), ("Tea", 2, 1.0, 0.0))
    assert results.crossed("store", "q:seat").rows == (("Xuhui", 3, 2 / 3, 1 / 3), ("Jing’an", 1, 0.0, 1.0))
    assert [row[0] for row in results.crossed("part", "language").rows] == ["evening"]  # noon in London
    assert "fewer than 30" in results.crossed("q:seat", "store").notes[1]


@pytest.mark.django_db
def test_filters_leave_out_other_answers(survey: Any, say: Any, other_store: Any) -> None:
    there = Placement.objects.create(survey=survey, store=other_store)
    say({"seat": "in"})
    say({"seat": "in"}, there, language="zh-hans")

    kept = write_answers(survey)
    picks: list[dict[str, Any]] = [
        {"store": other_store.pk}, {"language": "en"}, {"first_version": 2}, {"last_version": 1},
        {"start": datetime(2026, 3, 2).date()}, {"end": datetime(2026, 3, 2).date()},
    ]  # fmt: skip
    assert [Results(survey, kept, Picked(**pick)).total for pick in picks] == [1, 1, 2, 0, 2, 0]


# ── As fresh as can be ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_few_answers_are_counted_at_once(marketer: Client, survey: Any, say: Any) -> None:
    for number in (1, 2):
        say({"seat": "in"})
        page = marketer.get(f"/surveys/{survey.pk}/results/")
        assert page.context["results"].total == number


@pytest.mark.django_db
def test_many_answers_are_counted_by_the_worker_and_kept_until_more_come(
    marketer: Client, survey: Any, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_file, "AT_ONCE", 0)
    say({"seat": "in"})
    assert "being counted for the first time" in marketer.get(f"/surveys/{survey.pk}/results/").content.decode()

    tasks.look()
    kept = kept_answers(survey)
    say({"seat": "in"})
    assert kept_answers(survey) == kept  # and says as of when it is
    assert marketer.get(f"/surveys/{survey.pk}/results/").context["results"].total == 1
    monkeypatch.setattr(results_file, "AGAIN", results_file.SETTLED * 0)
    kept_answers(survey)
    tasks.look()
    assert marketer.get(f"/surveys/{survey.pk}/results/").context["results"].total == 2


@pytest.mark.django_db
def test_what_guests_typed_is_not_kept_beside_the_database(survey: Any, say: Any) -> None:
    say({"seat": "other", "seat.text": "by-the-window", "story": "delicious"})

    content = write_answers(survey).path.read_bytes()
    assert b"window" not in content
    assert b"delicious" not in content


# ── The pages ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_page_crosses_what_is_chosen_and_says_what_is_wrong(marketer: Client, survey: Any, say: Any) -> None:
    say({"seat": "in", "nps": 9})
    path = f"/surveys/{survey.pk}/results/"

    page = marketer.get(path, {"row": "q:seat", "across": "part", "unit": "week"})
    assert page.context["crossed"].title == "Where did you sit? × Part of the day"
    wrong = marketer.get(path, {"start": "2026-03-02", "end": "2026-03-01", "row": "q:nothing"})
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (400, {"end", "row"})


@pytest.mark.django_db
def test_words_are_searched_and_read_by_managers_alone(
    manager: Client, marketer: Client, clerk: Client, survey: Any, say: Any
) -> None:
    say({"story": "很好吃", "seat": "other", "seat.text": "门口"})
    say({"story": "<b>too salty</b>"})
    path = f"/surveys/{survey.pk}/results/words/"

    assert [row.words for row in manager.get(path, {"question": "story", "search": "SALTY"}).context["page"]] == [
        "<b>too salty</b>"
    ]
    assert "&lt;b&gt;too salty" in manager.get(path, {"question": "story"}).content.decode()
    assert [row.words for row in manager.get(path).context["page"]] == ["门口"]
    assert (marketer.get(path).status_code, clerk.get(path).status_code) == (403, 403)
    assert clerk.get(f"/surveys/{survey.pk}/results/").status_code == 403
