"""The big shop that runs are timed on is a whole one, on either database."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Min

from attribution.customers.models import Customer, Order
from attribution.evidence.models import Touchpoint
from attribution.runs import actions
from attribution.runs.results import RunResults
from benchmarks.filling import fill
from surveys.models import Response


@pytest.fixture
def shop(transactional_db: None, settings: Any, tmp_path: Path) -> None:
    settings.SNAPSHOT_DIR = tmp_path
    fill(300, 900, 1_200)


def test_the_shop_has_so_many_rows_and_breaks_no_constraint(shop: None) -> None:
    connection.check_constraints()

    assert (Customer.objects.count(), Touchpoint.objects.count(), Order.objects.count()) == (300, 900, 1_200)
    first = Order.objects.filter(kind="sale").exclude(customer=None).values("customer").annotate(at=Min("placed_at"))
    assert first.count() == 300
    answered = Touchpoint.objects.filter(kind="survey")
    assert Response.objects.count() == answered.count() > 100


def test_channels_speak_only_through_what_they_have(shop: None) -> None:
    for kind, channels in (("coupon", 5), ("link", 4), ("referral", 1)):
        spoken = Touchpoint.objects.filter(kind=kind)
        assert spoken.values("channel").distinct().count() == channels
    coupons = set(Touchpoint.objects.filter(kind="coupon").values_list("channel", flat=True))
    assert coupons == set(
        Touchpoint.objects.filter(channel__couponbatch__isnull=False).values_list("channel", flat=True)
    )


def test_a_run_judges_all_its_customers(shop: None) -> None:
    actions.ask(now=True)
    run = actions.look()

    assert run is not None
    assert (run.state, run.customers) == ("done", 300)
    customers = {row["channel"]: row["customers"] for row in RunResults(run).judgement.summary("linear").to_pylist()}
    assert customers["unknown"] < 60  # one in twenty has no touch, and some touches are too old
