"""One file from its first row to its last.

Every chunk is one transaction that also moves the counters of its row in ``ImportFile`` and checks that the file is
still ours: a worker that dies leaves whole chunks behind, and the one that takes the file up goes on after the last of
them. Doing a chunk twice would change nothing, but it would count twice.

A row that cannot be read fails the whole group it belongs to: an order that lost a line without a word would be a wrong
order. Nothing else is lost.
"""

import tempfile
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation

from attribution.customers.imports.contract import Context, Importer, Taken, day_orders, importer_for
from attribution.customers.imports.messages import BadFile, tell
from attribution.customers.imports.spill import Spill
from attribution.customers.models import ImportFile
from attribution.jobs import LostLease
from attribution.names import listed
from sheets.read import Chunk, FailedRow, Limits, SheetError, SheetFile, open_sheet, recognise_columns
from sheets.write import write_error_rows

CHUNK_ROWS = 5_000
READ_ROWS = 20_000
MOST_TRIES = 3
FIRST_BAD_ROWS = 10
HEADINGS_NAMED = 6


def look_over(path: Path, kind: str, options: dict[str, Any]) -> tuple[SheetFile, dict[str, str]]:
    """Return the opened file and field → heading; raise BadFile, in words, if it cannot be imported at all."""
    importer = importer_for(kind)
    labels = {one.name: str(one.label) for one in importer.fields}
    known = {one.name: [labels[one.name], *one.headings] for one in importer.fields}
    try:
        sheet = open_sheet(path, limits=Limits(file_bytes=settings.IMPORT_MAX_BYTES))
        columns = recognise_columns(sheet.headings, known)
    except SheetError as error:
        params = dict(error.params)
        if "field" in params:
            params["field"] = labels[str(params["field"])]
        raise BadFile(error.code, params) from error
    missing = importer.missing(columns.mapping, options)
    if missing:
        raise BadFile(
            "no_store" if missing == ["store"] else "headings_known",
            {
                "columns": listed(labels[name] for name in missing),
                "found": listed(sheet.headings),
                "known": " · ".join(heading for name in missing for heading in known[name][1 : 1 + HEADINGS_NAMED]),
            },
        )
    return sheet, columns.mapping


def work(job: ImportFile) -> None:
    """Import a claimed file to its end; raises LostLease if another worker took it up."""
    with translation.override(job.options.get("language", settings.LANGUAGE_CODE)), job.failing_as("crashed"):
        try:
            with tempfile.TemporaryDirectory(prefix="import-") as folder:
                _work(job, Path(folder))
        except BadFile as error:
            job.fail(error.code, **error.params)
        except FileNotFoundError:
            job.fail("file_gone")


def _work(job: ImportFile, folder: Path) -> None:
    importer = importer_for(job.kind)
    sheet, mapping = look_over(Path(job.file.path), job.kind, job.options)
    context = Context(job.options, mapping, job.uploaded_by)
    with Spill(folder, sheet.headings) as spill:
        _first_pass(job, importer, sheet, mapping, context, spill)
        rows = spill.rows
        if not rows:
            raise BadFile("no_rows")
        ignored = [heading for heading in sheet.headings if heading not in mapping.values()]
        done = _begin(job, importer, mapping, ignored, rows)
        names = {spill.names[sheet.headings.index(heading)]: field for field, heading in mapping.items()}
        for number, chunk in enumerate(spill.chunks(CHUNK_ROWS)):
            frame = chunk[["grp", "broken", *names]].rename(columns=names)
            spill.reject(_take(job, importer, frame, context, number, is_done=number < done))
        _end(job, sheet, spill)


def _first_pass(
    job: ImportFile, importer: Importer, sheet: SheetFile, mapping: dict[str, str], context: Context, spill: Spill
) -> None:
    orders = day_orders(importer)
    for chunk in sheet.chunks(READ_ROWS):
        frame, broken = _whole(chunk, sheet)
        rows = frame[list(mapping.values())].set_axis(list(mapping), axis=1)
        for name, order in orders.items():
            if name in rows and not order.settled:
                order.see(rows[name])
        spill.add(frame, importer.groups(rows, context), importer.waits(rows), broken)
        job.renew()
    try:
        context.orders = {name: order.decide() for name, order in orders.items()}
    except SheetError as error:
        raise BadFile(error.code, error.params) from error


def _whole(chunk: Chunk, sheet: SheetFile) -> tuple[pd.DataFrame, pd.Series]:
    """Return all rows of a chunk, the broken ones with what can be told of their cells, and why those are broken."""
    width = len(sheet.headings)
    broken = pd.DataFrame(
        [_guess(row, sheet.detail.get("delimiter"), width) for row in chunk.failed],
        columns=sheet.headings,
        index=[row.row for row in chunk.failed],
        dtype="str",
    )
    reasons = pd.Series({row.row: tell(row.code, row.params) for row in chunk.failed}, dtype="str")
    frame = pd.concat([chunk.frame, broken]) if len(broken) else chunk.frame
    return frame, reasons.reindex(frame.index)


