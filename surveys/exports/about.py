"""What a file of responses says of itself: who asked for what, and when."""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from attribution.customers.models import Store
from surveys.exports.form import LABELS, MISSINGS, SHAPES
from surveys.exports.items import Asked
from surveys.labels import LANGUAGE_NAMES
from surveys.models import Placement, ResponseFile
from surveys.results.picked import Picked


def about(row: ResponseFile, asked: Asked, picked: Picked, number: int) -> list[tuple[str, object]]:
    """Return lines of label and value for the file's first sheet."""
    return [
        (_("Business"), settings.BUSINESS_NAME),
        (_("Survey"), row.survey.name),
        (_("Asked for by"), str(row.asked_by or "—")),
        (_("Asked for at"), row.requested_at),
        (_("Written at"), timezone.now()),
        (_("Personal data"), _words_and_identities(asked)),
        *_filters(picked),
        (_("Number of responses"), number),
        (_("Not sent"), _("also those that were begun and not sent") if asked.with_left else _("left out")),
        (_("Layout"), str(SHAPES[asked.shape])),
        (_("Questions and answers"), str(LABELS[asked.labels])),
        (_("Where an answer is missing"), str(MISSINGS[asked.missing])),
    ]  # fmt: skip


def _words_and_identities(asked: Asked) -> str:
    if asked.is_raw:
        return _("Raw: with guests’ own words, receipts, coupon codes and customer numbers. Keep it safe.")
    return _("Masked: guests’ own words are shown as “•••”; receipts, coupon codes and customer numbers are left out.")


def _filters(picked: Picked) -> list[tuple[str, object]]:
    place = picked.placement and Placement.objects.select_related("store").filter(pk=picked.placement).first()
    store = picked.store and Store.objects.filter(pk=picked.store).first()
    first, last = picked.first_version or _("the first"), picked.last_version or _("the newest")
    return [
        (_("From"), picked.start or _("the beginning")),
        (_("Up to, not including"), picked.end or _("now")),
        (_("Store"), store.name if store else _("All stores")),
        (_("Place"), str(place) if place else _("All places")),
        (_("Language"), LANGUAGE_NAMES[picked.language] if picked.language else _("All languages")),
        (_("Source"), picked.source or _("All sources")),
        (_("Versions"), f"{first} – {last}"),
    ]
