"""The customers behind a number: who, in which order, and why; the shop of conftest, whose evidence is too little."""

from io import BytesIO

import openpyxl
import pyarrow as pa
import pytest

from analytics import actions
from analytics.reports import customers as report
from analytics.reports.customers_form import address_of, patterns_with
from attribution.customers.models import Customer
from tests.analytics.conftest import MARCH

PAGE, API = "/reports/customers/", "/api/v1/reports/customers/"


def asked(client, **query):
    answer = client.get(API, MARCH | query)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def listed(client, **query):
    _kinds, customers = asked(client, **query)["tables"]
    return customers["rows"]


def test_each_customer_stands_under_the_likeliest_channel_with_a_sentence_why(marketer, run):
    rows = listed(marketer, model="precedence")

    assert [(row["heard"], row["shares"], row["why"]) for row in rows] == [
        ("Nothing", "Unknown 100%", "Left no evidence that counts here: unknown."),
        ("Said Friends", "Friends 100%", "The strongest evidence counts: said Friends."),
        ("Followed a Metro posters link", "Metro posters 100%",
         "The strongest evidence counts: followed a Metro posters link."),
    ]  # fmt: skip
    assert [row["first_at"][:10] for row in rows] == ["2026-03-15", "2026-03-10", "2026-03-04"]
    uuids = {str(uuid)[:8] for uuid in Customer.objects.values_list("uuid", flat=True)}
    assert {row["customer"] for row in rows} <= uuids


def test_a_channel_s_customers_are_those_of_the_channel_report(marketer, run):
    rows = listed(marketer, channel="metro", model="linear")

    assert [(row["credit"], row["credit_metro"], row["credit_friends"]) for row in rows] == [(1.0, 1.0, 0.0)]
    figures = asked(marketer, channel="metro", model="linear")["figures"]
    assert figures == {"listed": 1, "credited": 1.0}


def test_customers_whom_nothing_explains_are_listed_as_unknown(marketer, run):
    assert [row["heard"] for row in listed(marketer, channel="unknown")] == ["Nothing"]


def test_a_channel_that_won_nobody_has_nobody(marketer, run):
    answer = asked(marketer, channel="douyin")

    assert answer["figures"] == {"listed": 0, "credited": 0.0}
    assert [table["rows"] for table in answer["tables"]] == [[], []]


@pytest.mark.parametrize(
    ("heard", "stores"),
    [("survey", 1), ("survey:friends", 1), ("survey:metro", 0), ("link:metro,only", 1), ("only", 1), ("coupon", 0)],
)
def test_customers_are_chosen_by_what_was_heard(marketer, run, heard, stores):
    assert len(listed(marketer, heard=heard)) == stores


def test_the_kinds_lead_to_their_customers(marketer, run):
    text = marketer.get(PAGE, MARCH | {"channel": "metro", "model": "linear"}).content.decode()

    assert "channel=metro&amp;heard=link:metro,only" in text
    assert 'name="heard"' in text


def test_what_only_a_link_asks_for_is_named_in_the_form(marketer, run):
    text = marketer.get(PAGE, MARCH | {"heard": "survey:friends,coupon,only"}).content.decode()

    assert "Said Friends + Used a coupon of any channel + nothing else" in text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"heard": "survey:atlantis"}, "“survey:atlantis” cannot be heard."),
        ({"heard": "rumour"}, "“rumour” cannot be heard."),
        ({"heard": "coupon:dont_remember"}, "cannot be heard."),
        ({"channel": "atlantis"}, "There is no channel “atlantis”."),
        ({"model": "markov"}, "“markov” is no model that credits single customers."),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_name(marketer, run, query, says):
    page, api = marketer.get(PAGE, query), marketer.get(API, query)

    assert (page.status_code, api.status_code) == (400, 400)
    assert says in page.content.decode()
    assert says in api.json()["error"]["message"]


def test_while_evidence_cannot_be_weighed_the_strongest_counts_and_the_page_says_so(marketer, run):
    answer = asked(marketer, model="evidence")

    assert answer["remarks"] == [
        "All evidence cannot be weighed yet, so the strongest counts; “How sure we are” says why."
    ]
    assert "The strongest evidence counts" in answer["tables"][1]["rows"][1]["why"]


