"""The channel report of the shop in conftest.py, worked by hand."""

import pandas as pd
import pytest

from analytics import reports
from analytics.filters import ReportForm
from attribution.coupons.models import CouponBatch
from attribution.evidence.models import Channel
from surveys.models import Placement
from tests.analytics.conftest import MARCH


def built(run, **changes):
    form = ReportForm(MARCH | changes)
    assert form.is_valid(), form.errors
    return reports.build(reports.get("channels"), run, form.filters())


def table(answer, key, *columns):
    found = next(table for table in answer.tables if table.key == key)
    rows = found.to_json()["rows"] + ([found.to_json()["totals"]] if found.totals else [])
    return [tuple(row[column] for column in columns) for row in rows]


def figures(answer):
    return {figure.column.key: figure.value for figure in answer.figures}


def test_what_a_new_customer_cost(run):
    columns = "slug", "spend", "new_customers", "share", "cost"

    assert table(built(run), "channels", *columns) == [
        ("douyin", 10_000, 0.0, 0.0, None),
        ("metro", 31_000, 1.0, 1 / 3, 31_000.0),
        ("friends", 0, 1.0, 1 / 3, 0.0),
        ("unknown", None, 1.0, 1 / 3, None),
        (None, 41_000, 3, 1.0, 41_000 / 3),
    ]


def test_which_leads_bought_and_which_coupons_were_used(run):
    columns = "slug", "leads", "still_open", "old_enough", "converted", "conversion_rate", "coupon_rate"

    assert table(built(run), "channels", *columns) == [
        ("douyin", 0, 0, 0, 0, None, 0.25),
        ("metro", 2, 0, 2, 1, 0.5, None),
        ("friends", 0, 0, 0, 0, None, None),
        ("unknown", None, None, None, None, None, None),
        (None, 2, 0, 2, 1, 0.5, 0.25),
    ]


def test_who_came_back_and_what_they_paid(run):
    columns = "slug", "repeat_rate", "orders", "revenue", "average_order", "roas"

    assert table(built(run), "channels", *columns) == [
        ("douyin", None, 0.0, 0.0, None, 0.0),
        ("metro", 1.0, 2.0, 3_500.0, 1_750.0, 3_500 / 31_000),
        ("friends", 0.0, 1.0, 1_200.0, 1_200.0, None),
        ("unknown", 0.0, 1.0, 500.0, 500.0, None),  # 700 less 200 given back, and still one order
        (None, pytest.approx(1 / 3), 4, 5_200, 1_300.0, 5_200 / 41_000),
    ]


def test_unidentified_orders_stand_beside_with_what_they_may_mean(run):
    answer = built(run)

    assert figures(answer) == {
        "new": 3,
        "not_known": 0,
        "spend": 41_000,
        "cost": 41_000 / 3,
        "orders": 4,
        "unidentified_orders": 1,
        "orders_share": 0.8,
        "revenue": 5_200,
        "unidentified_revenue": 600,
        "revenue_share": 5_200 / 5_800,
        "estimate": 3.75,  # 3 new among 4 identified orders, so 0.75 more in 1 unidentified order
        "estimate_cost": 41_000 / 3.75,
    }
    assert answer.tables[0].notes == (
        "1 orders of the period belong to no identified customer and are in no row above.",
    )


def test_coupons_by_batch_and_responses_by_placement(run):
    answer = built(run)

    columns = "batch", "channel", "issued", "redeemed", "conversion_rate", "uses"
    assert table(answer, "coupons", *columns) == [("Five off", "Douyin", 4, 1, 0.25, 1), ("Total", None, 4, 1, 0.25, 1)]
    columns = "store", "spot", "shown", "started", "finished", "response_rate"
    assert table(answer, "responses", *columns) == [
        ("Xuhui", "counter", 20, 12, 9, 0.45),
        ("Total", None, 20, 12, 9, 0.45),
    ]


def test_under_a_store_what_nobody_knows_is_unknown(run):
    answer = built(run, store="xuhui")

    # The posters' entry names no store, so their spend there is not known, and neither is the sum.
    assert table(answer, "channels", "slug", "spend", "new_customers", "cost", "leads", "orders") == [
        ("douyin", 10_000, 0.0, None, None, 0.0),
        ("metro", None, 1.0, None, None, 2.0),
        ("friends", 0, 1.0, 0.0, None, 1.0),
        ("unknown", None, 0.0, None, None, 0.0),
        (None, None, 2, None, None, 3),
    ]


def test_a_period_without_anything_has_no_rates(run):
    answer = built(run, start="2025-06-01", end="2025-07-01")

    assert table(answer, "channels", "slug", "new_customers", "share", "cost", "repeat_rate")[-1] == (
        None,
        0,
        None,
        None,
        None,
    )
    assert figures(answer)["estimate"] is None
    assert table(answer, "coupons", "batch") == table(answer, "responses", "store") == [("Total",)]


def test_first_buyers_in_the_first_90_days_of_the_records_stand_apart(run, settings):
    settings.HISTORY_STARTS = pd.Timestamp("2025-12-10").date()  # 90 days later is 10 March, the day Bo came

    answer = built(run)

    assert (figures(answer)["new"], figures(answer)["not_known"]) == (2, 1)
    assert answer.tables[0].notes[1].startswith("1 first buyers are not counted as new")


def test_a_channel_that_was_switched_off_is_shown_only_where_it_has_something_to_say(run):
    Channel.objects.update(is_active=False)

    slugs = [slug for (slug,) in table(built(run), "channels", "slug")]
    assert slugs == ["douyin", "metro", "friends", "unknown", None]
    slugs = [slug for (slug,) in table(built(run, start="2025-06-01", end="2025-07-01"), "channels", "slug")]
    assert slugs == ["unknown", None]


def test_what_was_removed_since_the_run_still_counts(run, monkeypatch):
    monkeypatch.setattr(CouponBatch.objects, "in_bulk", lambda ids: {})
    monkeypatch.setattr(Placement.objects, "select_related", lambda name: Placement.objects.none())

    assert table(built(run), "coupons", "batch", "issued")[0] == ("", 4)
    assert table(built(run), "responses", "store", "shown")[0] == (None, 20)


def test_the_same_question_is_answered_from_the_cache(run, django_assert_max_num_queries):
    first = built(run)

    # stores and the form, channels, batches, placements: but nothing of the run is read again
    with django_assert_max_num_queries(8):
        again = built(run)

    assert [table.rows for table in again.tables] == [table.rows for table in first.tables]


def test_the_workbook_says_where_its_numbers_come_from(run):
    about = dict(built(run, store="xuhui", model="linear").workbook.about)

    assert about["Store"] == "Xuhui (xuhui)"
    assert about["Attribution model"] == "Linear"
    assert about["Run id"] == str(run.uuid)
    assert about["Evidence up to (watermark)"] == run.watermark
    assert about["Identified new customers"] == 2


def test_every_model_that_credits_customers_makes_a_report(run):
    from analytics.filters import MODEL_NAMES

    for model in MODEL_NAMES:
        found = built(run, model=model)
        assert figures(found)["new"] == 3
        assert sum(row[0] for row in table(found, "channels", "new_customers")[:-1]) == pytest.approx(3, abs=1e-9)


def test_two_reports_cannot_have_one_name():
    report = reports.Report("channels", "Another", ReportForm, lambda run, filters: ([], []))

    with pytest.raises(ValueError, match="two reports"):
        reports.registry.register(report)
