"""The report's page, its workbook, its API and its command: one set of numbers."""

import json
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from analytics import actions
from analytics.models import ReportFile
from attribution.runs.models import Run, Stroke
from tests.analytics.conftest import MARCH

PAGE, API = "/reports/channels/", "/api/v1/reports/channels/"


def page(client, **query):
    return client.get(PAGE, MARCH | query)


def workbook(client, **query):
    """Ask for March's workbook as the page does, and let the worker build it."""
    asked = client.post("/reports/channels/excel/", MARCH | query)
    actions.look()
    answer = client.get(f"{asked.url}download/")
    content = b"".join(answer.streaming_content)
    answer.close()
    return openpyxl.load_workbook(BytesIO(content), data_only=True)


def test_before_there_is_data_the_page_says_what_to_do(marketer):
    text = marketer.get(PAGE).content.decode()

    assert "Your first figures" in text
    assert text.index("Add your stores") < text.index("Set up your channels")
    assert 'href="/imports/"' in text
    assert "Download Excel" not in text


def test_the_page_shows_the_figures_and_their_run(marketer, run):
    text = page(marketer).content.decode()

    assert "¥310.00" in text
    assert f"/runs/{run.pk}/" in text
    assert "1 of 2" in text
    assert "New evidence is waiting" not in text


def test_the_page_says_that_new_evidence_is_waiting(marketer, run):
    Stroke.objects.create()

    assert "New evidence is waiting" in page(marketer).content.decode()


def test_a_named_period_fills_in_its_days_and_keeps_the_other_filters(marketer, run):
    text = marketer.get(PAGE, {"period": "all", "model": "linear"}).content.decode()

    assert 'value="2020-01-01"' in text
    assert "?period=this_month&amp;model=linear" in text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"start": "2026-13-01", "end": "2026-04-01"}, "“2026-13-01” is not a day"),
        ({"start": "2026-03-01"}, "Give both days, or neither."),
        ({"start": "2026-04-01", "end": "2026-03-01"}, "The period ends before it begins"),
        ({"start": "1026-04-01", "end": "2026-03-01"}, "too far away"),
        ({"period": "last_week"}, "“last_week” is no known period."),
        ({"store": "atlantis"}, "There is no store “atlantis”."),
        ({"model": "tea_leaves"}, "“tea_leaves” is no attribution model."),
    ],
)
def test_wrong_filters_are_told_beside_their_field(marketer, run, query, says):
    answer = marketer.get(PAGE, query)

    assert answer.status_code == 400
    assert says in answer.content.decode()
    refused = marketer.get(API, query)
    assert refused.status_code == 400
    assert says in refused.json()["error"]["message"]
    assert marketer.post("/reports/channels/excel/", query).status_code == 400


@pytest.mark.parametrize("path", [PAGE, API, "/reports/files/6f1b6b0a-0000-4000-8000-000000000000/"])
def test_reports_are_the_marketer_s_and_the_manager_s(path, marketer, manager, clerk, outsider, run):
    assert {client.get(path).status_code for client in (marketer, manager)} <= {200, 404}
    assert clerk.get(path).status_code == 403
    assert outsider.get(path).status_code in {302, 401}


def test_only_marketers_ask_for_workbooks_and_fetch_them(marketer, clerk, outsider, run):
    workbook(marketer)
    address = f"/reports/files/{ReportFile.objects.get().uuid}/download/"

    assert clerk.post("/reports/channels/excel/", MARCH).status_code == 403
    assert clerk.get(address).status_code == 403
    assert outsider.get(address).status_code == 302
    assert ReportFile.objects.count() == 1


def test_the_page_asks_the_database_few_questions(marketer, run, django_assert_max_num_queries):
    page(marketer)

    with django_assert_max_num_queries(16):
        page(marketer)


@pytest.mark.parametrize("query", [{}, {"model": "linear", "store": "xuhui"}, {"model": "markov", "order": "2"}])
def test_page_api_and_workbook_agree(marketer, run, query):
    answer = marketer.get(API, MARCH | query).json()
    shown = page(marketer, **query).context["built"]
    book = workbook(marketer, **query)

    assert book.sheetnames == ["About", "Channels", "Coupons", "Responses"]
    for table, told in zip(shown.tables, answer["tables"], strict=True):
        assert json.loads(json.dumps(table.to_json())) == told
        sheet = book[table.title]
        keys = [column.key for column in table.columns]
        money = {column.key for column in table.columns if column.type == "money"}
        lines = [*told["rows"], told["totals"]]
        for row, line in zip(sheet.iter_rows(min_row=2, max_row=len(lines) + 1, values_only=True), lines, strict=True):
            for key, cell in zip(keys, row, strict=True):
                expected = line[key] if line[key] is None or key not in money else line[key] / 100
                assert cell == (pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected), key


