"""A shop small enough to be worked out by hand, judged on 1 August 2026 at noon in Shanghai.

March 2026: Anna scanned a metro poster on the 2nd, came on the 4th (20.00) and again on the 20th (15.00). Bo came on
the 10th (12.00) and said that friends had told him. Chen came on the 15th (7.00) for no known reason and got 2.00 back
on the 16th. Dan scanned a poster on the 5th and never came. Somebody unidentified paid 6.00 on the 12th. The posters
cost 310.00 in March, Douyin 100.00 on the 10th in Xuhui; of Douyin's 4 coupons one was redeemed. The questionnaire was
shown 20 times, started 12 times and finished 9 times.
"""

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine
from celery import current_app

from attribution.coupons.models import Coupon, CouponBatch, Redemption
from attribution.customers.models import Customer, Order, Staff
from attribution.engine.evidence import gibbs
from attribution.evidence.models import Spend, Touchpoint
from attribution.runs import actions as runs
from attribution.runs.models import Run
from surveys.models import Placement, PlacementDay, Survey
from tests.analytics.shop import SHANGHAI

AUGUST = dt.datetime(2026, 8, 1, 12, tzinfo=SHANGHAI)
MARCH = {"start": "2026-03-01", "end": "2026-04-01"}


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages to the worker, instead of a broker."""
    messages: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: messages.append(name))
    return messages


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report shows what a run says, however long its sampler has drawn."""
    monkeypatch.setattr(gibbs, "BURN_IN", 50)
    monkeypatch.setattr(gibbs, "STEPS", 100)


def on(day: int, hour: int = 12) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=SHANGHAI)


def sale(store: Any, customer: Customer | None, day: int, minor: int, kind: str = "sale") -> Order:
    number = f"{kind}-{Order.objects.count()}"
    return Order.objects.create(
        store=store, number=number, customer=customer, placed_at=on(day), amount_minor=minor, kind=kind, source="import"
    )


def touch(customer: Customer, channel: Any, kind: str, day: int) -> None:
    Touchpoint.objects.create(
        customer=customer,
        channel=channel,
        kind=kind,
        occurred_at=on(day),
        source_key=f"{kind}:{customer.pk}",
        mapping_key="test",
    )


@pytest.fixture
def evidence(transactional_db: None, store: Any, other_store: Any, channels: dict[str, Any]) -> None:
    anna, bo, chen, dan = (Customer.objects.create() for _ in range(4))
    touch(anna, channels["metro"], "link", 2)
    sale(store, anna, 4, 2_000)
    sale(store, anna, 20, 1_500)
    sale(store, bo, 10, 1_200)
    touch(bo, channels["friends"], "survey", 10)
    sale(other_store, chen, 15, 700)
    sale(other_store, chen, 16, 200, "refund")
    touch(dan, channels["metro"], "link", 5)
    sale(other_store, None, 12, 600)
    _spend(channels, store)
    _coupons(channels["douyin"], store)
    placement = Placement.objects.create(survey=Survey.objects.create(name_en="Hello"), store=store, spot="counter")
    PlacementDay.objects.create(placement=placement, day=on(10).date(), impressions=20, starts=12, finishes=9)


def _spend(channels: dict[str, Any], store: Any) -> None:
    first, last = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
    Spend.objects.create(
        channel=channels["metro"], first_day=first, last_day=last, amount_minor=31_000, source_key="metro"
    )
    tenth = dt.date(2026, 3, 10)
    Spend.objects.create(
        channel=channels["douyin"],
        store=store,
        first_day=tenth,
        last_day=tenth,
        amount_minor=10_000,
        source_key="douyin",
    )


def _coupons(douyin: Any, store: Any) -> None:
    batch = CouponBatch.objects.create(channel=douyin, face_value_minor=500, name_en="Five off")
    coupons = [Coupon.objects.create(batch=batch, code=f"CODE{n}", issued_at=on(5)) for n in range(4)]
    staff = Staff.objects.create(username="till", role="clerk", store=store)
    Redemption.objects.create(
        coupon=coupons[0],
        batch=batch,
        store=store,
        staff=staff,
        discount_minor=500,
        request_id=uuid.uuid4(),
        request_digest="x",
        redeemed_at=on(18),
    )


@pytest.fixture
def run(evidence: None) -> Run:
    """The shop, judged."""
    with time_machine.travel(AUGUST, tick=False):
        asked = runs.ask(now=True)
        assert asked is not None
        assert asked.claim()
        return runs.execute(asked)
