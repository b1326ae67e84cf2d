"""The marketer's page of the thank-you coupon: what is chosen, what guests read, what the coupon changes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from attribution.coupons.models import CouponBatch
from attribution.customers.models import Customer
from surveys.actions.rewarding import choose_reward
from surveys.models import Arm, ChoiceChannel, Placement, Response, RewardTrial, TrialCount
from surveys.trials import lines_of, sentences

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def trial(survey: Any, reward: Any) -> RewardTrial:
    choose_reward(survey=survey, batch=reward, percent=50)
    return RewardTrial.objects.get()


@pytest.fixture
def answers(survey: Any, placement: Placement, trial: RewardTrial) -> Callable[..., None]:
    """Store so many responses of one arm, ``done`` of them finished, each with these values."""
    customer = Customer.objects.create(joined_at=NOON)

    def store(arm: str, begun: int, done: int, at: Placement = placement, **values: Any) -> None:
        version = survey.latest_version()
        Response.objects.bulk_create(
            Response(
                placement=at, version=version, language="en", shown_at=NOON, trial=trial, arm=arm,
                **({"submitted_at": NOON, "received_at": NOON, "customer": customer} | values if one < done else {}),
            )
            for one in range(begun)
        )  # fmt: skip

    return store


def shown(trial: RewardTrial, placement: Placement, **numbers: int) -> None:
    for arm, number in numbers.items():
        TrialCount.objects.create(trial=trial, placement=placement, arm=arm, impressions=number)


def test_a_marketer_chooses_the_coupon_and_the_share_without(marketer: Client, survey: Any, reward: Any) -> None:
    other = CouponBatch.objects.create(name_en="Cake", face_value_minor=800, stock=20, issued_count=3)
    before = marketer.get(f"/surveys/{survey.pk}/reward/").text
    assert "Answer a few short questions and get a coupon worth ¥5.00." in before
    assert "回答几个小问题" in before

    page = marketer.post(f"/surveys/{survey.pk}/reward/", {"batch": other.pk, "percent": 20}, follow=True)

    survey.refresh_from_db()
    assert survey.reward_batch == other
    assert RewardTrial.objects.values_list("batch", "percent").get() == (other.pk, 20)
    assert "get a coupon worth ¥8.00" in page.text
    assert "17" in page.text  # left
    assert "Nothing can be compared yet" in page.text


@pytest.mark.parametrize("percent", ["51", "-1", "many", ""])
def test_at_most_half_of_the_guests_go_without(marketer: Client, survey: Any, reward: Any, percent: str) -> None:
    page = marketer.post(f"/surveys/{survey.pk}/reward/", {"batch": reward.pk, "percent": percent})

    assert "Please correct what is marked" in page.text
    assert not RewardTrial.objects.exists()


def test_what_is_not_ours_or_can_be_used_twice_is_no_thank_you(marketer: Client, survey: Any) -> None:
    wrong = [CouponBatch.objects.create(name_en="x", face_value_minor=1, uses_per_code=2)]
    wrong.append(CouponBatch.objects.create(name_en="y", face_value_minor=1, issuer="douyin"))

    pages = [marketer.post(f"/surveys/{survey.pk}/reward/", {"batch": one.pk, "percent": 0}) for one in wrong]

    assert all("Select a valid choice" in page.text for page in pages)


def test_the_page_says_what_guests_are_told_once_none_are_left(marketer: Client, survey: Any, reward: Any) -> None:
    CouponBatch.objects.filter(pk=reward.pk).update(issued_count=3)

    page = marketer.get(f"/surveys/{survey.pk}/reward/").text

    assert "None can be promised now" in page
    assert "so there is none this time" in page


def test_only_marketers_and_managers_choose(clerk: Client, manager: Client, survey: Any) -> None:
    assert [one.get(f"/surveys/{survey.pk}/reward/").status_code for one in (clerk, manager)] == [403, 200]


def test_the_coupon_brings_more_finished_answers_in_words(
    trial: RewardTrial, placement: Placement, answers: Callable[..., None]
) -> None:
    """56 of 70 against 48 of 80: 20 points, 5.24 to 33.39 by Newcombe (1998), table II."""
    shown(trial, placement, **{"with": 70, "without": 80})
    answers(Arm.WITH, 60, 56)
    answers(Arm.WITHOUT, 50, 48)

    lines = {line.key: line for line in lines_of(trial)}

    assert lines["shown"].values == (80.0, 60.0)
    assert (round(lines["shown"].low or 0, 2), round(lines["shown"].high or 0, 2)) == (5.24, 33.39)
    assert sentences(lines.values())[0] == "The coupon brings 20 points more finished answers (5–33)."


def test_fewer_finished_answers_are_said_as_plainly(
    trial: RewardTrial, placement: Placement, answers: Callable[..., None]
) -> None:
    shown(trial, placement, **{"with": 80, "without": 70})
    answers(Arm.WITH, 48, 48)
    answers(Arm.WITHOUT, 56, 56)

    assert sentences(lines_of(trial))[0] == "The coupon brings 20 points fewer finished answers (5–33)."


def test_what_cannot_be_told_is_not_told(
    trial: RewardTrial, placement: Placement, answers: Callable[..., None]
) -> None:
    assert sentences(lines_of(trial)) == [
        "Nothing can be compared yet: guests with and without a coupon have to come first."
    ]
    shown(trial, placement, **{"with": 10, "without": 10})
    answers(Arm.WITH, 6, 6, nps=9)
    answers(Arm.WITHOUT, 5, 5, nps=0)

    [first, *_others] = sentences(lines_of(trial))
    assert first.startswith("Whether the coupon brings more finished answers cannot be told yet: between ")


def test_a_tablet_counts_among_who_began_and_not_among_who_was_shown(
    trial: RewardTrial, placement: Placement, kiosk: Placement, answers: Callable[..., None]
) -> None:
    shown(trial, placement, **{"with": 10})
    shown(trial, kiosk, **{"with": 90})
    answers(Arm.WITH, 5, 4)
    answers(Arm.WITH, 90, 45, at=kiosk)

    lines = {line.key: line for line in lines_of(trial)}

    assert (lines["shown"].values[0], lines["shown"].among) == (40.0, (10, 0))
    assert lines["begun"].values[0] == pytest.approx(4900 / 95)
    assert lines["begun"].among == (95, 0)


def test_scores_and_channels_are_compared_too(
    trial: RewardTrial, answers: Callable[..., None], channels: Any, marketer: Client, survey: Any
) -> None:
    douyin, metro = (ChoiceChannel.objects.get(option_key=key) for key in ("douyin", "metro"))
    answers(Arm.WITH, 80, 80, nps=10, csat=5, choice=douyin)
    answers(Arm.WITH, 20, 20, nps=0, csat=1, choice=metro)
    answers(Arm.WITHOUT, 50, 50, nps=10, csat=4, choice=douyin)
    answers(Arm.WITHOUT, 50, 50, nps=7, csat=3, choice=metro)

    lines = lines_of(trial)
    nps, csat, *heard = (line for line in lines if line.key in {"nps", "csat", "channel"})

    # 80 − 20 promoters less detractors against 50 − 0; the spreads are √(10,000 − 60²) × √(100/99) and 50 × the same.
    assert nps.values == (60.0, 50.0)
    half = 1.959964 * ((80**2 + 50**2) * 100 / 99 / 100) ** 0.5
    assert [nps.low, nps.high] == pytest.approx([10 - half, 10 + half], abs=0.01)
    assert csat.values == (80.0, 50.0)
    assert [line.values for line in heard] == [(80.0, 50.0), (20.0, 50.0)]
    page = marketer.get(f"/surveys/{survey.pk}/reward/").text
    assert "Four or five stars (%): 30 points more with the coupon (17–42)." in page
    assert "points less with the coupon" in page


def test_an_earlier_comparison_stays_to_be_read(
    trial: RewardTrial, marketer: Client, survey: Any, reward: Any, answers: Callable[..., None]
) -> None:
    answers(Arm.WITH, 3, 3)
    choose_reward(survey=survey, batch=reward, percent=10)

    newest, earlier = (marketer.get(f"/surveys/{survey.pk}/reward/{query}") for query in ("", f"?trial={trial.pk}"))

    assert (newest.context["trial"].percent, earlier.context["trial"]) == (10, trial)
    assert earlier.context["trial"].number == 3
