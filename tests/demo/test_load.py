"""The demo shop in the database."""

import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Sum

from attribution.coupons.models import CouponBatch, Redemption
from attribution.customers.models import Customer, Identity, Order, Staff, Store
from attribution.evidence.models import Channel, Touchpoint, Visit
from attribution.runs import actions
from attribution.runs.results import RunResults
from surveys.models import PlacementDay, PlacementHour, Response

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def demo(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(current_app, "send_task", lambda *args, **options: None)
    call_command("load_demo", "--customers", "150", "--seed", "5", "--until", "2026-10-31", verbosity=0)
    return tmp_path / "demo"


def test_the_demo_shop_is_whole(demo: Path) -> None:
    assert (Store.objects.count(), Channel.objects.count()) == (6, 9)
    assert Order.objects.filter(kind="sale", customer__isnull=False).values("customer").distinct().count() == 150
    assert Response.objects.filter(coupon=None, received_at__isnull=False).count() == 0
    redemptions = Redemption.objects.filter(batch__channel__isnull=False).count()
    assert Touchpoint.objects.filter(kind="coupon").count() == redemptions
    assert Touchpoint.objects.filter(kind="link").exists()
    for batch in CouponBatch.objects.filter(issuer="own").annotate(made=Count("coupons")):
        assert batch.issued_count == batch.made
    assert not Redemption.objects.exclude(order__store=F("store")).exists()


def test_what_was_shown_started_and_finished_agrees_however_it_is_counted(demo: Path) -> None:
    sums = [Sum(event) for event in ("impressions", "starts", "finishes")]
    by_day, by_hour = (model.objects.aggregate(*sums) for model in (PlacementDay, PlacementHour))

    assert by_day == by_hour
    finished = Response.objects.filter(received_at__isnull=False).count()
    assert (finished, Response.objects.count()) == (by_day["finishes__sum"], by_day["starts__sum"])
    assert not Response.objects.filter(steps="").exists()


def test_each_answer_knows_where_the_choice_stood(demo: Path) -> None:
    said = Response.objects.filter(choice__channel__isnull=False)
    assert said.exists()
    for response in said:
        shown = response.shown_order["first_heard"]
        assert (shown[response.chosen_place], response.places) == (response.answers["first_heard"], 9)
    assert set(Response.objects.filter(choice__channel=None).values_list("chosen_place", "places")) <= {(None, None)}


def test_a_link_is_a_touch_only_where_the_device_is_known(demo: Path) -> None:
    known = set(Identity.objects.filter(kind="device").values_list("digest", flat=True))
    touched = {int(key.removeprefix("visit:")) for key in _keys("link")}
    assert touched == set(Visit.objects.filter(device_digest__in=known).values_list("pk", flat=True))


def _keys(kind: str) -> list[str]:
    return list(Touchpoint.objects.filter(kind=kind).values_list("source_key", flat=True))


def test_a_run_judges_all_its_customers_and_the_truth_stays_out_of_it(demo: Path) -> None:
    run = actions.look()
    assert run.customers == 150
    total = sum(row["customers"] for row in RunResults(run).judgement.summary("precedence").to_pylist())
    assert total == pytest.approx(150, abs=1e-9)
    truth = pd.read_parquet(demo / "truth.parquet")
    assert set(truth["customer_id"]) == set(Order.objects.exclude(customer=None).values_list("customer", flat=True))
    assert set(truth["channel"]) <= set(Channel.objects.values_list("slug", flat=True))


def test_nothing_in_the_product_reads_the_truth() -> None:
    found = subprocess.run(
        ["git", "grep", "-lE", r"truth\.parquet|analytics\.demo", "--", "*.py", "*.html", "*.js"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    readers = {
        path for path in found.stdout.split() if not path.startswith(("tests/", "benchmarks/", "analytics/demo/"))
    }
    assert readers == {"analytics/management/commands/load_demo.py"}


def test_the_three_logins_work_and_are_nobody_elses_to_read(demo: Path) -> None:
    lines = [line.split() for line in (demo / "logins.txt").read_text().splitlines()]
    assert [name for name, _ in lines] == ["marketer", "clerk", "manager"]
    for name, password in lines:
        assert Staff.objects.get(username=name).check_password(password)
    assert (demo / "logins.txt").stat().st_mode & 0o077 == 0


def test_a_shop_that_is_there_is_never_touched(demo: Path) -> None:
    before = (Customer.objects.count(), Order.objects.aggregate(sum=Sum("amount_minor"))["sum"])
    call_command("load_demo", "--if-empty", verbosity=0)
    with pytest.raises(CommandError, match="needs an empty one"):
        call_command("load_demo", verbosity=0)
    assert (Customer.objects.count(), Order.objects.aggregate(sum=Sum("amount_minor"))["sum"]) == before


def test_an_owner_who_has_only_a_login_is_not_given_a_demo(db: None) -> None:
    Staff.objects.create_superuser("owner")

    call_command("load_demo", "--if-empty", verbosity=0)

    assert not Customer.objects.exists()


def test_a_number_of_customers_out_of_range_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="--customers"):
        call_command("load_demo", "--customers", "0", verbosity=0)
