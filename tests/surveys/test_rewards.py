"""The thank-you coupon: promised, withheld from a share of guests by lot, given once."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from attribution.coupons.models import Coupon
from surveys import tickets
from surveys.actions import record_response
from surveys.actions.rewarding import choose_reward
from surveys.models import Arm, Placement, Response, RewardTrial, TrialCount
from surveys.rewards import draw_for, is_left_out
from tests.surveys.test_kiosk_rules import in_browser

pytestmark = pytest.mark.django_db
OUT = uuid.UUID("00000000-0000-4000-8000-000000000007")  # drawn at 16.5 of 100
IN = uuid.UUID("00000000-0000-4000-8000-000000000011")  # drawn at 98.0


@pytest.fixture
def trial(survey: Any, reward: Any) -> RewardTrial:
    """Half of the guests are promised nothing."""
    choose_reward(survey=survey, batch=reward, percent=50)
    return RewardTrial.objects.get()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Callable[[uuid.UUID], None]:
    """Give the next guest this id."""
    return lambda identity: monkeypatch.setattr(tickets.uuid, "uuid4", lambda: identity)


def test_the_share_is_drawn_by_the_id_alone_and_is_what_was_asked_for() -> None:
    ids = [uuid.UUID(int=number << 64) for number in range(20_000)]

    shares = {percent: sum(is_left_out(one, percent) for one in ids) / len(ids) for percent in (0, 1, 20, 50)}

    assert shares[0] == 0
    assert all(abs(share * 100 - percent) < 1.2 for percent, share in shares.items())
    assert [is_left_out(one, 20) for one in ids[:50]] == [is_left_out(uuid.UUID(str(one)), 20) for one in ids[:50]]
    assert all(is_left_out(one, 50) for one in ids if is_left_out(one, 20))


def test_the_tablet_draws_as_the_server_does() -> None:
    cases = [(str(uuid.uuid4()), percent) for percent in (1, 20, 33, 50) for _ in range(100)]
    cases += [(str(OUT), 16), (str(OUT), 17), (str(IN), 50)]

    there = in_browser("const said = input.map(([one, percent]) => rules.isLeftOut(one, percent));", cases)

    assert there == [is_left_out(uuid.UUID(one), percent) for one, percent in cases]
    assert there[-3:] == [False, True, False]


def test_a_guest_who_drew_nothing_is_promised_nothing_and_gets_nothing(
    pages: Any, trial: RewardTrial, drawn: Callable[[uuid.UUID], None]
) -> None:
    drawn(OUT)
    for page in (pages.open(), pages.answer_all()):
        assert "coupon" not in page.text.partition("<main")[2]  # a page's style sheet has the word
    response = Response.objects.get()
    assert (response.pk, response.trial, response.arm, response.coupon) == (OUT, trial, "without", None)
    assert not Coupon.objects.exists()
    assert TrialCount.objects.values_list("arm", "impressions").get() == ("without", 1)


def test_the_others_are_promised_a_coupon_and_get_it(
    pages: Any, trial: RewardTrial, drawn: Callable[[uuid.UUID], None]
) -> None:
    drawn(IN)

    assert "get a coupon worth" in pages.open().text
    pages.answer_all()
    response = Response.objects.get()
    assert (response.trial, response.arm) == (trial, "with")
    assert response.coupon is not None


def test_who_has_begun_keeps_what_was_drawn_whatever_is_chosen_meanwhile(
    pages: Any, trial: RewardTrial, survey: Any, reward: Any, drawn: Callable[[uuid.UUID], None]
) -> None:
    drawn(OUT)
    pages.open()
    choose_reward(survey=survey, batch=reward, percent=0)
    pages.answer_all()

    assert Response.objects.get().arm == "without"
    assert not Coupon.objects.exists()


def test_nothing_is_drawn_where_no_coupon_is_left(pages: Any, trial: RewardTrial, reward: Any) -> None:
    reward.issued_count = reward.stock
    reward.save()

    assert "All thank-you coupons have been given out" in pages.open().text
    pages.answer_all()
    assert (Response.objects.get().trial, Response.objects.get().arm) == (None, "")
    assert not TrialCount.objects.exists()


def test_another_share_or_coupon_begins_another_trial(survey: Any, reward: Any, trial: RewardTrial) -> None:
    choose_reward(survey=survey, batch=reward, percent=50)
    assert RewardTrial.objects.count() == 1
    choose_reward(survey=survey, batch=reward, percent=20)
    choose_reward(survey=survey, batch=None, percent=20)

    trials = [(one.percent, one.ended_at is None) for one in RewardTrial.objects.order_by("pk")]
    assert trials == [(50, False), (20, False)]
    survey.refresh_from_db()
    assert survey.reward_batch is None


def test_a_tablet_says_in_which_trial_its_guest_drew_and_the_server_draws_again(
    kiosk: Placement, outsider: Client, trial: RewardTrial
) -> None:
    from tests.surveys.test_kiosk import WHOLE, milliseconds

    given = outsider.get(f"/k/{kiosk.token}/survey.json").json()
    assert given["reward"]["trial"] == {"id": trial.pk, "percent": 50}
    for identity in (OUT, IN):
        body = {"uuid": str(identity), "version": 1, "answers": WHOLE, "language": "en", "is_waiting": True}
        body |= {"shown_at": milliseconds(), "answered_at": milliseconds(), "trial": trial.pk}
        answer = outsider.post(f"/k/{kiosk.token}/answers", body, content_type="application/json")
        assert answer.status_code == 201
        assert (answer.json()["coupon"] is None) == (identity == OUT)

    assert dict(Response.objects.values_list("pk", "arm")) == {OUT: "without", IN: "with"}


def test_a_response_sent_twice_has_one_coupon(placement: Any, answered: Callable[..., Any], reward: Any) -> None:
    said = answered(uuid=uuid.uuid4())

    first, second = (record_response(placement=placement, answered=said) for _ in range(2))

    assert first.coupon == second.coupon
    reward.refresh_from_db()
    assert (Coupon.objects.count(), reward.issued_count) == (1, 1)


def test_the_database_gives_no_coupon_to_who_drew_none(
    placement: Any, answered: Callable[..., Any], trial: RewardTrial
) -> None:
    taken = record_response(placement=placement, answered=answered(uuid=IN, draw=draw_for(IN, trial)))
    assert taken.coupon is not None

    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.filter(pk=taken.pk).update(arm=Arm.WITHOUT)
