"""Who was shown a questionnaire and how far they came, counted by hand."""

from typing import Any

import pandas as pd
import pytest
import time_machine
from django.test import Client

from analytics.metrics.frames import tables
from analytics.metrics.funnel import Funnel, funnel
from attribution.customers.models import Customer
from attribution.runs import actions as runs
from surveys.definition import Definition, Kind, Question, Text, serialise
from surveys.models import Placement, PlacementHour, Response, SurveyVersion
from tests.analytics.conftest import AUGUST, MARCH, on
from tests.analytics.shop import march, moment, rows

HOURS = [  # store, hour, language, device, in WeChat, shown, started, finished
    (1, "2026-03-02T10:00", "zh-hans", "phone", True, 10, 6, 5),
    (1, "2026-03-03T10:00", "en", "phone", False, 4, 2, 0),
    (2, "2026-03-03T23:00", "zh-hans", "desktop", False, 6, 1, 1),
    (1, "2026-04-01T10:00", "en", "phone", False, 9, 9, 9),  # not in March
]
WAYS = [  # store, first shown, submitted, way, language, device
    (1, "2026-03-02T10:00", "2026-03-02T10:01", "first+ which+ nps+", "en", "phone"),
    (1, "2026-03-02T10:00", "2026-03-02T10:02", "first+ nps-", "en", "phone"),
    (1, "2026-03-02T10:00", "2026-03-02T10:03", "first+ hello. nps+", "zh-hans", "phone+wechat"),
    # sent by a device of ours, before ways and devices were kept
    (1, "2026-03-02T10:00", "2026-03-02T10:00", "", "en", ""),
]
DRAFTS = [
    (1, "2026-03-02T10:00", "first+ which?", "en", ""),
    (2, "2026-03-03T23:00", "first- nps?", "zh-hans", "desktop"),
    (2, "2026-08-01T07:30", "first+ nps?", "en", "phone"),  # half an hour before the watermark: on the way
    (2, "2026-02-28T23:00", "first+ nps?", "en", "phone"),
]


def shop() -> Any:
    names = "store_id hour language device in_wechat impressions starts finishes"
    hours = pd.DataFrame(HOURS, columns=names.split())
    ways, left = "placement_id store_id version_id shown_at", "steps language device"
    hours["hour"] = pd.Series([moment(hour) for hour in hours["hour"]], dtype="datetime64[us]")
    return tables(
        placement_hours=hours,
        placement_days=rows("placement_id store_id day impressions starts finishes", (7, 1, "2026-03-02", 10, 6, 5)),
        responses=rows(f"{ways} submitted_at {left}", *((store + 6, store, 1, *way) for store, *way in WAYS)),
        drafts=rows(f"{ways} {left}", *((store + 6, store, 1, *way) for store, *way in DRAFTS)),
        stores=rows("id zone", (1, "Asia/Shanghai"), (2, "Asia/Shanghai")),
    )  # fmt: skip


def counts(found: Funnel, split: str) -> list[tuple[Any, ...]]:
    return list(found.splits[split][[split, "shown", "started", "finished"]].itertuples(index=False, name=None))


def test_views_starts_and_finishes_are_split_by_hour_device_and_language() -> None:
    found = funnel(shop(), march())

    assert counts(found, "hour") == [(10, 14, 8, 5), (23, 6, 1, 1)]
    assert counts(found, "device") == [("desktop", 6, 1, 1), ("phone", 4, 2, 0), ("phone+wechat", 10, 6, 5)]
    assert counts(found, "language") == [("en", 4, 2, 0), ("zh-hans", 16, 7, 6)]
    assert counts(funnel(shop(), march(store_id=2)), "hour") == [(23, 6, 1, 1)]
    row = found.splits["device"].iloc[2]
    assert [round(row[name], 3) for name in ("rate", "low", "high")] == [0.5, 0.237, 0.763]  # Wilson, 5 of 10


def test_each_question_was_answered_skipped_or_the_last_that_was_seen() -> None:
    found = funnel(shop(), march())

    columns = ["question", "shown", "answered", "skipped", "abandoned"]
    assert list(found.questions[columns].itertuples(index=False, name=None)) == [
        ("first", 5, 4, 1, 0), ("hello", 1, 1, 0, 0), ("nps", 4, 2, 1, 1), ("which", 2, 1, 0, 1),
    ]  # fmt: skip


def test_each_question_is_split_by_place_hour_device_and_language_and_adds_up() -> None:
    found = funnel(shop(), march())

    def of(split: str, question: str) -> list[tuple[Any, ...]]:
        rows = found.question_splits[split].query(f"question == '{question}'")
        return list(rows[[split, "shown", "answered", "skipped", "abandoned"]].itertuples(index=False, name=None))

    assert of("placement_id", "nps") == [(7, 3, 2, 1, 0), (8, 1, 0, 0, 1)]
    assert of("hour", "nps") == [(10, 3, 2, 1, 0), (23, 1, 0, 0, 1)]
    assert of("language", "nps") == [("en", 2, 1, 1, 0), ("zh-hans", 2, 1, 0, 1)]
    assert of("device", "nps") == [("desktop", 1, 0, 0, 1), ("phone", 2, 1, 1, 0), ("phone+wechat", 1, 1, 0, 0)]
    assert of("device", "which") == [("phone", 1, 1, 0, 0), ("unknown", 1, 0, 0, 1)]
    for split in found.question_splits.values():
        sums = split.groupby(["version_id", "question"], as_index=False)[["shown", "abandoned"]].sum()
        pd.testing.assert_frame_equal(sums, found.questions[sums.columns])


