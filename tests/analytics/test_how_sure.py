"""How sure the channel report is: intervals, evidence that is weighed or not, and removal effects."""

import datetime as dt
import shutil
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
import time_machine

from analytics.filters import ReportForm
from attribution.customers.models import Customer, Order
from attribution.engine import markov
from attribution.evidence.models import Touchpoint
from attribution.runs import actions as runs
from attribution.runs.models import Run
from tests.analytics import crowd
from tests.analytics.conftest import AUGUST, MARCH
from tests.analytics.shop import SHANGHAI
from tests.analytics.test_channel_report import built, figures, table

JULY = dt.datetime(2026, 7, 10, 12, tzinfo=SHANGHAI)


def judged() -> Run:
    with time_machine.travel(AUGUST, tick=False):
        asked = runs.ask(now=True)
        assert asked.claim()
        return runs.execute(asked)


@pytest.fixture
def crowded(transactional_db, store, channels):
    """``crowded("survey", "coupon")`` fills the shop with a crowd who left such evidence, and judges it."""

    def fill(*kinds):
        crowd.fill(store, channels, *kinds)
        return judged()

    return fill


def told(answer):
    return " ".join(answer.remarks)


# ── Intervals ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_where_a_channel_may_have_won_nobody_its_cost_has_no_upper_end(run):
    columns = "slug", "new_customers_low", "new_customers_high", "cost_low", "cost_high"

    # One of three customers is metro's; drawn anew, it is none to three of three.
    assert table(built(run), "channels", *columns) == [
        ("douyin", None, None, None, None),  # nobody to be drawn
        ("metro", 0.0, 3.0, pytest.approx(31_000 / 3), None),
        ("friends", 0.0, 3.0, None, None),  # cost nothing, whoever came
        ("unknown", 0.0, 3.0, None, None),
        (None, None, None, None, None),  # of all new customers nothing is estimated
    ]


def test_the_estimates_beside_the_table_have_intervals(run):
    ends = {figure.column.key: figure.ends for figure in built(run).figures if figure.ends}

    # 3 first orders among 4: Wilson's interval is from 30.06 % to 95.44 %.
    low, high = 3 + 0.300642, 3 + 0.954413
    assert ends["estimate"] == pytest.approx((low, high), abs=1e-5)
    assert ends["estimate_cost"] == pytest.approx((41_000 / high, 41_000 / low), rel=1e-5)


@pytest.mark.parametrize("model", ["evidence", "precedence", "linear", "time_decay", "shapley", "markov"])
def test_every_model_s_figures_lie_in_their_intervals(crowded, model):
    run = crowded("survey", "coupon")

    for query in ({}, {"end": "2026-03-15"}, {"store": "xuhui"}):
        answer = built(run, model=model, **query)
        columns = "new_customers", "new_customers_low", "new_customers_high", "share", "share_low", "share_high"
        *rows, total = table(answer, "channels", *columns)
        for new, low, high, share, share_low, share_high in rows:
            assert low is None or low <= new <= high
            assert low is None or (share_low, share_high) == pytest.approx((low / total[0], high / total[0]))
            assert share == new / total[0]
        assert any(low is not None and low < high for _new, low, high, *_ in rows)
        assert sum(row[0] for row in rows) == pytest.approx(total[0], abs=1e-9)


# ── Evidence ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_too_little_evidence_is_not_weighed_and_the_report_says_why(run, marketer):
    assert ReportForm(MARCH).is_valid()
    answer = built(run)

    assert dict(answer.workbook.about)["Attribution model"] == "Strongest evidence first"
    assert told(answer) == (
        "Only 0 customers left two kinds of evidence that name a channel; from 30 on they can be weighed against each"
        " other. Until then the figures follow “Strongest evidence first”."
    )
    page = marketer.get("/reports/channels/", MARCH).content.decode()
    assert "Only 0 customers left two kinds of evidence" in page
    assert marketer.get("/api/v1/reports/channels/", MARCH).json()["remarks"] == answer.remarks
    # Asked for all the same, it is answered by the model that stands in.
    weighed, strongest = built(run, model="evidence"), built(run, model="precedence")
    assert weighed.tables[0].rows == strongest.tables[0].rows
    assert told(weighed).startswith("Only 0 customers left")
    assert "inferred" not in figures(weighed)
    assert told(built(run, model="linear")) == ""


