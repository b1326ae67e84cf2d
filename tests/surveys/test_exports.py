"""Responses as files: each column, who may have what, and a worker that dies half-way."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pytest
from django.test import Client
from django.utils import timezone

from surveys import tasks
from surveys.actions import exporting, publish_version, record_response, save_step
from surveys.definition import Definition, Kind, Option, Question, Text
from surveys.models import Response, ResponseFile, SurveyVersion

TYPED = {"format": "xlsx", "shape": "wide", "labels": "keys", "missing": "empty"}


def same(word: str) -> Text:
    return Text(f"{word}（中）", word)


FOOD = Question(
    "food", Kind.MULTIPLE, Text("吃了什么", "What did you eat?"),
    options=(Option("tea", same("Tea")), Option("cake", same("Cake")), Option("other", same("Other"), takes_text=True)),
)  # fmt: skip
PRICE = Question("price", Kind.NUMBER, Text("多少钱", "What did it cost?"), decimals=2)
WHEN = Question("when", Kind.DATE, Text("哪天", "Which day?"))
STORY = Question("story", Kind.LONGTEXT, Text("说说", "Tell us"))


@pytest.fixture
def meal(survey: Any) -> SurveyVersion:
    """The second version: it has the first one's recommendation, and four questions of its own."""
    first = survey.latest_version().questionnaire
    return publish_version(
        survey=survey, definition=Definition((first.first_of(Kind.NPS), FOOD, PRICE, WHEN, STORY))
    )  # fmt: skip


@pytest.fixture
def exported(marketer: Client, manager: Client, survey: Any) -> Callable[..., bytes]:
    """Ask for a file as staff do, let the worker write it, and return what is saved."""

    def export(**typed: Any) -> bytes:
        client = manager if typed.get("is_raw") else marketer
        page = client.post(f"/surveys/{survey.pk}/responses/", TYPED | typed)
        assert page.status_code == 302, page.context["form"].errors
        tasks.look()
        return b"".join(client.get(f"{page['Location']}download/").streaming_content)

    return export


def sheet(saved: bytes, number: int = 1) -> Any:
    return pd.read_excel(io.BytesIO(saved), sheet_name=number, dtype=object, engine="calamine")


def member(saved: bytes, name: str, encoding: str) -> list[list[str]]:
    with ZipFile(io.BytesIO(saved)) as archive:
        return list(csv.reader(io.StringIO(archive.read(f"{name}.csv").decode(encoding), newline="")))


def ate(answered: Callable[..., Any], version: SurveyVersion, **values: Any) -> Any:
    answers = {"food": ["tea", "other"], "food.text": "=1+1", "price": 12.5, "when": "2026-03-01", "story": "很好"}
    return answered(version=version, answers=answers | values.pop("answers", {}), **values)


# ── What stands in it ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_wide_file_has_a_column_for_every_question_and_option(
    exported: Any, answered: Any, placement: Any, meal: SurveyVersion
) -> None:
    response = record_response(placement=placement, answered=ate(answered, meal))

    row = sheet(exported()).to_dict("records")
    assert len(row) == 1
    asked = {name: value for name, value in row[0].items() if name.partition(".")[0] in {"food", "price", "when"}}
    assert asked == {
        "food.is_tea": 1, "food.is_cake": 0, "food.is_other": 1, "food.text": "•••", "food.code": asked["food.code"],
        "price": 12.5, "when": pd.Timestamp("2026-03-01"),
    }  # fmt: skip
    assert pd.isna(asked["food.code"])
    assert (row[0]["id"], row[0]["version"], row[0]["store"]) == (str(response.pk), 2, "xuhui")
    assert (row[0]["placement"], row[0]["device"], row[0]["zone"]) == ("counter", "own_phone", "Asia/Shanghai")
    assert row[0]["submitted_at"] == pd.Timestamp("2026-03-02 20:00")  # noon in London is eight in the evening there
    assert row[0]["coupon_given"] == 0


@pytest.mark.django_db
def test_columns_are_those_of_all_versions_with_the_newest_first(
    exported: Any, answered: Any, placement: Any, meal: SurveyVersion, survey: Any
) -> None:
    first = survey.versions.get(number=1)
    record_response(placement=placement, answered=answered(version=first))
    record_response(placement=placement, answered=ate(answered, meal, device="another"))

    table = sheet(exported(labels="en"))
    heads = list(table)
    assert heads.index("What did you eat?: Tea") < heads.index("How did you first hear about us?")
    assert sorted(table["Version"]) == [1, 2]
    old = table[table["Version"] == 1].iloc[0]
    assert old["How did you first hear about us?"] == "Douyin"
    assert old["Counts for channel"] == "Douyin"
    assert pd.isna(old["What did you eat?: Tea"])


