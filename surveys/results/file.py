"""A survey's submitted answers as columns on disk, so that a page counts a million of them while one waits.

One Parquet file a survey, written from the database in batches and put into place whole; its name says as of when it
is. What guests typed is not in it. Where answers are few it is written when a page asks; where they are many by the
worker, and the page shows what there is and as of when.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db.models import Max, Min, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from attribution.customers.models import Store
from attribution.jobs import wake
from attribution.runs.models import Run
from attribution.warehouse.snapshot import connect
from surveys.definition import Kind
from surveys.definition.kinds import MEASURED, WITH_OPTIONS
from surveys.exports.items import Item, items
from surveys.models import BurstDecision, Recoding, Response, Survey
from surveys.results.counts import named
from surveys.results.weights import note_status

AT_ONCE = 20_000  # answers that are read while somebody waits: a second
BATCH = 20_000
SETTLED = timedelta(seconds=30)  # until then an answer of before may still be being stored
AGAIN = timedelta(minutes=2)  # between two files of many answers
MEMORY = "256MB"
RAW = pa.schema(
    [
        ("at", pa.timestamp("us", "UTC")), ("store_id", pa.int64()), ("language", pa.string()),
        ("source", pa.string()), ("arm", pa.string()),
        ("version", pa.int64()), ("customer_id", pa.int64()), ("said", pa.string()), ("meant", pa.string()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """A survey's answers as columns: ``day`` (the business's), ``hour`` (the store's), ``store_id``, ``language``,
    ``source``, ``arm``, ``version``, ``status`` (of the guest: see attribution.engine.cells) and one column a question,
    called as its item."""

    path: Path
    as_of: datetime


def questions(survey: Survey) -> list[Item]:
    return items((version.number, version.questionnaire) for version in survey.versions.order_by("-number"))


def kept_answers(survey: Survey) -> Kept | None:
    """Return the answers, as fresh as can be had at once; None where the worker has yet to write them."""
    kept = _newest(survey)
    if kept is not None and _latest_change(survey) < kept.as_of - SETTLED:
        return kept
    submitted = Response.objects.counted().filter(version__survey=survey)
    if submitted[: AT_ONCE + 1].count() <= AT_ONCE:
        return write_answers(survey)
    if kept is None or kept.as_of < timezone.now() - AGAIN:
        folder().mkdir(parents=True, exist_ok=True)
        (folder() / f"{survey.pk}.wanted").touch()
        wake("surveys.look")
    return kept


def write_wanted_answers() -> None:
    """Write what pages have asked for; a worker that dies meanwhile is asked again by the next look at the page."""
    for wanted in folder().glob("*.wanted"):
        wanted.unlink(missing_ok=True)
        survey = Survey.objects.filter(pk=int(wanted.stem)).first()
        if survey is not None:
            write_answers(survey)


def write_answers(survey: Survey) -> Kept:
    as_of, own = timezone.now(), folder()
    own.mkdir(parents=True, exist_ok=True)
    kept = Kept(own / f"{survey.pk}-{int(as_of.timestamp() * 1_000_000)}.parquet", as_of)
    with tempfile.TemporaryDirectory(prefix="part-", dir=own) as part:
        raw, done = Path(part) / "raw.parquet", Path(part) / "done.parquet"
        _read(survey, raw)
        with connect(memory=MEMORY, threads=2) as con:
            stores = [(store.pk, store.zone) for store in Store.objects.all()]
            con.execute("CREATE TABLE stores (id BIGINT, zone VARCHAR)")
            con.executemany("INSERT INTO stores VALUES (?, ?)", stores)
            selected = _selected(questions(survey), note_status(con))
            values = {"raw": str(raw), "zone": settings.BUSINESS_ZONE.key}
            con.execute(f"COPY ({selected}) TO '{done}' (FORMAT parquet)", values)
        done.rename(kept.path)
    for old in own.glob(f"{survey.pk}-*.parquet"):
        if old.name < kept.path.name:
            old.unlink(missing_ok=True)
    return kept


def _read(survey: Survey, path: Path) -> None:
    rows = (
        Response.objects.counted()
        .filter(version__survey=survey)
        .annotate(said=Cast("answers", TextField()), meant=Cast("codes", TextField()))
    )
    names = (
        "submitted_at", "placement__store_id", "language", "source", "arm", "version__number", "customer_id", "said",
        "meant",
    )  # fmt: skip
    batch: list[Any] = []
    with pq.ParquetWriter(path, RAW) as writer:
        for row in rows.values_list(*names).iterator(chunk_size=BATCH):
            batch.append(row)
            if len(batch) == BATCH:
                writer.write_batch(_columns(batch))
                batch.clear()
        if batch:
            writer.write_batch(_columns(batch))


def _columns(batch: Sequence[Any]) -> pa.RecordBatch:
    columns = zip(*batch, strict=True)
    return pa.record_batch(
        [pa.array(column, field.type) for column, field in zip(columns, RAW, strict=True)], schema=RAW
    )


def _selected(asked: Sequence[Item], status: str) -> str:
    extracted = "".join(f", {_extracted(item)} AS {named(item)}" for item in asked)
    return f"""
        SELECT timezone($zone, "at")::DATE AS day, date_part('hour', timezone(stores.zone, "at")) AS hour,
            store_id, language, source, nullif(arm, '') AS arm, version, {status} AS status {extracted}
        FROM read_parquet($raw) JOIN stores ON stores.id = store_id LEFT JOIN firsts USING (customer_id)
    """  # noqa: S608 - keys are letters and digits


def _extracted(item: Item) -> str:
    """Return SQL for a question's answer: words beside a choice as what they mean, of a text only that there is one."""
    where = f"$.\"{item.question.key}\""  # fmt: skip
    said = f"said->>'{where}'"
    if item.kind is Kind.MULTIPLE:
        value = f"from_json(said->'{where}', '[\"VARCHAR\"]')"
    elif item.kind in WITH_OPTIONS:
        value = f"coalesce(meant->>'{where}', {said})"
    elif item.kind in MEASURED:
        value = f"TRY_CAST({said} AS DOUBLE)"
    else:
        value = f"CASE WHEN {said} IS NOT NULL THEN 'typed' END"
    return f"CASE WHEN version IN ({', '.join(map(str, item.versions))}) THEN {value} END"


def _newest(survey: Survey) -> Kept | None:
    found = sorted(folder().glob(f"{survey.pk}-*.parquet"))
    if not found:
        return None
    moment = int(found[-1].stem.partition("-")[2]) / 1_000_000
    return Kept(found[-1], datetime.fromtimestamp(moment, UTC))


def _latest_change(survey: Survey) -> datetime:
    moments = (
        Response.objects.filter(received_at__isnull=False).aggregate(last=Max("received_at"))["last"],
        Recoding.objects.filter(book__survey=survey).aggregate(last=Max("finished_at"))["last"],
        survey.versions.aggregate(last=Max("published_at"))["last"],
        BurstDecision.objects.filter(burst__placement__survey=survey).aggregate(last=Max("at"))["last"],
        Run.objects.filter(state=Run.State.DONE).aggregate(first=Min("finished_at"))["first"],  # who was new before?
    )
    return max((moment for moment in moments if moment), default=datetime(1970, 1, 1, tzinfo=UTC))


def folder() -> Path:
    return Path(settings.SNAPSHOT_DIR).with_name("results-3")  # the columns' number: files with others are not read
