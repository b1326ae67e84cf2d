"""One guest, one answer: whose answer counts, decided at once for all that a guest is recognised by."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from surveys.models import OneAnswer, Response, Survey
from surveys.same_guest import Mark, begin_of_window, end_of_window

TABLE = OneAnswer._meta.db_table
# One statement, so that it costs no more and leaves no gap between looking and taking: of two answers at the same
# moment the second waits for the first one's row, and finds it taken. Taken is what was answered within the window,
# on either side: a tablet may send late what was answered long before.
TAKE = f"""
    INSERT INTO {TABLE} (survey_id, kind, digest, response_id, at) VALUES %s
    ON CONFLICT (survey_id, kind, digest) DO UPDATE SET
        response_id = CASE WHEN excluded.at > {TABLE}.at THEN excluded.response_id ELSE {TABLE}.response_id END,
        at = CASE WHEN excluded.at > {TABLE}.at THEN excluded.at ELSE {TABLE}.at END
    WHERE {TABLE}.at <= %%s OR {TABLE}.at >= %%s OR {TABLE}.response_id = excluded.response_id
    RETURNING kind, digest
"""  # noqa: S608 - our own names
LATEST = timedelta(days=90)  # so long after it was answered a tablet's answer may come in


def take_one_answer(*, response: Response, survey: Survey, marks: Sequence[Mark], at: datetime) -> str:
    """Let this be the guest's one answer; return by what it repeats an earlier one, nothing if it counts.

    Call it in the transaction that submits the response. An answer that repeats takes nothing: whose phone was typed
    on a friend's device can still answer on their own.
    """
    if not marks:
        return ""
    taken = _take(response, survey, marks, at)
    lost = [mark.kind for mark in marks if mark not in taken]
    if lost and taken:
        OneAnswer.objects.filter(response=response).delete()
    return str(lost[0]) if lost else ""


def _take(response: Response, survey: Survey, marks: Sequence[Mark], at: datetime) -> set[Mark]:
    identity = OneAnswer._meta.get_field("response").get_db_prep_save(response.pk, connection)
    moment = connection.ops.adapt_datetimefield_value
    values: list[Any] = []
    for mark in marks:
        values += [survey.pk, str(mark.kind), mark.digest, identity, moment(at)]
    rows = ", ".join(["(%s, %s, %s, %s, %s)"] * len(marks))
    with connection.cursor() as cursor:
        bounds = [moment(begin_of_window(survey, at)), moment(end_of_window(survey, at))]
        cursor.execute(TAKE % rows, [*values, *bounds])
        return {Mark(*row) for row in cursor.fetchall()}


@transaction.atomic
def set_one_answer(
    *, survey: Survey, by_device: bool, by_contact: bool, by_receipt: bool, window_hours: int | None
) -> None:
    """Say who counts as the same guest, and for how long; what was answered before stays counted as it was."""
    survey.by_device, survey.by_contact, survey.by_receipt = by_device, by_contact, by_receipt
    survey.window_hours = window_hours
    survey.save(update_fields=["by_device", "by_contact", "by_receipt", "window_hours"])


def forget_old_guests() -> None:
    """Remove by whom an answer came once that can matter no more."""
    for survey in Survey.objects.filter(window_hours__isnull=False):
        before = begin_of_window(survey, timezone.now()) - LATEST
        OneAnswer.objects.filter(survey=survey, at__lt=before).delete()
