"""How sure the judgement is: the report, and that every number of it leads to customers."""

import datetime as dt
import json
import re
from dataclasses import replace
from html import unescape
from io import BytesIO

import openpyxl
import pandas as pd
import pytest
import time_machine

from analytics import actions
from analytics.demo.load import load_demo
from analytics.metrics.survey import Said
from analytics.reports.evidence_short import in_short
from attribution.engine import MODELS
from attribution.engine.evidence import fit_evidence
from attribution.runs import actions as runs
from tests.analytics.conftest import AUGUST, MARCH
from tests.engine.shop import Sale, Touch, judged

PAGE, API = "/reports/evidence/", "/api/v1/reports/evidence/"
ALL = {"period": "all"}


@pytest.fixture
def weighed(transactional_db, tmp_path):
    """The demo shop, small, judged."""
    with time_machine.travel(AUGUST, tick=False):
        load_demo(customers=600, seed=3, until=dt.date(2026, 7, 31), truth=tmp_path / "truth.parquet")
        asked = runs.ask(now=True)
        assert asked is not None
        assert asked.claim()
        yield runs.execute(asked)


def tables(client, query=ALL, report="evidence"):
    answer = client.get(f"/api/v1/reports/{report}/", query)
    assert answer.status_code == 200, answer.json()
    return {table["key"]: table for table in answer.json()["tables"]}


def by(rows, key="slug"):
    return {row[key]: row for row in rows}


def test_the_report_agrees_with_the_channel_report_its_page_and_its_workbook(weighed, marketer):
    found = tables(marketer)
    assert list(found) == [
        "short", "views", "recall_survey", "recall_coupon", "recall_link", "response", "agreement", "check", "assumed",
    ]  # fmt: skip
    channels = by(tables(marketer, ALL | {"model": "evidence"}, "channels")["channels"]["rows"])
    precedence = by(tables(marketer, ALL | {"model": "precedence"}, "channels")["channels"]["rows"])
    for slug, row in by(found["views"]["rows"]).items():
        ends = ("customers", "customers_low", "customers_high")
        assert [row[key] for key in ends] == [
            channels[slug][key] for key in ("new_customers", "new_customers_low", "new_customers_high")
        ]
        assert row["precedence"] == pytest.approx(precedence[slug]["share"])
    for view in ("evidence", "precedence", "survey"):
        assert sum(row[view] or 0.0 for row in found["views"]["rows"]) == pytest.approx(1)
    assert_rows_are_whole(found)
    page = marketer.get(PAGE, ALL).context["built"]
    assert json.loads(json.dumps([table.to_json() for table in page.tables])) == list(found.values())
    assert workbook(marketer).sheetnames[:3] == ["About", "In short", "What each view says"]


def assert_rows_are_whole(found):
    """Of those who answer, all say something; all channels are on both sides of the table."""
    for row in found["recall_survey"]["rows"]:
        said = {key: value for key, value in row.items() if re.fullmatch(r"said_[a-z_]+(?<!_low)(?<!_high)", key)}
        assert sum(said.values()) == pytest.approx(1)
        assert set(said) >= {f"said_{row['slug']}", "said_dont_remember"}


def workbook(client):
    asked = client.post("/reports/evidence/excel/", {"start": "2020-01-01", "end": "2026-08-02"})
    actions.look()
    answer = client.get(f"{asked.url}download/")
    content = b"".join(answer.streaming_content)
    answer.close()
    return openpyxl.load_workbook(BytesIO(content), data_only=True)


def test_every_channel_s_customers_are_one_click_away_and_sum_to_its_number(weighed, marketer):
    numbers = by(tables(marketer)["views"]["rows"])
    text = unescape(marketer.get(PAGE, ALL).content.decode())
    links = set(re.findall(r'href="(/reports/customers/\?[^"]+)"', text))
    assert {f"channel={slug}" for slug in numbers} <= {part for link in links for part in link.split("&")}
    for link in sorted(links)[::40]:  # some of each kind; there are hundreds
        assert marketer.get(link).status_code == 200, link
    for slug, row in numbers.items():
        answer = marketer.get("/api/v1/reports/customers/", ALL | {"model": "evidence", "channel": slug}).json()
        assert answer["figures"]["credited"] == pytest.approx(row["customers"], abs=1e-9)
        kinds, customers = answer["tables"]
        assert (kinds["totals"]["credit"] or 0.0) == pytest.approx(row["customers"], abs=1e-9)
        sure = [one["credit"] for one in customers["rows"]]
        assert sure == sorted(sure, reverse=True)


def test_the_customers_of_a_channel_sum_to_the_channel_report_in_every_model(weighed, marketer):
    for model in (name for name in MODELS if MODELS[name].per_customer):
        numbers = by(tables(marketer, ALL | {"model": model}, "channels")["channels"]["rows"])
        for slug in ("meituan", "friends", "unknown"):
            answer = marketer.get("/api/v1/reports/customers/", ALL | {"model": model, "channel": slug}).json()
            assert answer["figures"]["credited"] == pytest.approx(numbers[slug]["new_customers"], abs=1e-9), slug
            for one in answer["tables"][1]["rows"]:
                shares = [value for key, value in one.items() if key.startswith("credit_")]
                assert sum(shares) == pytest.approx(1)


