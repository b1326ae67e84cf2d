"""Whether a row is there: asked so often that putting the question together would cost more than the answer."""

from typing import Any

from django.db import connection
from django.db.models import Model


def has_row(model: type[Model], **values: Any) -> bool:
    """Say whether a row has all these values; with none, whether there is any row."""
    fields = [model._meta.get_field(name) for name in values]
    where = "".join(f" {'AND' if place else 'WHERE'} {field.column} = %s" for place, field in enumerate(fields))  # type: ignore[union-attr]
    prepared = [
        field.get_db_prep_value(value, connection)  # type: ignore[union-attr]
        for field, value in zip(fields, values.values(), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {model._meta.db_table}{where} LIMIT 1", prepared)  # noqa: S608 - our own names
        return cursor.fetchone() is not None
