from django.db import migrations, models

from attribution.runs.tracking import Track


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_marks")]

    operations = [
        migrations.AddField(
            model_name="placement",
            name="hours",
            field=models.JSONField(blank=True, default=list, editable=False, verbose_name="hours"),
        ),
        migrations.AddField(
            model_name="placement",
            name="is_signed",
            field=models.BooleanField(default=False, verbose_name="signed address"),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_signed", False), models.Q(("mode", "kiosk"), _negated=True), _connector="OR"),
                name="placement_signed_is_own_phone",
                violation_error_message="Only the address for a guest’s own phone can be signed.",
            ),
        ),
        # SQLite has rebuilt the table, and dropped its triggers with the old one.
        Track("surveys_placement", watched=["store_id"]),
    ]
