from collections.abc import Iterator
from itertools import count
from typing import Any

from django.db import migrations, models

CHUNK = 1_000


def fill(apps: Any, schema_editor: Any) -> None:
    """Say where the choice stood, for what was answered before; in chunks, each from where the last one ended."""
    Response, Version = (apps.get_model("surveys", name) for name in ("Response", "SurveyVersion"))
    questions = {version.pk: _question(version.definition) for version in Version.objects.iterator(chunk_size=100)}
    for rows in _chunks(Response.objects.filter(received_at__isnull=False).order_by("pk")):
        placed = [row for row in rows if _place(row, *questions[row.version_id])]
        Response.objects.bulk_update(placed, ["chosen_place", "places"])


def _chunks(rows: Any) -> Iterator[list[Any]]:
    found: list[Any] = []
    for number in count():
        after = rows.filter(pk__gt=found[-1].pk) if number else rows
        found = list(after.only("version_id", "answers", "shown_order")[:CHUNK])
        if not found:
            return
        yield found


def _question(definition: Any) -> tuple[str, set[str]]:
    """Return the key of a version's channel question, and its choices that always stand at the end."""
    question = next((one for one in definition["questions"] if one["kind"] == "channel"), {"key": ""})
    return question["key"], {option["key"] for option in question.get("options", ()) if option.get("pinned")}


def _place(row: Any, key: str, pinned: set[str]) -> bool:
    drawn = [option for option in row.shown_order.get(key, ()) if option not in pinned]
    chosen = row.answers.get(key)
    if chosen not in drawn:
        return False
    row.chosen_place, row.places = drawn.index(chosen), len(drawn)
    return True


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="response",
            name="chosen_place",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="place of the choice"),
        ),
        migrations.AddField(
            model_name="response",
            name="places",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="choices in drawn order"),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("chosen_place", None), ("places", None)),
                    models.Q(
                        ("chosen_place__isnull", False),
                        ("chosen_place__lt", models.F("places")),
                        ("places__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="response_place_among_shown",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
