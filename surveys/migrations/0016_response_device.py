from django.db import migrations, models

from attribution.facts import Cut
from attribution.runs.tracking import Track


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0015_one_answer"),
    ]

    operations = [
        migrations.AddField(
            model_name="response",
            name="device",
            field=models.CharField(blank=True, max_length=20, verbose_name="kind of device"),
        ),
        # SQLite makes the table anew for new columns, and drops its triggers with the old one.
        Track("surveys_response", cut=Cut("received_at", "months")),
    ]
