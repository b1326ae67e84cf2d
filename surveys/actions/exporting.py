"""Responses as a file: asked for, written by the worker in memory that does not grow, kept for a week."""

import csv
import io
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from attribution.evidence.models import Channel
from attribution.jobs import wake
from sheets.table import Workbook
from sheets.write import safe_text, write_csv, write_workbook
from surveys.exports.about import about
from surveys.exports.book import code_book
from surveys.exports.items import Asked, Place, Said, items
from surveys.exports.rows import Ground, long, wide
from surveys.models import Placement, Response, ResponseFile, Survey
from surveys.results.picked import Picked

A_STEP = 1_000  # responses read at once
MOMENT_BYTES, ID_BYTES = 8, 16
WANTED_BYTES = MOMENT_BYTES + ID_BYTES
READ = (
    "uuid", "version_id", "placement_id", "shown_at", "started_at", "submitted_at", "received_at", "language",
    "receipt_number", "source", "arm", "customer__uuid", "choice__channel_id", "coupon__code", "chose_placebo",
    "repeats", "set_aside_at", "steps", "answers", "codes",
)  # fmt: skip


@transaction.atomic
def request_responses(*, survey: Survey, asked: Asked, picked: Picked, language: str, staff: Any) -> ResponseFile:
    """Ask the worker for a file of a survey's responses."""
    written = asdict(asked) | picked.written()
    row = ResponseFile.objects.create(
        survey=survey, asked=written, is_raw=asked.is_raw, language=language, asked_by=staff
    )
    wake("surveys.look")
    return row


def request_again(*, row: ResponseFile, staff: Any) -> ResponseFile:
    """Ask once more for what has failed."""
    asked, picked = _read(row)
    return request_responses(survey=row.survey, asked=asked, picked=picked, language=row.language, staff=staff)


def write_waiting_responses() -> None:
    """Write what waits, one file after the other, and remove what was asked for a week ago."""
    while (row := ResponseFile.objects.claim_next()) is not None:
        write_responses(row)
    ResponseFile.remove_old()


def write_responses(row: ResponseFile) -> None:
    """Write the file of a claimed row. Done twice, since its first worker died, it writes the same file again."""
    asked, picked = _read(row)
    language = row.language if asked.labels == "keys" else asked.labels
    with row.failing_as("export_failed"), row.kept_alive(), translation.override(language):
        wanted = _wanted(row.survey, asked, picked)
        ground = ground_of(row.survey, asked)
        shape = wide if asked.shape == "wide" else long
        table = shape(ground, _counted(row, wanted))
        book = Workbook(
            title=f"{row.survey.name_in(language)} · {table.title}",
            tables=[table, code_book(ground)],
            about=about(row, asked, picked, len(wanted) // WANTED_BYTES),
            language=language,
            currency=settings.CURRENCY,
            zone=settings.BUSINESS_ZONE,
        )
        with tempfile.TemporaryDirectory(prefix="wanamaker-") as folder:
            path = Path(folder) / "responses"
            write_workbook(book, path) if asked.format == "xlsx" else write_archive(book, path, asked.format)
            with path.open("rb") as file:
                kept = row.store(f"responses/{row.uuid}.{ending(asked.format)}", file)
            row.finish(file=kept, progress=len(wanted) // WANTED_BYTES)


def _read(row: ResponseFile) -> tuple[Asked, Picked]:
    asked = {name: value for name, value in row.asked.items() if name in Asked.__dataclass_fields__}
    return Asked(**asked), Picked.read(row.asked)


def _wanted(survey: Survey, asked: Asked, picked: Picked) -> bytearray:
    """Return moment and id of each response, oldest first: 24 MB a million, sorted here, since SQLite would take 200.

    No cursor stays open while they are written, and what comes in meanwhile is not among them.
    """
    rows: Any = picked.of(survey)  # with the moment that it is picked by, `at`
    if not asked.with_left:
        rows = rows.filter(received_at__isnull=False)
    found = bytearray()
    for at, pk in rows.order_by().values_list("at", "pk").iterator(chunk_size=2_000):
        found += int(at.timestamp() * 1_000_000).to_bytes(MOMENT_BYTES) + pk.bytes
    np.frombuffer(found, f"S{WANTED_BYTES}").sort()
    return found


def _counted(row: ResponseFile, wanted: bytearray) -> Iterator[Said]:
    """Yield the responses in the order of their ids, and say on the way how far it has come."""
    total = len(wanted) // WANTED_BYTES
    for first in range(0, total, A_STEP):
        row.renew(first, total)
        some = [
            UUID(bytes=bytes(wanted[place * WANTED_BYTES + MOMENT_BYTES : (place + 1) * WANTED_BYTES]))
            for place in range(first, min(first + A_STEP, total))
        ]
        found = {said.uuid: said for said in map(Said._make, _rows(some))}
        yield from (found[pk] for pk in some if pk in found)
    row.renew(total, total)


def _rows(ids: list[UUID]) -> Any:
    return Response.objects.filter(pk__in=ids).values_list(*READ)


def ground_of(survey: Survey, asked: Asked) -> Ground:
    versions = {version.pk: (version.number, version.questionnaire) for version in survey.versions.all()}
    newest_first = sorted(versions.values(), key=lambda pair: -pair[0])
    return Ground(
        asked=asked,
        items=items(newest_first),
        versions=versions,
        places={place.pk: _place(place) for place in Placement.objects.of(survey)},
        channels={channel.pk: (channel.slug, channel.name) for channel in Channel.objects.all()},
    )


def _place(placement: Placement) -> Place:
    store = placement.store
    mode = str(placement.get_mode_display())
    return Place(store.code, store.name, placement.spot, placement.mode, mode, store.zoneinfo)


def write_archive(book: Workbook, path: Path, encoding: str) -> None:
    """Write a workbook's tables as CSV into one ZIP, with what stands on its first sheet as a file of its own."""
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=4) as archive:
        for table in book.tables:
            with _member(archive, table.key, encoding) as out:
                write_csv(table, out, currency=book.currency, zone=book.zone, has_mark=encoding != "gbk")
        with _member(archive, "about", encoding) as out:
            out.write("" if encoding == "gbk" else "\ufeff")
            lines = csv.writer(out, lineterminator="\r\n")
            lines.writerows([safe_text(label), safe_text(str(value))] for label, value in book.about)


def _member(archive: ZipFile, name: str, encoding: str) -> io.TextIOWrapper:
    member = archive.open(f"{name}.csv", "w", force_zip64=True)
    codec = "gbk" if encoding == "gbk" else "utf-8"
    return io.TextIOWrapper(member, encoding=codec, errors="replace", newline="")


def ending(format_: str) -> str:
    return "xlsx" if format_ == "xlsx" else "zip"


def file_name(row: ResponseFile) -> str:
    """Return the name under which the file is saved: readable, safe on every file system."""
    words = [row.survey.name, row.asked["shape"], timezone.localtime(row.requested_at).strftime("%Y-%m-%d")]
    safe = ("".join(sign if sign.isalnum() or sign in " -_" else "_" for sign in word) for word in words)
    return f"{'-'.join(safe)}.{ending(row.asked['format'])}"