def test_an_interval_stands_in_the_cell_of_its_figure(marketer, run):
    text = page(marketer).content.decode()

    # Of three customers one is metro's, or none to three; what all three cost is known.
    assert '<strong>¥310.00</strong><br><span class="small soft">¥103.33 and more</span>' in text
    assert "33.3%" in text
    assert '<br><span class="small soft">0.0%–100.0%</span>' in text
    assert "New customers, low" not in text.split('id="chart-data"')[0]
    assert "<strong>¥136.67</strong></td>" in text


def test_orders_and_revenue_stand_in_a_table_of_their_own_on_the_page(marketer, run):
    first, second, *_others = page(marketer).content.decode().split("<thead>")[1:]

    assert "Cost per identified new customer" in first
    assert "ROAS" not in first
    assert "Revenue by own path" in second
    assert "Cost per identified new customer" not in second.split("</table>")[0]


def test_how_many_touches_a_chain_remembers_is_kept_by_the_links_to_periods(marketer, run):
    text = marketer.get(PAGE, {"period": "all", "model": "markov", "order": "2"}).content.decode()

    assert "?period=this_month&amp;model=markov&amp;order=2" in text


def test_the_api_says_whose_numbers_it_gives(marketer, run):
    answer = marketer.get(API, MARCH | {"model": "linear"}).json()

    assert answer["run"]["id"] == str(run.uuid)
    assert answer["filters"] == MARCH | {"model": "linear"}
    assert answer["figures"]["unidentified_orders"] == 1
    assert answer["currency"] == "CNY"


def test_the_api_refuses_what_it_does_not_have(marketer, db):
    assert marketer.get("/api/v1/reports/weather/").json()["error"]["code"] == "unknown_report"
    refused = marketer.get(API, MARCH)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "no_run_yet")


def test_a_workbook_is_built_from_the_run_that_the_page_showed(marketer, run):
    newer = Run.objects.create(state="done", finished_at=run.finished_at, customers=0, watermark=run.watermark)

    marketer.post("/reports/channels/excel/", MARCH | {"run": run.pk})
    assert ReportFile.objects.get().run == run
    assert newer.pk > run.pk


def test_the_page_of_a_workbook_says_how_far_it_is(marketer, run, sent):
    address = marketer.post("/reports/channels/excel/", MARCH).url

    assert sent == ["analytics.look"]
    assert "is being made" in marketer.get(address).content.decode()
    actions.look()
    part = marketer.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "Save the workbook" in part
    assert "<html" not in part
    again = marketer.post("/reports/channels/excel/", MARCH).url
    assert again == f"{address}download/"
    saved = marketer.get(again)
    saved.close()
    assert (
        saved.headers["Content-Disposition"]
        == 'attachment; filename="Wanamaker-Channel report-2026-03-01-2026-04-01.xlsx"'
    )


def test_a_report_that_is_not_there_is_a_404(marketer, run):
    assert marketer.post("/reports/weather/excel/", MARCH).status_code == 404


def test_asking_for_a_workbook_before_there_is_a_run_says_so(marketer, db):
    answer = marketer.post("/reports/channels/excel/", MARCH)

    assert answer.status_code == 409
    assert "Nothing has been judged yet" in answer.content.decode()


def test_the_command_writes_the_page_s_workbook(marketer, run, tmp_path):
    out, told = tmp_path / "channels.xlsx", StringIO()
    call_command("report", "channels", *_options(out), "--language", "en", stdout=told)

    assert openpyxl.load_workbook(out, data_only=True)["Channels"]["J3"].value == 310.0
    assert f"run {run.pk}" in told.getvalue()


def _options(out, start="2026-03-01"):
    return ["--start", start, "--end", "2026-04-01", "--out", str(out)]


def test_the_command_refuses_by_name(run, tmp_path):
    with pytest.raises(CommandError, match="--start: “March” is not a day"):
        call_command("report", "channels", *_options(tmp_path / "x.xlsx", "March"), "--language", "en")
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("report", "channels", *_options(tmp_path / "nowhere" / "x.xlsx"), "--language", "en")


def test_the_command_needs_a_run(db, tmp_path):
    with pytest.raises(CommandError, match="Nothing has been judged yet"):
        call_command("report", "channels", *_options(tmp_path / "x.xlsx"), "--language", "en")
