from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from attribution.customers.actions.files import receive_file
from attribution.customers.imports.contract import importer_for
from attribution.customers.imports.messages import BadFile
from attribution.customers.imports.work import work
from attribution.customers.models import ImportFile
from attribution.evidence.models import Campaign, Channel, Spend

pytestmark = pytest.mark.django_db
HEAD = "Channel,First day,Last day,Amount\n"


@pytest.fixture
def take(tmp_path: Path, channels: dict[str, Any]) -> Any:
    """Import a text as a CSV file, and return what came of it."""

    def take(text: str, encoding: str = "utf-8", *, is_dry_run: bool = False) -> ImportFile:
        path = tmp_path / "spend.csv"
        path.write_bytes(text.encode(encoding))
        return imported(path, is_dry_run)

    return take


def imported(path: Path, is_dry_run: bool = False) -> ImportFile:
    options = {"language": "en"}
    job = receive_file(kind="spend", path=path, name=path.name, options=options, staff=None, is_dry_run=is_dry_run)
    assert job.claim()
    work(job)
    return ImportFile.objects.get(pk=job.pk)


def counts(job: ImportFile) -> tuple[int, int, int, int]:
    return job.inserted, job.updated, job.skipped, job.failed


def reasons(job: ImportFile) -> dict[int, str]:
    return dict(job.report.get("first", []))


def table() -> set[tuple[Any, ...]]:
    return set(Spend.objects.values_list("channel__slug", "first_day", "last_day", "amount_minor"))


def test_rows_come_in_by_slug_or_either_name_of_the_channel(take: Any, bell: list[None]) -> None:
    job = take(HEAD + "douyin,2026-03-01,2026-03-02,100.50\n抖音,2026-03-03,,7\nMETRO  posters,2026-03-01,,0\n")

    assert counts(job) == (3, 0, 0, 0)
    assert table() == {
        ("douyin", date(2026, 3, 1), date(2026, 3, 2), 10050),
        ("douyin", date(2026, 3, 3), date(2026, 3, 3), 700),
        ("metro", date(2026, 3, 1), date(2026, 3, 1), 0),
    }
    assert bell


def test_the_same_file_again_changes_nothing(take: Any, bell: list[None]) -> None:
    text = HEAD + "douyin,2026-03-01,,100\nmetro,2026-03-01,,50\n"
    take(text)
    bell.clear()

    assert counts(take(text)) == (0, 0, 2, 0)
    assert bell == []


def test_a_new_amount_for_the_same_place_updates_it(take: Any) -> None:
    take(HEAD + "douyin,2026-03-01,,100\n")

    assert counts(take(HEAD + "Douyin,2026/3/1,,120\n")) == (0, 1, 0, 0)
    assert table() == {("douyin", date(2026, 3, 1), date(2026, 3, 1), 120_00)}


def test_a_platforms_export_is_read_with_its_chinese_headings_in_gbk(take: Any) -> None:
    job = take('日期,渠道,消耗(元),展示数,点击数\n2026年3月1日,抖音,"1,280.50",52000,910\n', "gbk")

    assert counts(job) == (1, 0, 0, 0)
    entry = Spend.objects.get()
    assert (entry.amount_minor, entry.impressions, entry.clicks) == (128050, 52000, 910)


def test_campaign_and_store_are_found_by_name(take: Any, channels: dict[str, Any], store: Any) -> None:
    spring = Campaign.objects.create(channel=channels["douyin"], name_zh_hans="春季", name_en="Spring")

    take("渠道,日期,金额,活动,门店\n抖音,2026-03-01,5,spring,徐汇店\n抖音,2026-03-02,5,春季,XUHUI\n")

    assert list(Spend.objects.values_list("campaign", "store")) == [(spring.pk, store.pk)] * 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("radio,2026-03-01,,5,,,,", "There is no channel “radio”."),
        (",2026-03-01,,5,,,,", "Channel is missing."),
        ("douyin,,,5,,,,", "First day is missing."),
        ("douyin,2026-03-01,,,,,,", "Amount is missing."),
        ("douyin,2026-02-30,,5,,,,", "“2026-02-30” is not a date. Write it as 2026-11-22."),
        ("douyin,2026-03-01,,five,,,,", "“five” is not a number. Write it as 1234.50."),
        ("douyin,2026-03-01,,-5,,,,", "Spend cannot be negative. To correct an entry, change it."),
        ("douyin,2026-03-01,2026-02-01,5,,,,", "The last day lies before the first."),
        ("douyin,2026-03-01,,5,USD,,,", "“USD” is in another currency than CNY."),
        ("douyin,2026-03-01,,5,,Autumn,,", "The channel has no campaign “Autumn”."),
        ("douyin,2026-03-01,,5,,,Nowhere,", "There is no store “Nowhere”."),
        ("douyin,2026-03-01,,5,,,,-1", "Impressions and clicks cannot be negative."),
    ],
)
def test_a_bad_row_is_refused_by_name_and_stops_no_other(take: Any, row: str, reason: str) -> None:
    head = "Channel,First day,Last day,Amount,Currency,Campaign,Store,Clicks\n"

    job = take(f"{head}{row}\nmetro,2026-03-01,,5,CNY,,,3\n")

    assert counts(job) == (1, 0, 0, 1)
    assert list(reasons(job).values()) == [reason]


