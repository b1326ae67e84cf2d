"""Alarms that nobody has acknowledged yet, in words."""

from dataclasses import dataclass

from babel.numbers import format_percent
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sheets.display import locale_of
from surveys.models import PlacementAlarm, Survey

Kind = PlacementAlarm.Kind


@dataclass(frozen=True)
class AlarmRow:
    alarm: PlacementAlarm
    words: str


def alarm_rows(survey: Survey | None = None) -> list[AlarmRow]:
    """Return what lasts and nobody knows of yet, of one survey or of all."""
    waiting = PlacementAlarm.objects.filter(ended_at=None, acknowledged_at=None)
    if survey is not None:
        waiting = waiting.filter(placement__survey=survey)
    rows = waiting.select_related("placement__store").order_by("placement__store__code", "placement", "kind")
    return [AlarmRow(alarm, in_words(alarm)) for alarm in rows]


def in_words(alarm: PlacementAlarm) -> str:
    place, day = str(alarm.placement), date_format(alarm.day, "DATE_FORMAT")
    if alarm.kind == Kind.SILENT:
        if alarm.last_shown is None:
            return _("%(place)s has been silent for four weeks.") % {"place": place}
        last = date_format(alarm.last_shown, "DATE_FORMAT")
        return _("%(place)s has been silent since %(day)s.") % {"place": place, "day": last}
    if alarm.kind in {Kind.FEW, Kind.MANY}:
        words = _("%(place)s was shown %(value)s times on %(day)s; usual are %(low)s to %(high)s.")
        numbers = (f"{number:.0f}" for number in (alarm.value, alarm.low, alarm.high))
    else:
        words = _("%(value)s of those who saw %(place)s on %(day)s finished; usual are %(low)s to %(high)s.")
        locale = locale_of(get_language() or settings.LANGUAGE_CODE)
        numbers = (str(format_percent(share, locale=locale)) for share in (alarm.value, alarm.low, alarm.high))
    value, low, high = numbers
    return words % {"place": place, "day": day, "value": value, "low": low, "high": high}