@pytest.mark.django_db
def test_a_missing_answer_says_why_where_numbers_are_wanted(
    exported: Any, answered: Any, placement: Any, meal: SurveyVersion, survey: Any
) -> None:
    record_response(placement=placement, answered=ate(answered, meal))
    left = answered(version=meal, answers={"food": ["cake"]}, device="other", submitted_at=None, reached="price")
    save_step(placement=placement, answered=left)

    table = sheet(exported(missing="codes", with_left="on")).set_index("id")
    sent, begun = (table.loc[str(pk)] for pk in (Response.objects.exclude(received_at=None).get().pk, left.uuid))
    assert (sent["nps"], sent["first_heard"]) == (-98, "-97")  # left out; not in its version
    assert (begun["nps"], begun["price"], begun["when"], begun["story"]) == (-98, -98, "-99", "-99")
    assert begun["food.is_cake"] == 1
    book = sheet(exported(missing="codes"), 2)
    assert book[book["Kind"] == "no answer"]["Value"].tolist() == ["-97", "-98", "-99"]


@pytest.mark.django_db
def test_a_long_file_has_a_row_for_each_answer(
    exported: Any, answered: Any, placement: Any, meal: SurveyVersion
) -> None:
    record_response(placement=placement, answered=ate(answered, meal))

    table = sheet(exported(shape="long", labels="zh-hans"))
    assert table[["问题", "回答内容", "数字"]].fillna("").values.tolist() == [
        ["吃了什么", "Tea（中）", ""], ["吃了什么", "Other（中）", ""], ["多少钱", "12.5", 12.5],
        ["哪天", "2026-03-01", ""], ["说说", "•••", ""],
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_code_book_leads_from_each_value_to_its_label_in_both_languages(
    exported: Any, survey: Any, meal: SurveyVersion
) -> None:
    book = sheet(exported(), 2).set_index("Variable")

    tea = book.loc["food.is_tea"]
    assert tea[["Value", "Label in Chinese", "Label in English"]].values.tolist() == [
        ["1", "Tea（中）", "Tea"], ["0", "非：Tea（中）", "not: Tea"],
    ]  # fmt: skip
    assert set(tea["Wording in Chinese"]) == {"吃了什么"}
    assert book.loc["first_heard", "Value"].tolist()[0] == "douyin"
    assert set(book.loc["first_heard", "Versions"]) == {"1"}
    assert set(book.loc["nps", "Versions"]) == {"1, 2"}


# ── Who may have what ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_words_and_identities_are_for_managers_who_ask_for_them(
    exported: Any, answered: Any, placement: Any, reward: Any, meal: SurveyVersion, marketer: Client
) -> None:
    response = record_response(placement=placement, answered=ate(answered, meal, receipt="R-1"))
    masked, raw = sheet(exported()), sheet(exported(is_raw="on"))

    assert {"customer", "receipt", "coupon"}.isdisjoint(masked)
    assert masked.loc[0, ["food.text", "story", "coupon_given"]].tolist() == ["•••", "•••", 1]
    assert raw.loc[0, ["story", "receipt"]].tolist() == ["很好", "R-1"]
    assert raw.loc[0, "customer"] == str(response.customer.uuid)
    assert raw.loc[0, "coupon"] == response.coupon.code
    file = ResponseFile.objects.get(is_raw=True)
    for page in ("", "download/"):
        assert marketer.get(f"/surveys/responses/{file.uuid}/{page}").status_code == 404
    assert marketer.post(f"/surveys/responses/{file.uuid}/again/").status_code == 404


@pytest.mark.django_db
def test_a_marketer_who_asks_for_raw_words_gets_masked_ones(marketer: Client, survey: Any) -> None:
    marketer.post(f"/surveys/{survey.pk}/responses/", TYPED | {"is_raw": "on"})

    assert not ResponseFile.objects.get().is_raw


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "encoding"), [("csv", "utf-8-sig"), ("gbk", "gbk")])
def test_no_spreadsheet_takes_an_answer_for_a_formula(
    exported: Any, answered: Any, placement: Any, meal: SurveyVersion, form: str, encoding: str
) -> None:
    record_response(placement=placement, answered=ate(answered, meal, answers={"story": "@SUM(A1) 🍵"}))

    header, row = member(exported(format=form, is_raw="on"), "answers", encoding)
    said = dict(zip(header, row, strict=True))
    assert said["food.text"] == "'=1+1"
    assert said["story"] == ("'@SUM(A1) ?" if form == "gbk" else "'@SUM(A1) 🍵")
    assert sheet(exported(is_raw="on")).loc[0, "food.text"] == "'=1+1"


