"""Spend: entered, corrected and deleted by hand, or taken from an imported row; each row of a source exactly once."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution import facts
from attribution.customers.models import Staff, Store
from attribution.errors import DomainError
from attribution.evidence.models import Campaign, Channel, Spend

Outcome = Literal["inserted", "updated", "skipped"]
EARLIEST = date(2000, 1, 1)
LONGEST = timedelta(days=366)
FURTHEST_AHEAD = timedelta(days=366)


class BadSpend(DomainError):
    code = "bad_spend"


@dataclass(frozen=True)
class SpendValue:
    """What was spent: on a channel, over whole days of the business (both included), in minor units."""

    channel: Channel
    first_day: date
    last_day: date
    amount_minor: int
    campaign: Campaign | None = None
    store: Store | None = None
    impressions: int | None = None
    clicks: int | None = None
    note: str = ""

    def check(self) -> None:
        """Raise BadSpend, with the field that it concerns, for what cannot be right."""
        if self.amount_minor < 0:
            raise BadSpend(_("Spend cannot be negative. To correct an entry, change it."), field="amount")
        if self.last_day < self.first_day:
            raise BadSpend(_("The last day lies before the first."), field="last_day")
        if self.last_day - self.first_day >= LONGEST:
            raise BadSpend(_("An entry covers a year at most. Split it."), field="last_day")
        if self.first_day < EARLIEST:
            raise BadSpend(_("This day lies before the year 2000."), field="first_day")
        if self.last_day > timezone.localdate() + FURTHEST_AHEAD:
            raise BadSpend(_("This day lies more than a year ahead."), field="last_day")
        if self.campaign is not None and self.campaign.channel_id != self.channel.pk:
            raise BadSpend(_("This campaign belongs to another channel."), field="campaign")

    def columns(self) -> dict[str, Any]:
        return vars(self).copy()

    def place(self) -> str:
        """Return what names a row that has no id of its own: channel, campaign, store and days, as a digest."""
        parts = [self.channel.slug, self.campaign and self.campaign.pk, self.store and self.store.code]
        return _digest(*parts, self.first_day, self.last_day)

    def digest(self) -> str:
        return _digest(self.place(), self.amount_minor, self.impressions, self.clicks, self.note)


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join("" if part is None else str(part) for part in parts).encode()).hexdigest()


@transaction.atomic
def enter_spend(*, value: SpendValue, request_id: str, staff: Staff | None) -> Spend:
    """Store an entry made by hand; the same ``request_id`` again (a double tap) is the same entry."""
    value.check()
    defaults = value.columns() | {"entered_by": staff, "source": Spend.Source.MANUAL}
    spend, is_new = Spend.objects.get_or_create(source_key=f"manual:{request_id}", defaults=defaults)
    if is_new:
        facts.ring()
    return spend


@transaction.atomic
def correct_spend(*, spend: Spend, value: SpendValue) -> None:
    """Change an entry. An imported row keeps its key: the same file again leaves the correction alone."""
    value.check()
    columns = value.columns()
    if all(getattr(spend, name) == column for name, column in columns.items()):
        return
    for name, column in columns.items():
        setattr(spend, name, column)
    spend.save(update_fields=[*columns, "changed_at"])
    facts.ring()


@transaction.atomic
def delete_spend(*, spend: Spend) -> None:
    deleted, _rows = Spend.objects.filter(pk=spend.pk).delete()
    if deleted:
        facts.ring()


@transaction.atomic
def import_spend(*, value: SpendValue, source_id: str = "", staff: Staff | None = None) -> tuple[Spend, Outcome]:
    """Store a row of a source, or bring the stored one up to date; return which.

    ``source_id`` is the source's own id of the row; without one the channel, campaign, store and days name it. A row
    that says what it said before is skipped, even where the entry has been corrected by hand since.
    """
    value.check()
    key, mark = f"id:{source_id}" if source_id else f"row:{value.place()}", value.digest()
    columns = value.columns() | {"content_digest": mark}
    spend, is_new = Spend.objects.select_for_update().get_or_create(
        source_key=key, defaults=columns | {"entered_by": staff, "source": Spend.Source.IMPORT}
    )
    if not is_new and spend.channel_id != value.channel.pk and spend.content_digest != mark:
        # Two platforms may number their rows alike: one must not overwrite the other without a word.
        raise BadSpend(
            _("The id “%(id)s” is already used by spend on %(channel)s."),
            field="id",
            id=source_id,
            channel=spend.channel.name,
        )
    if not is_new and spend.content_digest == mark:
        return spend, "skipped"
    if not is_new:
        for name, column in columns.items():
            setattr(spend, name, column)
        spend.save(update_fields=[*columns, "changed_at"])
    facts.ring()
    return spend, "inserted" if is_new else "updated"