def _guess(row: FailedRow, delimiter: str | None, width: int) -> list[str | None]:
    values = row.values
    if len(values) == 1 and delimiter:
        values = [part.strip().strip('"') for part in values[0].split(delimiter)]
    cells: list[str | None] = [value or None for value in values[:width]]
    return cells + [None] * (width - len(cells))


def _begin(job: ImportFile, importer: Importer, mapping: dict[str, str], ignored: list[str], rows: int) -> int:
    """Return how many chunks an earlier attempt has committed; begin anew if rows would be grouped otherwise now."""
    done = job.report.get("chunks", 0) if job.report.get("basis") == importer.basis() else 0
    job.mapping, job.rows = mapping, rows
    if not done:
        job.inserted = job.updated = job.skipped = job.failed = 0
        job.report = {"basis": importer.basis(), "chunks": 0, "remarks": {}, "ignored": ignored}
    job.renew(total=rows, progress=job.inserted + job.updated + job.skipped + job.failed)
    job.save(update_fields=["mapping", "rows", "inserted", "updated", "skipped", "failed", "report"])
    return int(done)


def _take(
    job: ImportFile, importer: Importer, frame: pd.DataFrame, context: Context, number: int, *, is_done: bool
) -> dict[int, str]:
    """Take one chunk and return why rows failed. One that is done already is only read again for its bad rows."""
    clean, bad = _read(importer, frame, context)
    for attempt in range(MOST_TRIES):
        try:
            with transaction.atomic():
                taken = importer.take(clean, context) if len(clean) else Taken()
                if taken.rows != len(clean):
                    raise AssertionError(f"{taken.rows} outcomes for {len(clean)} rows")
                if is_done or job.is_dry_run:
                    transaction.set_rollback(True)
                else:
                    _count(job, taken, bad, number)
            break
        except IntegrityError:  # somebody wrote one of these rows meanwhile: look again
            if attempt == MOST_TRIES - 1:
                raise
    if job.is_dry_run and not is_done:
        _count(job, taken, bad, number)
    return bad | taken.failed


def _read(importer: Importer, frame: pd.DataFrame, context: Context) -> tuple[pd.DataFrame, dict[int, str]]:
    """Return the rows whose whole group can be read, typed, and why the others fail."""
    groups, broken = frame["grp"], frame["broken"]
    whole = frame[broken.isna()].drop(columns=["grp", "broken"])
    typed, bad = importer.read(whole, context)
    bad |= dict(zip(map(int, broken.dropna().index), broken.dropna(), strict=True))
    spoilt = groups[groups.isin(groups[groups.index.isin(bad)].dropna())]
    culprits = {spoilt[row]: row for row in reversed(spoilt.index) if row in bad}
    for row in spoilt.index.difference(list(bad)):
        culprit = culprits[spoilt[row]]
        bad[int(row)] = tell("same_group", {"row": culprit, "reason": bad[culprit]})
    clean = typed[~typed.index.isin(bad)]
    return clean.assign(grp=groups.reindex(clean.index)), bad


def _count(job: ImportFile, taken: Taken, bad: dict[int, str], number: int) -> None:
    """Move the counters in the chunk's own transaction, if the file is still ours."""
    report = job.report | {
        "chunks": number + 1,
        "remarks": dict(Counter(job.report["remarks"]) + taken.remarks),
    }
    failed = len(bad) + len(taken.failed)
    moved = {"inserted": taken.inserted, "updated": taken.updated, "skipped": taken.skipped, "failed": failed}
    mine = ImportFile.objects.filter(pk=job.pk, state=ImportFile.State.RUNNING, attempts=job.attempts)
    if not mine.update(report=report, **{name: F(name) + rows for name, rows in moved.items()}):
        raise LostLease
    job.renew(progress=job.progress + taken.rows + len(bad))
    job.report = report


def _end(job: ImportFile, sheet: SheetFile, spill: Spill) -> None:
    job.refresh_from_db(fields=["inserted", "updated", "skipped", "failed"])
    if not job.failed:
        job.finish(progress=job.rows)
        return
    first = [[number, reason] for number, reason, _values in islice(spill.rejected(), FIRST_BAD_ROWS)]
    with tempfile.TemporaryFile() as workbook:
        write_error_rows(workbook, sheet.headings, spill.rejected(), language=translation.get_language() or "en")
        job.bad_rows.save(f"{job.uuid}-bad.xlsx", File(workbook), save=False)
    job.finish(progress=job.rows, bad_rows=job.bad_rows.name, report=job.report | {"first": first})
