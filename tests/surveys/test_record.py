"""What follows from one submitted response, and that it follows once."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from attribution.coupons.models import Coupon
from attribution.customers.actions import find_customer, record_order
from attribution.customers.identities import BadPhone
from attribution.customers.models import Consent, Customer, Identity, Order
from attribution.evidence.actions import record_visit
from attribution.evidence.models import Touchpoint, TrackedLink
from surveys.actions import count_impression, record_response, save_step
from surveys.errors import ResponseTaken, TooManySaves
from surveys.models import Placement, PlacementDay, Response
from surveys.refusals import BadAnswers

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DEVICE = "device-token-of-a-guest"
Build = Callable[..., Any]


def counts(placement: Placement) -> list[tuple[date, int, int, int]]:
    days = PlacementDay.objects.filter(placement=placement).order_by("day")
    return list(days.values_list("day", "impressions", "starts", "finishes"))


def test_an_answer_becomes_a_touch_of_its_channel(placement: Placement, answered: Build, bell: list[None]) -> None:
    response = record_response(placement=placement, answered=answered(device=DEVICE))

    touch = Touchpoint.objects.get()
    assert (touch.kind, touch.channel.slug, touch.occurred_at) == ("survey", "douyin", NOON)
    assert touch.source_key == f"response:{response.pk}"
    assert touch.mapping_key == f"choice:{response.version.survey_id}:first_heard:douyin"
    assert touch.customer == response.customer == find_customer(kind="device", value=DEVICE)
    assert bell


def test_what_the_answers_mean_is_stored_beside_them(placement: Placement, answered: Build) -> None:
    record_response(placement=placement, answered=answered())

    response = Response.objects.get()
    assert response.answers == {"first_heard": "douyin", "which_short_video": "阿明", "nps": 9}
    assert (response.choice.option_key, response.nps, response.has_dont_remember) == ("douyin", 9, False)
    assert response.submitted_at == NOON


SHOWN = {"first_heard": ["metro", "douyin", "friends", "other", "dont_remember"]}


@pytest.mark.parametrize(
    ("said", "place"),
    [("metro", (0, 3)), ("friends", (2, 3)), ("other", (None, None)), ("dont_remember", (None, None))],
)
def test_where_the_choice_stood_is_stored_unless_it_always_stands_last(
    placement: Placement, answered: Build, said: str, place: Any
) -> None:
    response = record_response(placement=placement, answered=answered(answers={"first_heard": said}, shown_order=SHOWN))

    assert (response.chosen_place, response.places) == place


def test_the_order_of_another_device_is_not_known(placement: Placement, answered: Build) -> None:
    response = record_response(placement=placement, answered=answered(shown_order={}))

    assert (response.chosen_place, response.places) == (None, None)


def test_what_was_answered_before_gets_its_place_too(
    placement: Placement, answered: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = import_module("surveys.migrations.0002_response_place")
    monkeypatch.setattr(migration, "CHUNK", 2)
    said = ["douyin", "other", "metro"]
    for one in said:
        record_response(placement=placement, answered=answered(answers={"first_heard": one}, shown_order=SHOWN))
    Response.objects.update(chosen_place=None, places=None)

    migration.fill(apps, None)

    stored = {r.answers["first_heard"]: (r.chosen_place, r.places) for r in Response.objects.all()}
    assert stored == {"douyin": (1, 3), "other": (None, None), "metro": (0, 3)}


def test_not_remembering_is_no_touch(placement: Placement, answered: Build) -> None:
    response = record_response(placement=placement, answered=answered(answers={"first_heard": "dont_remember"}))

    assert response.has_dont_remember
    assert response.choice is None
    assert response.nps is None
    assert not Touchpoint.objects.exists()


def test_a_choice_without_a_channel_is_no_touch(placement: Placement, answered: Build) -> None:
    answers = {"first_heard": "other", "first_heard.text": "报纸"}
    response = record_response(placement=placement, answered=answered(answers=answers))

    assert response.choice is not None
    assert not Touchpoint.objects.exists()


def test_visits_of_the_device_become_touches(placement: Placement, answered: Build, channels: Any) -> None:
    link = TrackedLink.objects.create(name_en="Poster", channel=channels["metro"], destination="/s/x")
    record_visit(link=link, device=DEVICE, at=NOON - timedelta(hours=1))

    record_response(placement=placement, answered=answered(device=DEVICE))

    assert set(Touchpoint.objects.values_list("kind", "channel__slug")) == {("survey", "douyin"), ("link", "metro")}


def test_the_same_response_again_changes_nothing(placement: Placement, answered: Build, reward: Any) -> None:
    first = record_response(placement=placement, answered=answered())
    again = record_response(placement=placement, answered=answered(uuid=first.pk, answers={"first_heard": "metro"}))

    assert again.answers["first_heard"] == "douyin"
    assert again.coupon == first.coupon
    assert (Response.objects.count(), Coupon.objects.count(), Touchpoint.objects.count()) == (1, 1, 1)
    assert counts(placement) == [(date(2026, 3, 2), 1, 1, 1)]


def test_a_response_belongs_to_its_placement(placement: Placement, kiosk: Placement, answered: Build) -> None:
    first = record_response(placement=placement, answered=answered())

    with pytest.raises(ResponseTaken):
        record_response(placement=kiosk, answered=answered(uuid=first.pk))


def test_a_phone_is_sealed_and_consent_given_only_if_ticked(placement: Placement, answered: Build) -> None:
    quiet = record_response(placement=placement, answered=answered(phone="138 0013 8000", device=None))
    assert find_customer(kind="phone", value="+8613800138000") == quiet.customer
    assert not Consent.objects.exists()

    loud = record_response(
        placement=placement, answered=answered(phone="13900139000", has_consent=True, language="zh-hans", device=None)
    )
    consent = Consent.objects.get()
    assert (consent.customer, consent.purpose, consent.language) == (loud.customer, "contact", "zh-hans")
    assert (consent.text_version, consent.where, consent.granted_at) == (
        "contact-1", f"placement:{placement.pk}", NOON,
    )  # fmt: skip


def test_consent_without_a_phone_is_none(placement: Placement, answered: Build) -> None:
    record_response(placement=placement, answered=answered(has_consent=True))

    assert not Consent.objects.exists()


def test_no_phone_stands_among_the_answers(placement: Placement, answered: Build) -> None:
    with pytest.raises(BadAnswers) as refused:
        record_response(
            placement=placement, answered=answered(answers={"first_heard": "metro", "phone": "13800138000"})
        )
    assert refused.value.code == "phone_apart"


def test_a_wrong_phone_stores_nothing(placement: Placement, answered: Build, reward: Any) -> None:
    with pytest.raises(BadPhone):
        record_response(placement=placement, answered=answered(phone="12"))

    assert not Response.objects.exists()
    assert not Coupon.objects.exists()
    assert not PlacementDay.objects.exists()


def test_an_unknown_option_is_refused_by_name(placement: Placement, answered: Build) -> None:
    with pytest.raises(BadAnswers, match="“radio” is not one of the answers to first_heard") as refused:
        record_response(placement=placement, answered=answered(answers={"first_heard": "radio"}))
    assert refused.value.field == "answers.first_heard"


def test_a_guest_at_the_tablet_without_a_phone_is_a_customer_of_their_own(kiosk: Placement, answered: Build) -> None:
    one = record_response(placement=kiosk, answered=answered(device=None))
    two = record_response(placement=kiosk, answered=answered(device=None))

    assert one.customer != two.customer
    assert not Identity.objects.exists()


def test_a_thank_you_coupon_is_the_customers(placement: Placement, answered: Build, reward: Any) -> None:
    response = record_response(placement=placement, answered=answered())

    coupon = Coupon.objects.get()
    assert (coupon.batch, coupon.issued_to, response.coupon) == (reward, response.customer, coupon)


def test_without_stock_the_answer_counts_all_the_same(placement: Placement, answered: Build, reward: Any) -> None:
    responses = [record_response(placement=placement, answered=answered()) for _ in range(4)]

    assert [bool(response.coupon) for response in responses] == [True, True, True, False]
    assert Touchpoint.objects.count() == 4


def test_the_receipts_order_becomes_the_guests(placement: Placement, answered: Build, store: Any) -> None:
    order, _ = record_order(store=store, number="A-17", placed_at=NOON, amount_minor=2300, source="till")

    response = record_response(placement=placement, answered=answered(receipt="A-17"))

    order.refresh_from_db()
    assert order.customer == response.customer
    assert response.receipt_number == "A-17"


def test_an_order_that_has_a_customer_keeps_it(placement: Placement, answered: Build, store: Any) -> None:
    owner = Customer.objects.create()
    record_order(store=store, number="A-17", placed_at=NOON, amount_minor=2300, source="till", customer=owner)

    record_response(placement=placement, answered=answered(receipt="A-17"))

    assert Order.objects.get().customer == owner


def test_a_receipt_of_another_store_means_nothing(placement: Placement, answered: Build, other_store: Any) -> None:
    record_order(store=other_store, number="A-17", placed_at=NOON, amount_minor=2300, source="till")

    record_response(placement=placement, answered=answered(receipt="A-17"))

    assert Order.objects.get().customer is None


def test_it_counts_on_the_stores_day_on_which_it_was_shown(placement: Placement, answered: Build) -> None:
    late = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai; the answer comes after midnight
    count_impression(placement=placement, at=late)
    count_impression(placement=placement, at=late + timedelta(minutes=2))

    answer = answered(shown_at=late, submitted_at=late + timedelta(minutes=3))
    save_step(placement=placement, answered=answer)
    record_response(placement=placement, answered=answer)

    assert counts(placement) == [(date(2026, 3, 2), 1, 1, 1), (date(2026, 3, 3), 1, 0, 0)]


def test_a_saved_step_is_a_start_and_no_answer_yet(placement: Placement, answered: Build, bell: list[None]) -> None:
    answer = answered(answers={"first_heard": "metro"})
    save_step(placement=placement, answered=answer)
    save_step(placement=placement, answered=answer)

    response = Response.objects.get()
    assert response.answers == {"first_heard": "metro"}
    assert response.customer is None
    assert not response.is_submitted
    assert response.saves == 2
    assert counts(placement) == [(date(2026, 3, 2), 0, 1, 0)]
    assert not bell


def test_a_step_after_the_end_changes_nothing(placement: Placement, answered: Build) -> None:
    first = record_response(placement=placement, answered=answered())
    late = save_step(placement=placement, answered=answered(uuid=first.pk, answers={}))

    assert late.answers == first.answers


def test_a_response_is_saved_200_times_at_most(placement: Placement, answered: Build) -> None:
    response = save_step(placement=placement, answered=answered())
    Response.objects.update(saves=200)

    with pytest.raises(TooManySaves):
        save_step(placement=placement, answered=answered(uuid=response.pk))


def test_a_survey_without_channel_and_score_is_recorded_too(placement: Placement, answered: Build) -> None:
    from surveys.actions import publish_version
    from surveys.definition import Definition, Kind, Question, Text

    text = Question("wish", Kind.TEXT, Text("愿望", "A wish"))
    version = publish_version(survey=placement.survey, definition=Definition((text,)))
    response = record_response(
        placement=placement, answered=answered(version=version, answers={"wish": "🎈"}, uuid=uuid.uuid4())
    )

    assert response.answers == {"wish": "🎈"}
    assert (response.choice, response.nps) == (None, None)


def test_without_a_moment_of_its_own_an_answer_is_of_now(placement: Placement, answered: Build) -> None:
    response = record_response(placement=placement, answered=answered(submitted_at=None))

    assert response.submitted_at is not None
    assert response.received_at is not None
    assert abs(response.received_at - response.submitted_at) < timedelta(minutes=1)