def test_two_rows_of_one_place_in_one_file_are_not_added_up_in_silence(take: Any) -> None:
    text = HEAD + "douyin,2026-03-01,,100\n抖音,2026-03-01,2026-03-01,30\n"

    job = take(text)

    assert counts(job) == (1, 0, 0, 1)
    assert list(reasons(job).values()) == [
        "Row 2 is for the same channel, campaign, store and days. Add the two up, or give each row an id of its own."
    ]
    assert table() == {("douyin", date(2026, 3, 1), date(2026, 3, 1), 100_00)}


def test_rows_of_one_place_are_found_however_far_apart(take: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attribution.customers.imports.work.CHUNK_ROWS", 1)

    job = take(HEAD + "douyin,2026-03-01,,100\nmetro,2026-03-01,,1\ndouyin,2026-03-01,,100\n")

    assert counts(job) == (2, 0, 0, 1)


def test_ids_of_the_source_tell_such_rows_apart(take: Any) -> None:
    head = "ID,Channel,Date,Amount\n"

    assert counts(take(head + "1,douyin,2026-03-01,100\n2,douyin,2026-03-01,30\n")) == (2, 0, 0, 0)
    assert counts(take(head + "1.0,douyin,2026-03-01,100\n2.0,douyin,2026-03-01,35\n")) == (0, 1, 1, 0)
    twice = take(head + "3,douyin,2026-03-01,1\n3,douyin,2026-03-02,1\n")
    assert list(reasons(twice).values()) == ["Row 2 has the same id."]


def test_an_id_that_another_channel_bears_is_refused(take: Any) -> None:
    head = "ID,Channel,Date,Amount\n"
    take(head + "1,douyin,2026-03-01,100\n")

    job = take(head + "1,metro,2026-03-01,40\n")

    assert list(reasons(job).values()) == ["The id “1” is already used by spend on Douyin."]
    assert table() == {("douyin", date(2026, 3, 1), date(2026, 3, 1), 100_00)}


def test_a_name_that_two_channels_share_finds_neither(take: Any) -> None:
    Channel.objects.create(slug="douyin-2", name_en="Douyin")

    job = take(HEAD + "Douyin,2026-03-01,,5\ndouyin-2,2026-03-01,,6\n")

    # The slug of one is the name of both, so it finds none of them either.
    assert list(reasons(job).values()) == ["There is no channel “Douyin”."]
    assert table() == {("douyin-2", date(2026, 3, 1), date(2026, 3, 1), 600)}


def test_a_dry_run_says_what_would_happen_and_writes_nothing(take: Any) -> None:
    job = take(HEAD + "douyin,2026-03-01,,100\nradio,2026-03-01,,5\n", is_dry_run=True)

    assert counts(job) == (1, 0, 0, 1)
    assert not Spend.objects.exists()


def test_a_workbook_is_read_like_a_text(tmp_path: Path, channels: dict[str, Any]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet
    sheet.append(["渠道", "开始日期", "结束日期", "花费"])
    sheet.append(["抖音", date(2026, 3, 1), date(2026, 3, 31), 3100.5])
    path = tmp_path / "spend.xlsx"
    book.save(path)

    assert counts(imported(path)) == (1, 0, 0, 0)
    assert table() == {("douyin", date(2026, 3, 1), date(2026, 3, 31), 310050)}


def test_a_file_without_amounts_is_refused_as_a_whole(take: Any) -> None:
    with pytest.raises(BadFile) as refusal:
        take("Channel,Date\ndouyin,2026-03-01\n")

    assert "There is no column for Amount." in str(refusal.value)


def test_every_field_has_a_heading_in_both_languages_and_the_samples_can_be_imported(
    take: Any, channels: dict[str, Any]
) -> None:
    Channel.objects.create(slug="xiaohongshu", name_en="Xiaohongshu")
    fields = importer_for("spend").fields
    rows = [",".join(str(field.samples[number]) if field.samples else "" for field in fields) for number in (0, 1)]

    job = take("\n".join([",".join(str(field.label) for field in fields), *rows, ""]))

    assert counts(job) == (2, 0, 0, 0)
    assert all(field.headings[0].isascii() and not field.headings[1].isascii() for field in fields)