def test_the_time_to_finish_leaves_out_whom_nobody_timed() -> None:
    found = funnel(shop(), march())

    # 60, 120 and 180 seconds; nine tenths of the way from the first to the last is 168.
    assert (found.median, found.slow) == (120.0, 168.0)
    assert list(found.places[["placement_id", "median", "slow"]].iloc[0]) == [7, 120.0, 168.0]


def test_nobody_is_no_rate_and_no_time() -> None:
    found = funnel(shop(), march(store_id=3))

    assert (found.median, found.slow) == (None, None)
    assert found.places.empty
    assert found.questions.empty


# ── The report ──────────────────────────────────────────────────────────────────────────────────────────────────────


def asked(key: str, wording: str) -> Question:
    return Question(key, Kind.TEXT, Text(wording, wording))


@pytest.fixture
def counted(evidence: None) -> Placement:
    """Two versions: the second asks the other way round, and words the first question anew."""
    placement = Placement.objects.select_related("survey", "store").get()
    texts = [[asked("a", "Old?"), asked("b", "Both?")], [asked("b", "Both?"), asked("a", "New?")]]
    written = [serialise(Definition(tuple(some))) for some in texts]
    versions = [
        SurveyVersion.objects.create(survey=placement.survey, number=number, definition=definition)
        for number, definition in enumerate(written, 1)
    ]
    for version, steps, device in ((versions[0], "a+ b-", ""), (versions[1], "b+ a+", "phone")):
        Response.objects.create(
            placement=placement, version=version, language="en", device=device, steps=steps,
            customer=Customer.objects.create(), shown_at=on(10), submitted_at=on(10, 13), received_at=on(10, 13),
        )  # fmt: skip
    Response.objects.create(placement=placement, version=versions[1], language="en", steps="b?", shown_at=on(10))
    where = {"placement": placement, "hour": on(10), "language": "en"}
    PlacementHour.objects.create(**where, device="phone", in_wechat=True, impressions=3, starts=3, finishes=2)
    PlacementHour.objects.create(**where, device="tablet", in_wechat=False, impressions=1, starts=0, finishes=0)
    return placement


@pytest.fixture
def run(counted: Placement) -> Any:
    with time_machine.travel(AUGUST, tick=False):
        wanted = runs.ask(now=True)
        assert wanted is not None
        assert wanted.claim()
        return runs.execute(wanted)


def report(client: Client) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/api/v1/reports/funnel/", MARCH).json()
    return answer | {table["key"]: table for table in answer["tables"]}


def test_the_report_says_how_many_answer_and_where_the_others_stopped(run: Any, marketer: Client) -> None:
    found = report(marketer)

    figures = found["figures"]
    assert (figures["shown"], figures["finished"], figures["rate"]) == (20, 9, 0.45)
    assert (round(figures["rate_low"], 3), round(figures["rate_high"], 3)) == (0.258, 0.658)
    columns = ("question", "shown", "answered", "skipped", "abandoned")
    assert [tuple(row[name] for name in columns) for row in found["questions"]["rows"]] == [
        ("Both?", 3, 1, 1, 1), ("New?", 2, 2, 0, 0),
    ]  # fmt: skip
    by_device = ("question", "device", "shown", "abandoned")
    assert [tuple(row[name] for name in by_device) for row in found["questions_device"]["rows"]] == [
        ("Both?", "phone", 1, 0), ("Both?", "not known", 2, 1), ("New?", "phone", 1, 0), ("New?", "not known", 1, 0),
    ]  # fmt: skip
    assert {row["placement_id"] for row in found["questions_placement_id"]["rows"]} == {"Xuhui · counter"}
    assert {row["hour"] for row in found["questions_hour"]["rows"]} == {"12:00"}
    assert [row["device"] for row in found["device"]["rows"]] == ["phone, in WeChat", "tablet"]
    assert [(row["hour"], row["shown"]) for row in found["hour"]["rows"]] == [("12:00", 4)]
    [place] = found["places"]["rows"]
    assert (place["spot"], place["shown"], place["median"]) == ("counter", 20, 3600.0)


def test_the_page_shows_it_and_leads_there_from_the_surveys(run: Any, marketer: Client) -> None:
    page = marketer.get("/reports/funnel/", MARCH).content.decode()

    assert "Stopped here" in page
    assert "/reports/funnel/" in marketer.get("/surveys/").content.decode()


def test_a_run_from_before_says_that_the_next_one_knows(run: Any, marketer: Client, settings: Any) -> None:
    for name in ("drafts.parquet", "drafts"):
        path = run.folder / "facts" / name
        if path.is_file():
            path.unlink()

    assert "before pages were counted" in marketer.get("/reports/funnel/", MARCH).content.decode()
