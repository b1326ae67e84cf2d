"""Which responses of a survey a file or a page is about."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any, Self

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce

from surveys.models import Response, ResponseQuerySet, Survey


@dataclass(frozen=True)
class Picked:
    """Filters that are None or empty let everything pass; ``end`` is the first day that does not.

    A response belongs to the day on which it was submitted, or shown where it never was, by the business's clock.
    """

    start: date | None = None
    end: date | None = None
    store: int | None = None
    placement: int | None = None
    language: str = ""
    source: str = ""
    first_version: int | None = None
    last_version: int | None = None

    @classmethod
    def read(cls, written: dict[str, Any]) -> Self:
        """Return what :meth:`written` wrote, whatever else stands beside it."""
        known = {name: value for name, value in written.items() if name in cls.__dataclass_fields__}
        days = {name: date.fromisoformat(known[name]) for name in ("start", "end") if known.get(name)}
        return cls(**(known | days))

    def written(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self) | {
            name: day and day.isoformat() for name, day in (("start", self.start), ("end", self.end))
        }

    def of(self, survey: Survey) -> ResponseQuerySet:
        """Return the survey's responses that pass, submitted or not, with the moment ``at`` by which they are dated."""
        rows = Response.objects.filter(version__survey=survey)
        rows = rows.annotate(at=Coalesce(F("submitted_at"), F("shown_at")))
        wanted = {
            "at__gte": self.start and _midnight(self.start),
            "at__lt": self.end and _midnight(self.end),
            "placement__store": self.store,
            "placement": self.placement,
            "language": self.language or None,
            "source": self.source or None,
            "version__number__gte": self.first_version,
            "version__number__lte": self.last_version,
        }
        return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), settings.BUSINESS_ZONE)