def test_a_list_goes_on_over_pages(marketer, run, monkeypatch):
    monkeypatch.setattr(report, "PAGE_ROWS", 2)
    monkeypatch.setattr("analytics.page.PAGE_ROWS", 2)

    assert [len(listed(marketer, page=page)) for page in (1, 2, 3)] == [2, 1, 0]
    first, second = (marketer.get(PAGE, MARCH | {"page": page}).content.decode() for page in (1, 2))
    assert "Page 1 of 2" in first
    assert "page=2" in first
    assert "Previous page" in second


def test_the_workbook_holds_all_pages(marketer, run, monkeypatch):
    monkeypatch.setattr(report, "PAGE_ROWS", 1)
    book = workbook(marketer)

    assert book.sheetnames == ["About", "What was heard of them", "Customers"]
    rows = list(book["Customers"].iter_rows(min_row=2, values_only=True))
    assert [row[3] for row in rows[:3]] == ["Nothing", "Said Friends", "Followed a Metro posters link"]


def test_what_no_sheet_holds_is_left_out_and_counted(marketer, run, monkeypatch):
    monkeypatch.setattr(report, "WHOLE_ROWS", 2)
    rows = list(workbook(marketer)["Customers"].iter_rows(min_row=2, values_only=True))

    assert [row[3] for row in rows[:2]] == ["Nothing", "Said Friends"]
    assert "the last 1 customers are not in it" in rows[-1][0]


def workbook(client):
    asked = client.post("/reports/customers/excel/", MARCH)
    actions.look()
    answer = client.get(f"{asked.url}download/")
    content = b"".join(answer.streaming_content)
    answer.close()
    return openpyxl.load_workbook(BytesIO(content), data_only=True)


def test_beyond_so_many_kinds_the_rest_is_one_line(marketer, run, monkeypatch):
    monkeypatch.setattr(report, "GROUPS", 1)
    kinds, _customers = asked(marketer)["tables"]

    assert [(row["heard"], row["customers"]) for row in kinds["rows"]] == [
        ("Said Friends", 1), ("2 other combinations", 2),
    ]  # fmt: skip
    assert kinds["totals"]["customers"] == 3


def test_the_channel_report_leads_to_the_customers(marketer, run):
    text = marketer.get("/reports/channels/", MARCH | {"model": "linear"}).content.decode()

    assert "/reports/customers/?start=2026-03-01&amp;end=2026-04-01&amp;model=linear&amp;channel=metro" in text


def test_a_model_with_totals_only_leads_to_nobody(marketer, run):
    text = marketer.get("/reports/channels/", MARCH | {"model": "markov"}).content.decode()

    assert "channel=metro" not in text


def test_customers_are_the_marketer_s_and_the_manager_s(marketer, manager, clerk, outsider, run):
    assert {client.get(PAGE).status_code for client in (marketer, manager)} == {200}
    assert clerk.get(PAGE).status_code == clerk.get(API).status_code == 403
    assert outsider.get(PAGE).status_code == 302


PATTERNS = pa.table(
    {
        "pattern_id": [0, 1, 2, 3],
        "survey": ["metro", "dont_remember", None, "metro"],
        "coupon": [None, "metro", None, "tea"],
        **{source: pa.nulls(4, pa.string()) for source in ("link", "referral", "import")},
    }
)


@pytest.mark.parametrize(
    ("heard", "fits"),
    [
        ("", None), ("survey:metro", [0, 3]), ("survey", [0, 3]), ("survey:dont_remember", [1]), ("only", [2]),
        ("survey:metro,only", [0]), ("survey:metro,coupon:tea", [3]), ("survey,coupon", [3]), ("link", []),
    ],
)  # fmt: skip
def test_patterns_are_found_by_what_was_heard(heard, fits):
    assert patterns_with(PATTERNS, heard) == fits


def test_what_was_heard_can_be_written_as_an_address():
    assert address_of([("survey", "metro"), ("coupon", "")], only=True) == "survey:metro,coupon,only"
