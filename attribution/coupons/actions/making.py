"""Codes by the hundred thousand, made by the worker: step by step, each with its place in the batch's stock."""

import time
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from attribution import facts
from attribution.coupons.actions.issuing import ensure_open, expiry, take_from_stock
from attribution.coupons.actions.races import lost
from attribution.coupons.actions.refusals import BadCount, TooFewLeft
from attribution.coupons.codes import new_codes
from attribution.coupons.models import CodeRun, Coupon, CouponBatch
from attribution.errors import DomainError
from attribution.jobs import LostLease, wake

MOST_CODES = 1_000_000  # at once
A_STEP = 2_500  # codes in one transaction: the database is kept for some 50 ms
A_TURN = 0.01  # seconds between two steps, in which a till that waits for the database gets its turn
_TABLE = Coupon._meta.db_table
# Not `bulk_create`, which spends ten times as long, on values that are the same in every row; nor a savepoint, which
# makes SQLite copy each page of the index.
_INSERT = f"INSERT INTO {_TABLE} (batch_id, issuer, issued_at, expires_at, code) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608


@transaction.atomic
def request_codes(*, batch: CouponBatch, count: int, staff: Any, language: str) -> CodeRun:
    """Ask the worker for so many codes that nobody has claimed yet.

    Raises BadCount, TooFewLeft, BatchPaused, BatchOver, NotOurs.
    """
    if not 1 <= count <= MOST_CODES:
        raise BadCount(most=f"{MOST_CODES:,}")
    now = timezone.now()
    ensure_open(batch, now)
    if batch.stock is not None and batch.issued_count + count > batch.stock:
        raise TooFewLeft(left=f"{batch.stock - batch.issued_count:,}")
    # A run is told by its moment (see CodeRun), so no two of a batch share one.
    last = batch.code_runs.aggregate(last=Max("requested_at"))["last"]
    if last is not None and last >= now:
        now = last + timedelta(microseconds=1)
    row = CodeRun.objects.create(batch=batch, total=count, language=language, asked_by=staff, requested_at=now)
    wake("coupons.look")
    return row


def make_waiting_codes() -> None:
    """Make what was asked for, one run after the other."""
    while (row := CodeRun.objects.claim_next()) is not None:
        try:
            make_codes(row)
        except LostLease:  # another worker has it
            continue


def make_codes(row: CodeRun) -> None:
    """Make the codes of a claimed run that are not there yet; what stands against it meanwhile ends it there."""
    with row.failing_as("codes_failed"):
        try:
            while (left := (row.total or 0) - row.progress) > 0:
                _make_some(row, min(A_STEP, left))
                time.sleep(A_TURN)
        except DomainError as refusal:
            row.fail(refusal.code)
            return
        row.finish()
        facts.ring()


def _make_some(row: CodeRun, count: int) -> None:
    """Make codes; one that is there already, once in a blue moon, has the whole step done again with others."""
    before = row.progress
    try:
        _write_some(row, count)
    except IntegrityError as error:
        if not lost(error, Coupon, "coupon_code_unique_per_issuer"):
            raise
        row.progress = before


@transaction.atomic
def _write_some(row: CodeRun, count: int) -> None:
    """Codes, stock and progress in one transaction: who takes the run up goes on where it stands."""
    batch = CouponBatch.objects.get(pk=row.batch_id)
    take_from_stock(batch, count, timezone.now())
    at = row.requested_at
    moments = map(connection.ops.adapt_datetimefield_value, (at, expiry(batch, at)))
    common = (batch.pk, batch.issuer, *moments)
    with connection.cursor() as cursor:  # in their order, which the index takes up faster
        cursor.executemany(_INSERT, [(*common, code) for code in sorted(new_codes(count))])
    row.renew(row.progress + count)
