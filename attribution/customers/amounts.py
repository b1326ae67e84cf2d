"""Amounts in the back office: as people read them, not in minor units."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from attribution.money import format_money

Column = str | Callable[[Any], str]


@cache
def amount(model: type[Model], name: str) -> Callable[[Any], str]:
    """Return the column of an amount, under its field's own name; the same one each time, since admin compares them."""

    @admin.display(
        description=model._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
        ordering=name,
    )
    def column(row: Any) -> str:
        return format_money(getattr(row, name))

    return column


class ShowsAmounts:
    """A ModelAdmin or an inline whose ``…_minor`` fields are shown as amounts; they can only be read there."""

    model: type[Model]

    def get_list_display(self, request: HttpRequest) -> list[Column]:
        return self._in_words(super().get_list_display(request))  # type: ignore[misc]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Column]:
        return self._in_words(super().get_fields(request, obj))  # type: ignore[misc]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Column]:
        named = self._in_words(getattr(self, "fields", None) or ())  # admin takes a column that is no field only here
        others = super().get_readonly_fields(request, obj)  # type: ignore[misc]
        return [*others, *(column for column in named if callable(column))]

    def _in_words(self, names: Any) -> list[Column]:
        return [amount(self.model, name) if str(name).endswith("_minor") else name for name in names]
