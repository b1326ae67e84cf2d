"""Posters of a survey's places: drawn at once where they are few, else by the worker as a file."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from attribution.jobs import wake
from surveys.actions.branding import logo
from surveys.models import Placement, PosterFile, Survey
from surveys.placements import address

if TYPE_CHECKING:
    from surveys.posters import Poster

AT_ONCE = 20  # posters that somebody waits for: two seconds
A_STEP = 20  # posters between two signs of life


@dataclass(frozen=True)
class Printed:
    """What is the same on all the posters of one file."""

    form: str
    caption_zh_hans: str
    caption_en: str
    site: str


def places_to_print(survey: Survey) -> list[Placement]:
    """Return the places of a survey that guests find by a poster: not those that have ended, and no tablets."""
    now = timezone.now()
    places = Placement.objects.of(survey).filter(mode=Placement.Mode.OWN_PHONE)
    return [placement for placement in places if not placement.has_ended_at(now)]


def print_posters(*, placements: Iterable[Placement], printed: Printed, out: IO[bytes]) -> None:
    from surveys.posters import write_posters  # not before it is needed: what draws takes 30 MB

    picture = logo()
    write_posters((_poster(placement, printed, picture) for placement in placements), printed.form, out)


def _poster(placement: Placement, printed: Printed, picture: Path | None) -> "Poster":
    from surveys.posters import Poster

    store = placement.store
    names = dict.fromkeys((store.name_in("zh-hans"), store.name_in("en")))
    return Poster(
        address=address(placement, printed.site),
        title=settings.BUSINESS_NAME,
        caption_zh_hans=printed.caption_zh_hans,
        caption_en=printed.caption_en,
        footer=" · ".join(filter(None, (" ".join(names), placement.spot))),
        logo=picture,
    )


@transaction.atomic
def request_posters(*, survey: Survey, printed: Printed, staff: Any) -> PosterFile:
    """Ask the worker for the posters of all places of a survey."""
    row = PosterFile.objects.create(
        survey=survey, form=printed.form, caption_zh_hans=printed.caption_zh_hans, caption_en=printed.caption_en,
        site=printed.site, asked_by=staff,
    )  # fmt: skip
    wake("surveys.look")
    return row


def draw_waiting_posters() -> None:
    """Draw what waits, one file after the other, and remove what was asked for a week ago."""
    while (row := PosterFile.objects.claim_next()) is not None:
        draw_posters(row)
    PosterFile.remove_old()


def draw_posters(row: PosterFile) -> None:
    """Draw the posters of a claimed row. Done twice, since its first worker died, it writes the same file again."""
    with row.failing_as("posters_failed"), row.kept_alive(), tempfile.TemporaryFile() as out:
        places = places_to_print(row.survey)
        printed = Printed(row.form, row.caption_zh_hans, row.caption_en, row.site)
        print_posters(placements=_counted(row, places), printed=printed, out=out)
        out.seek(0)
        row.finish(file=row.store(f"posters/{row.uuid}.pdf", out), progress=len(places))


def _counted(row: PosterFile, places: list[Placement]) -> Iterator[Placement]:
    """Yield the places, and say on the way how far it has come."""
    for number, placement in enumerate(places):
        if number % A_STEP == 0:
            row.renew(number, len(places))
        yield placement
