"""A batch's codes as files: asked for by a row, written by the worker, kept for a week."""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from attribution.coupons.listing import code_table, codes_of, label_of, pages
from attribution.coupons.models import CodeFile, CodeRun, CouponBatch
from attribution.coupons.words import guest_terms
from attribution.jobs import LostLease, wake
from sheets.table import Table, Workbook
from sheets.write import write_csv, write_workbook


@transaction.atomic
def request_file(*, batch: CouponBatch, form: str, run: CodeRun | None, staff: Any, language: str) -> CodeFile:
    """Ask the worker for a batch's codes, or those of one run, in one of ``CodeFile.Form``."""
    row = CodeFile.objects.create(batch=batch, form=form, run=run, language=language, asked_by=staff)
    wake("coupons.look")
    return row


def write_waiting_files() -> None:
    """Write what waits, one file after the other, and remove what was asked for a week ago."""
    while (row := CodeFile.objects.claim_next()) is not None:
        try:
            write_file(row)
        except LostLease:  # another worker has it
            continue
    CodeFile.remove_old()


def write_file(row: CodeFile) -> None:
    """Write the file of a claimed row. Done twice, since its first worker died, it writes the same file again."""
    total = codes_of(row).count()
    with (
        row.failing_as("file_failed"),
        row.kept_alive(),
        translation.override(row.language),
        tempfile.TemporaryDirectory(prefix="wanamaker-") as folder,
    ):
        row.renew(0, total)
        path = Path(folder) / "codes"
        ending = _write(row, path)
        with path.open("rb") as file:
            kept = row.store(f"coupons/{row.uuid}.{ending}", file)
        row.finish(file=kept, progress=total)


def _book(row: CodeFile, title: str, table: Table) -> Workbook:
    batch = row.batch
    about: list[tuple[Any, object]] = [
        (_("Offer"), batch.name),
        (_("Issuer"), batch.get_issuer_display()),
        (_("Worth"), batch.worth),
        (_("Which codes"), _("all of the batch") if row.run is None else _("those of one request")),
        *((_("Terms"), line) for line in guest_terms(batch, list(batch.stores.all()))),
        (_("Written at"), row.requested_at),
    ]
    return Workbook(title, [table], about, row.language, settings.CURRENCY, settings.BUSINESS_ZONE)


def _write(row: CodeFile, path: Path) -> str:
    """Write the file and return its ending."""
    if row.is_labels:
        from attribution.coupons.labels import write_labels  # not before it is needed: what draws takes 30 MB

        codes = (coupon.code for coupon in pages(codes_of(row).only("pk", "code")))
        with path.open("wb") as out:
            return write_labels(codes, label_of(row.batch), row.form, out, row.renew)
    table = code_table(row, row.renew)
    if row.form == CodeFile.Form.XLSX:
        title = f"{row.batch.name} · {table.title}"
        write_workbook(_book(row, title, table), path)
        return "xlsx"
    with path.open("w", encoding="utf-8", newline="") as text:
        write_csv(table, text, currency=settings.CURRENCY, zone=settings.BUSINESS_ZONE)
    return "csv"