def test_the_answers_are_in_both_reports_alike(weighed, marketer):
    answers = by(tables(marketer, ALL, "answers")["answers"]["rows"])
    named = {slug: row["share"] for slug, row in answers.items() if not slug.startswith("(")}

    views = by(tables(marketer)["views"]["rows"])
    assert {slug: views[slug]["survey"] for slug in named} == pytest.approx(
        {slug: share / sum(named.values()) for slug, share in named.items()}
    )


def test_while_evidence_cannot_be_weighed_the_report_says_why_and_what_to_do(marketer, run):
    answer = marketer.get(API, MARCH).json()
    found = {table["key"]: table for table in answer["tables"]}

    assert list(found) == ["short", "views", "agreement"]
    first = found["short"]["rows"][0]
    assert first["answer"] == "Not yet"
    assert first["meaning"].startswith(
        "Only 0 of 3 customers were heard of from two kinds of evidence (answers and tracked"
    )
    assert "offer a thank-you coupon" in first["meaning"]
    assert [row["evidence"] for row in found["views"]["rows"]] == [None] * 4
    assert found["views"]["chart"]["values"] == ["precedence"]
    assert answer["remarks"] == []


# ── In short ────────────────────────────────────────────────────────────────────────────────────────────────────────

NOBODY = Said(pd.DataFrame(), pd.DataFrame({"orders": [], "is_unmatched": []}), 0, 0.0)
NO_PLACES = pd.DataFrame()


def short(fit, said=NOBODY, places=NO_PLACES):
    return {one.question: one for one in in_short(fit, said, places, {"douyin": "Douyin", "meituan": "Meituan"})}


def crowd(tmp_path, *kinds, **more):
    """60 customers, each heard of in these ways as coming from one of two channels."""
    touches = [Touch(who, ("douyin", "meituan")[who % 2], kind, who) for who in range(60) for kind in kinds]
    return judged(touches, [Sale(who, who) for who in range(60)], tmp_path, **more).evidence


CAN_WE = "Can we tell which channel brought a customer?"


def test_a_single_kind_of_evidence_is_named_with_what_else_would_help(tmp_path):
    first = short(crowd(tmp_path, "survey"))[CAN_WE]

    assert first.answer == "Not yet"
    assert first.meaning.startswith("Only one kind of evidence speaks (answers), so nothing shows how often it errs.")
    assert first.meaning.endswith(
        "Give guests a coupon of the channel that they come from."
        " Put a tracked link, as a QR code or an address, wherever the channel shows you."
    )


def test_two_kinds_of_evidence_tell_in_part(tmp_path):
    found = short(crowd(tmp_path, "survey", "coupon"))

    assert found[CAN_WE].answer == "In part"
    assert "of 60 customers 60 were heard of from two of them or more" in found[CAN_WE].meaning
    assert found[CAN_WE].meaning.endswith(
        "Put a tracked link, as a QR code or an address, wherever the channel shows you."
    )
    assert found["Which channels do we know from answers alone?"].answer == "None"


def test_three_kinds_of_evidence_tell(tmp_path):
    assert short(crowd(tmp_path, "survey", "coupon", "link"))[CAN_WE].answer == "Yes, with an interval"


def test_channels_that_only_answers_name_are_named(tmp_path):
    able = pd.DataFrame(
        [("douyin", "coupon"), ("douyin", "survey"), ("meituan", "survey")], columns=["channel", "kind"]
    )
    fit = crowd(tmp_path, "survey", "coupon", capabilities=able)

    assert short(fit)["Which channels do we know from answers alone?"].answer == "Meituan"


@pytest.mark.parametrize(
    ("p_value", "answer", "begins"),
    [
        (0.4, "Yes", "If the picture were right, evidence as odd as yours would turn up in 40 of 100 shops like it."),
        (0.03, "Hardly", "If the picture were right, evidence as odd as yours would turn up in 3 of 100"),
        (0.0, "No", "If the picture were right, evidence as odd as yours would turn up in fewer than 1 of 100"),
        (None, "Not known", "It has not been checked."),
    ],
)
def test_whether_the_picture_fits_is_said_in_plain_words(p_value, answer, begins, tmp_path):
    fit = replace(fit_evidence(crowd(tmp_path, "survey", "coupon").patterns), p_value=p_value)
    found = short(fit)["Does the picture fit what was seen?"]

    assert (found.answer, found.meaning[: len(begins)]) == (answer, begins)
    assert ("intervals for too narrow" in found.meaning) is (answer in {"Hardly", "No"})


def test_a_run_from_before_evidence_was_weighed_says_so():
    found = short(None)

    assert (found[CAN_WE].answer, len(found)) == ("Not known", 3)
    assert found["Do those who answer speak for all?"].answer == "Not known"
    assert found["Does the order of the choices sway the answers?"].answer == "Not known"


def test_of_whom_nobody_answers_nobody_speaks():
    cells = pd.DataFrame({"orders": [60, 40], "is_unmatched": [False, True]})
    found = short(None, Said(pd.DataFrame(), cells, 12, 9.6))["Do those who answer speak for all?"]

    assert found.answer == "In part"
    assert "12 answers" in found.meaning
    assert found.meaning.endswith("they count like 10. Nobody answered among those who placed 40% of the orders.")
