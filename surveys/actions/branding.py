"""The business's logo: uploaded by a manager, in the place of the setting's."""

import hashlib
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from surveys.logos import drawn_anew
from surveys.models import Brand

ONLY = 1


@transaction.atomic
def save_logo(*, file: IO[bytes]) -> Brand:
    """Keep a picture as the logo, drawn anew. Raises BadLogo."""
    content = drawn_anew(file)
    brand = Brand.objects.select_for_update().filter(pk=ONLY).first() or Brand(pk=ONLY)
    before = brand.logo.name or ""
    brand.logo.save(f"{hashlib.sha256(content).hexdigest()[:16]}.png", ContentFile(content), save=False)
    brand.save()
    _forget(before)
    return brand


@transaction.atomic
def remove_logo() -> None:
    """Go back to the setting's logo, or to the name."""
    for brand in Brand.objects.select_for_update():
        brand.delete()
        _forget(brand.logo.name or "")


def _forget(name: str) -> None:
    """Delete a file that is no longer used, once that is certain."""
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))


def uploaded() -> str | None:
    """Return the name of the uploaded logo's file; None where there is none."""
    name = Brand.objects.filter(pk=ONLY).values_list("logo", flat=True).first()
    return name if name and default_storage.exists(name) else None


def logo() -> Path | None:
    """Return the file of the logo: the uploaded one, else the setting's, else none."""
    if (name := uploaded()) is not None:
        return Path(default_storage.path(name))
    picture: Path | None = settings.BUSINESS_LOGO
    return picture