def test_evidence_of_two_kinds_is_weighed_by_default_and_says_what_is_assumed(crowded, marketer):
    run = crowded("survey", "coupon")
    answer = built(run)

    assert marketer.get("/api/v1/reports/channels/", MARCH).json()["filters"]["model"] == "evidence"
    assert told(answer).startswith("Only two kinds of evidence speak (answers, coupons), so these shares rest in part")
    assert "Heard of in answers alone, and confirmed by nothing else: Friends." in told(answer)
    assert ("Please note", answer.remarks[0]) in answer.workbook.about
    assert figures(answer)["inferred"] == 10 / 90
    assert table(answer, "channels", "slug", "new_customers")[-2] == ("unknown", 0.0)
    assumed = table(answer, "assumed", "slug", "share_low", "share", "share_high", "half_prior", "double_prior")
    assert [row[0] for row in assumed] == ["douyin", "friends", "metro"]
    assert all(0 < low < share < high < 1 for _slug, low, share, high, *_ in assumed)
    for place in (2, 4, 5):
        assert sum(row[place] for row in assumed) == pytest.approx(1)
    assert [one.key for one in built(run, model="linear").tables] == ["channels", "coupons", "responses"]


def test_evidence_of_three_kinds_needs_no_such_table(crowded):
    answer = built(crowded("survey", "coupon", "link"))

    assert told(answer) == (
        "Heard of in answers alone, and confirmed by nothing else: Friends. Orders and revenue by their own path follow"
        " “Strongest evidence first”: “All evidence weighed” cannot speak of single orders."
    )
    assert [one.key for one in answer.tables] == ["channels", "coupons", "responses"]


def test_nobody_is_inferred_where_nobody_came(crowded):
    assert figures(built(crowded("survey", "coupon"), start="2025-06-01", end="2025-07-01"))["inferred"] is None


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        (["survey"], "Only one kind of evidence speaks (answers), so nothing can be checked against another."),
        ([], "No new customer has left any evidence yet, so there is nothing to weigh."),
    ],
)
def test_the_reason_for_not_weighing_is_told(crowded, kinds, says):
    assert told(built(crowded(*kinds))).startswith(says)


# ── Removal effects ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_removal_effects_share_who_has_a_touch_and_say_nothing_of_single_customers(crowded):
    answer = built(crowded("survey", "coupon"), model="markov")

    rows = {row[0]: row[1:] for row in table(answer, "channels", "slug", "new_customers", "orders", "repeat_rate")}
    assert rows["unknown"] == (10.0, None, None)
    assert sum(rows[slug][0] for slug in ("douyin", "metro", "friends")) == pytest.approx(80)
    assert rows[None] == (90, 90, 0.0)  # what needs no channel is known
    unknown = table(answer, "channels", "slug", "new_customers_low", "new_customers_high")[-2]
    assert unknown == (
        "unknown",
        pytest.approx(5.53, abs=0.01),
        pytest.approx(17.33, abs=0.01),
    )  # Wilson's, of 10 of 90
    assert told(answer).startswith("Removal effects say how much all would lose without a channel")
    assert "Touches remembered: " in told(answer)


def meet(customer, channel, *, minutes):
    at = JULY + timedelta(minutes=minutes)
    key = f"{customer.pk}:{minutes}"
    Touchpoint.objects.create(
        customer=customer, channel=channel, kind="link", occurred_at=at, source_key=key, mapping_key="test"
    )


