"""Names that staff write in both languages."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _


def listed(parts: Iterable[object]) -> str:
    """Return the parts one after the other, divided as the reader's language divides a list."""
    return pgettext("between the parts of a list", ", ").join(map(str, parts))


class Named(models.Model):
    """Adds a name in Chinese and in English; ``name`` is the reader's, or the other one where that is empty."""

    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=80, blank=True)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        return self.name_in(get_language() or "zh-hans")

    def name_in(self, language: str) -> str:
        both = (self.name_zh_hans, self.name_en)
        return (both[0] or both[1]) if language.startswith("zh") else (both[1] or both[0])

    def __str__(self) -> str:
        return self.name or str(self.pk)
