"""Which constraint had the last word."""

from django.db import IntegrityError, models


def lost(error: IntegrityError, model: type[models.Model], *constraints: str) -> bool:
    """Return whether the error is the word of one of these unique constraints of the model, or unique columns.

    PostgreSQL names the constraint; SQLite lists its columns instead.
    """
    said = str(error)
    table = model._meta.db_table
    fields = {c.name: c.fields for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)}
    for name in constraints:
        columns = [_column(model, field) for field in fields.get(name, (name,))]
        listed = ", ".join(f"{table}.{column}" for column in columns)
        if said.endswith(f": {listed}") or f'"{name}"' in said or f'"{table}_{columns[0]}_key"' in said:
            return True
    return False


def _column(model: type[models.Model], field: str) -> str | None:
    return next(column.column for column in model._meta.concrete_fields if column.name == field)
