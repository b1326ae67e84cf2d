"""Files: received, worked, tidied away."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from attribution.customers.imports.work import look_over, work
from attribution.customers.models import IdempotencyKey, ImportFile, Staff
from attribution.jobs import LostLease, wake

FILES_KEPT = timedelta(days=7)  # phones stand in them


def receive_file(
    *, kind: str, path: Path, name: str, options: dict[str, Any], staff: Staff | None, is_dry_run: bool = False
) -> ImportFile:
    """Keep a file to be imported, and wake the worker; raise BadFile for one that cannot be imported at all."""
    look_over(path, kind, options)
    row = ImportFile(kind=kind, name=name[-200:], options=options, uploaded_by=staff, is_dry_run=is_dry_run)
    with path.open("rb") as file:
        row.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        row.file.save(f"{row.uuid}{path.suffix[:10]}", File(file), save=False)
    with transaction.atomic():
        row.save()
        wake("customers.look")
    return row


def look() -> int:
    """Work the files that wait or were left behind, until there are none; return how many."""
    done = 0
    while (job := ImportFile.objects.claim_next()) is not None:
        try:
            work(job)
        except LostLease:  # another worker has it
            continue
        done += 1
    return done


def tidy() -> None:
    """Delete what is kept for a while only: uploaded files (not their counts), answers to API calls, sessions."""
    now = timezone.now()
    for row in ImportFile.objects.filter(finished_at__lt=now - FILES_KEPT).exclude(file="", bad_rows=""):
        row.file.delete(save=False)
        row.bad_rows.delete(save=False)
        row.save(update_fields=["file", "bad_rows"])
    IdempotencyKey.objects.filter(created_at__lt=now - IdempotencyKey.KEPT).delete()
    SessionStore.clear_expired()