@pytest.mark.django_db
def test_the_file_says_who_asked_for_what(exported: Any, placement: Any) -> None:
    saved = exported(format="csv", is_raw="on", start="2026-03-01", end="2026-04-01", store=placement.store_id)

    said = dict(row for row in member(saved, "about", "utf-8-sig"))
    assert said["Asked for by"] == "manager"
    assert (said["From"], said["Up to, not including"], said["Store"]) == ("2026-03-01", "2026-04-01", "Xuhui")
    assert said["Personal data"].startswith("Raw")
    assert said["Number of responses"] == "0"


@pytest.mark.django_db
def test_responses_are_for_marketers_and_managers(
    marketer: Client, manager: Client, clerk: Client, outsider: Client, survey: Any
) -> None:
    row = ResponseFile.objects.create(survey=survey, asked=TYPED)
    for path in (f"/surveys/{survey.pk}/responses/", f"/surveys/responses/{row.uuid}/"):
        statuses = [client.get(path).status_code for client in (marketer, manager, clerk, outsider)]
        assert statuses == [200, 200, 403, 302], path


# ── Which ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_filters_leave_out_what_was_not_asked_for(
    exported: Any, answered: Any, placement: Any, other_store: Any, meal: SurveyVersion, survey: Any
) -> None:
    from surveys.models import Placement

    elsewhere = Placement.objects.create(survey=survey, store=other_store, spot="door")
    record_response(placement=placement, answered=ate(answered, meal))
    record_response(placement=elsewhere, answered=ate(answered, meal, language="zh-hans", device="b"))
    first = survey.versions.get(number=1)
    record_response(placement=placement, answered=answered(version=first, device="c"))

    def count(**typed: Any) -> int:
        return len(sheet(exported(**typed)))

    assert count() == 3
    assert count(store=other_store.pk) == count(placement=elsewhere.pk) == count(language="zh-hans") == 1
    assert (count(first_version=2), count(last_version=1)) == (2, 1)
    assert (count(start="2026-03-02", end="2026-03-03"), count(start="2026-03-03")) == (3, 0)


@pytest.mark.django_db
def test_filters_that_contradict_themselves_are_refused(marketer: Client, survey: Any, meal: SurveyVersion) -> None:
    typed = TYPED | {"start": "2026-03-02", "end": "2026-03-02", "first_version": 2, "last_version": 1}

    page = marketer.post(f"/surveys/{survey.pk}/responses/", typed)
    assert set(page.context["form"].errors) == {"end", "last_version"}
    assert not ResponseFile.objects.exists()


# ── The worker ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_file_is_written_in_steps_and_says_how_far_it_is(
    exported: Any, answered: Any, placement: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "A_STEP", 2)
    for number in range(5):
        record_response(placement=placement, answered=answered(device=f"device-{number}"))
    said: list[tuple[int, int]] = []
    monkeypatch.setattr(ResponseFile, "renew", lambda row, progress=0, total=0: said.append((progress, total)))

    assert len(sheet(exported())) == 5
    assert said == [(0, 5), (2, 5), (4, 5), (5, 5)]


@pytest.mark.django_db
def test_another_worker_writes_what_one_that_died_has_begun(marketer: Client, survey: Any) -> None:
    marketer.post(f"/surveys/{survey.pk}/responses/", TYPED)
    row = ResponseFile.objects.get()
    assert row.claim()
    tasks.look()
    assert ResponseFile.objects.get().state == "running"  # its lease still holds

    ResponseFile.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.look()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("done", 2)


@pytest.mark.django_db
def test_what_failed_can_be_asked_for_again(marketer: Client, survey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    page = marketer.post(f"/surveys/{survey.pk}/responses/", TYPED | {"shape": "long"})
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(exporting, "ground_of", lambda *_given: 1 / 0)
        tasks.look()
    assert "Try again" in marketer.get(page["Location"]).content.decode()

    again = marketer.post(f"{page['Location']}again/")
    tasks.look()
    content = marketer.get(again["Location"]).content.decode()
    assert re.search("Your file of 0 responses is ready", content)
    assert ResponseFile.objects.latest("pk").asked["shape"] == "long"


@pytest.mark.django_db
def test_files_are_kept_for_a_week(exported: Any) -> None:
    exported()
    row = ResponseFile.objects.get()
    ResponseFile.objects.update(requested_at=row.requested_at - ResponseFile.KEPT)

    tasks.look()
    assert not ResponseFile.objects.exists()
    assert not row.file.storage.exists(row.file.name)
