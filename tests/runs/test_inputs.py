"""What the engine is given of a snapshot."""

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from attribution.coupons.actions import issue_coupon, redeem_coupon
from attribution.coupons.models import CouponBatch, Redemption
from attribution.customers.models import Customer, Order, Store
from attribution.evidence.actions import record_touch, retract_touch
from attribution.evidence.models import Channel, Touchpoint, TrackedLink
from attribution.runs import inputs
from attribution.runs.snapshot import write_facts
from attribution.warehouse import snapshot
from surveys.actions import Answered, publish_version, record_response
from surveys.definition import Text
from surveys.firstvisit import ChannelChoice, first_visit
from surveys.models import Placement, Response, Survey, SurveyVersion

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_names_nobody_is_heard_as_such(
    store: Store, channels: dict[str, Channel], tmp_path: Path
) -> None:
    survey = Survey.objects.create(name_en="First visit")
    publish_version(survey=survey, definition=first_visit([ChannelChoice("metro", Text("地铁", "Metro"), "other")]))
    placement = Placement.objects.create(survey=survey, store=store)
    for said in ("dont_remember", "metro", "other"):
        record_response(
            placement=placement,
            answered=Answered(
                uuid=uuid.uuid4(), version=survey.latest_version(), answers={"first_heard": said}, language="en",
                shown_at=NOON, shown_order={}, submitted_at=NOON, device=f"the phone of {said}",
            ),
        )  # fmt: skip
    forgetful, sure, _ = Response.objects.order_by("received_at")
    assert Customer.objects.count() == 3

    write_facts(tmp_path / "facts", lambda done, total: None)

    assert sorted(duckdb.sql(inputs.touches(tmp_path / "facts").sql).fetchall()) == [
        (forgetful.customer_id, "dont_remember", "survey", NOON.replace(tzinfo=None)),
        (sure.customer_id, "metro", "survey", NOON.replace(tzinfo=None)),
    ]


@pytest.mark.django_db(transaction=True)
def test_what_has_ever_spoken_for_a_channel_can_speak(
    store: Store, channels: dict[str, Channel], tmp_path: Path
) -> None:
    customer = Customer.objects.create()
    TrackedLink.objects.create(name_en="Poster", channel=channels["metro"], destination="/")
    CouponBatch.objects.create(name_en="Ten off", channel=channels["douyin"], face_value_minor=1000)
    heard = [("friends", "referral"), ("friends", "referral"), ("douyin", "import"), ("friends", "coupon")]
    for number, (slug, kind) in enumerate(heard):
        record_touch(
            customer=customer, channel=channels[slug], kind=kind, occurred_at=NOON, source_key=f"k:{number}",
            mapping_key="m",
        )  # fmt: skip
    retract_touch(kind="import", source_key="k:2")

    write_facts(tmp_path / "facts", lambda done, total: None)

    surveys = [("douyin", "survey"), ("friends", "survey"), ("metro", "survey")]
    assert sorted(duckdb.sql(inputs.capabilities(tmp_path / "facts").sql).fetchall()) == sorted(
        [*surveys, ("metro", "link"), ("douyin", "coupon"), ("friends", "referral")]
    )


@pytest.mark.django_db(transaction=True)
def test_whoever_was_merged_leaves_as_the_one_that_is_left(
    store: Store, channels: dict[str, Channel], clerk: Any, tmp_path: Path
) -> None:
    left = Customer.objects.create()
    merged = Customer.objects.create(merged_into=left)
    Order.objects.create(store=store, number="1", customer=merged, placed_at=NOON, amount_minor=4000, source="import")
    batch = CouponBatch.objects.create(name_en="Ten off", channel=channels["douyin"], face_value_minor=1000)
    coupon = issue_coupon(batch=batch, customer=merged, at=NOON)
    redeem_coupon(
        code=coupon.code, store=store, staff=clerk.staff, request_id=uuid.uuid4(), amount_minor=4000, order_number="",
        at=NOON,
    )  # fmt: skip
    Redemption.objects.update(customer=merged)
    Touchpoint.objects.update(customer=merged)
    survey = Survey.objects.create(name_en="First visit")
    version = SurveyVersion.objects.create(survey=survey, number=1, definition={})
    placement = Placement.objects.create(survey=survey, store=store)
    Response.objects.create(
        placement=placement, version=version, language="en", customer=merged, submitted_at=NOON, received_at=NOON
    )

    write_facts(tmp_path / "facts", lambda done, total: None)

    con = snapshot(tmp_path / "facts")
    for name in ("orders", "coupons", "redemptions", "touches", "responses"):
        assert con.sql(f'SELECT customer_id FROM "{name}"').fetchall() == [(left.pk,)], name