def test_the_touches_that_a_chain_remembers_are_a_filter(transactional_db, store, channels, marketer):
    # Two met metro and then friends, and one of them bought; a third met Douyin and then friends, and left.
    buyer, *leavers = (Customer.objects.create() for _ in range(3))
    for person, first in zip((buyer, *leavers), ("metro", "metro", "douyin"), strict=True):
        meet(person, channels[first], minutes=0)
        meet(person, channels["friends"], minutes=1)
    at = JULY + timedelta(hours=1)
    Order.objects.create(store=store, number="1", customer=buyer, placed_at=at, amount_minor=1, source="import")
    judged()
    query = {"start": "2026-07-01", "end": "2026-08-01", "model": "markov"}

    def asked(**more):
        return marketer.get("/api/v1/reports/channels/", query | more).json()

    def won(**more):
        return [row["new_customers"] for row in asked(**more)["tables"][0]["rows"]]

    assert won(order="1") == pytest.approx([1 / 6, 1 / 3, 1 / 2, 0])
    assert won(order="2") == pytest.approx([0, 1 / 2, 1 / 2, 0])
    assert won() in ([*won(order=order)] for order in "123")
    assert asked(order="2")["filters"] == query | {"order": "2"}
    assert "Touches remembered" not in " ".join(asked(order="2")["remarks"])
    refused = marketer.get("/reports/channels/", query | {"order": "4"})
    assert (refused.status_code, "“4” is not a number of touches" in refused.content.decode()) == (400, True)


def test_ways_that_go_round_in_circles_have_no_removal_effects_of_a_higher_order(
    transactional_db, store, channels, marketer, monkeypatch
):
    monkeypatch.setattr(markov, "MOST_STEPS", 5)  # and not 100,000
    one, other = (Customer.objects.create() for _ in range(2))
    for minutes in range(10):  # to and fro
        meet(one, channels["douyin" if minutes % 2 else "metro"], minutes=minutes)
    meet(other, channels["friends"], minutes=0)
    at = JULY + timedelta(hours=1)
    Order.objects.create(store=store, number="1", customer=one, placed_at=at, amount_minor=1, source="import")
    judged()
    answer = marketer.get("/reports/channels/", {"period": "all", "model": "markov", "order": "2"})

    assert answer.status_code == 409
    assert "go round in circles" in answer.content.decode()
    assert marketer.get("/reports/channels/", {"period": "all", "model": "markov", "order": "1"}).status_code == 200


def test_the_workbook_says_how_many_touches_are_remembered(run):
    about = dict(built(run, model="markov", order="2").workbook.about)

    assert about["Attribution model"] == "Removal effects (Markov): 2 touches"


# ── By their own path, and before there was such a thing ────────────────────────────────────────────────────────────


def test_each_order_is_credited_by_its_own_path_too(run):
    columns = "slug", "own_orders", "own_revenue", "own_roas"

    # Anna's second order had nothing before it since her first; nobody knows which order Chen's refund gives back.
    assert table(built(run), "channels", *columns) == [
        ("douyin", 0.0, 0.0, 0.0),
        ("metro", 1.0, 2_000.0, 2_000 / 31_000),
        ("friends", 1.0, 1_200.0, None),
        ("unknown", 2.0, 1_500.0 + 700.0 - 200.0, None),
        (None, 4, 5_200, 5_200 / 41_000),
    ]
    assert table(built(run, model="first_touch"), "channels", "own_orders")[1] == (1.0,)


def test_a_run_from_before_orders_and_evidence_were_judged_still_has_its_report(evidence):
    run = judged()
    shutil.rmtree(run.folder / "orders")
    (run.folder / "engine/evidence.json").unlink()
    conversions = run.folder / "engine/conversions.parquet"
    pq.write_table(pq.read_table(conversions).drop_columns(["pattern_id"]), conversions)

    answer = built(run, model="evidence")

    assert table(answer, "channels", "own_orders", "own_revenue", "own_roas") == [(None, None, None)] * 5
    assert table(answer, "channels", "new_customers")[-1] == (3,)
    assert told(answer) == (
        "This run is from before all evidence was weighed. The figures follow “Strongest evidence first” until the next"
        " run. This run is from before orders were credited by their own path; the next one has them."
    )
    assert dict(built(run).workbook.about)["Attribution model"] == "Strongest evidence first"
