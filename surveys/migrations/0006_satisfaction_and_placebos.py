from django.db import migrations, models

from attribution.facts import Cut
from attribution.runs.tracking import Track


class Migration(migrations.Migration):
    dependencies = [("surveys", "0005_poster_file"), ("runs", "0003_marks")]

    operations = [
        migrations.AddField(
            model_name="response",
            name="csat",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="satisfaction (1 to 5)"),
        ),
        migrations.AddField(
            model_name="response",
            name="chose_placebo",
            field=models.BooleanField(blank=True, null=True, verbose_name="chose a placebo"),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("csat", None), ("csat__range", (1, 5)), _connector="OR"),
                name="response_csat_1_to_5",
            ),
        ),
        # SQLite makes the table anew for a constraint, and drops its triggers with the old one.
        Track("surveys_response", cut=Cut("received_at", "months")),
    ]
