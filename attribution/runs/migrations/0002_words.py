# What the columns are called in the back office.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="pruned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="files removed at"),
        ),
    ]
