"""Tablets that should be heard of and are not, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from surveys.models import Survey
from surveys.models.kiosk import SILENT_AFTER, Kiosk


@dataclass(frozen=True)
class SilentRow:
    kiosk: Kiosk
    words: str


def silent_tablets(now: datetime, survey: Survey | None = None) -> list[SilentRow]:
    """Return the tablets that have fallen silent within their hours, of one survey or of all."""
    late = Kiosk.objects.filter(seen_at__lt=now - SILENT_AFTER).select_related("placement__store", "placement__survey")
    if survey is not None:
        late = late.filter(placement__survey=survey)
    rows = late.order_by("placement__store__code", "placement")
    return [SilentRow(kiosk, _in_words(kiosk, now)) for kiosk in rows if kiosk.is_silent_at(now)]


def _in_words(kiosk: Kiosk, now: datetime) -> str:
    """Return which tablet since when, by the store's clock; the day only where it is another."""
    assert kiosk.seen_at
    zone = kiosk.placement.store.zoneinfo
    seen, today = kiosk.seen_at.astimezone(zone), now.astimezone(zone).date()
    time = date_format(seen, "H:i" if seen.date() == today else "DATETIME_FORMAT")
    words = _("%(place)s: the tablet has been silent since %(time)s.") % {"place": kiosk.placement, "time": time}
    waiting = kiosk.unsent + kiosk.refused
    more = _("%(number)s answers wait on it, as far as is known.") % {"number": waiting} if waiting else ""
    return f"{words} {more}".strip()
