# What the columns are called in the back office.

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_words"),
        ("evidence", "0002_spend_content_digest"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="touchpoint",
            options={"verbose_name": "touchpoint", "verbose_name_plural": "touchpoints"},
        ),
        migrations.AlterModelOptions(
            name="visit",
            options={"verbose_name": "visit", "verbose_name_plural": "visits"},
        ),
        migrations.AlterField(
            model_name="touchpoint",
            name="campaign",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="evidence.campaign",
                verbose_name="campaign",
            ),
        ),
        migrations.AlterField(
            model_name="touchpoint",
            name="channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="evidence.channel", verbose_name="channel"
            ),
        ),
        migrations.AlterField(
            model_name="touchpoint",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="touchpoints",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="touchpoint",
            name="kind",
            field=models.CharField(
                choices=[
                    ("survey", "answer"),
                    ("coupon", "coupon"),
                    ("link", "tracked link"),
                    ("referral", "referral"),
                    ("import", "import"),
                ],
                max_length=8,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="touchpoint",
            name="mapping_key",
            field=models.CharField(db_index=True, max_length=160, verbose_name="mapping"),
        ),
        migrations.AlterField(
            model_name="touchpoint",
            name="occurred_at",
            field=models.DateTimeField(verbose_name="occurred at"),
        ),
        migrations.AlterField(
            model_name="touchpoint",
            name="recorded_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="touchpoint",
            name="retracted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="retracted at"),
        ),
        migrations.AlterField(
            model_name="touchpoint",
            name="source_key",
            field=models.CharField(max_length=80, verbose_name="source"),
        ),
        migrations.AlterField(
            model_name="visit",
            name="at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="at"),
        ),
        migrations.AlterField(
            model_name="visit",
            name="link",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visits",
                to="evidence.trackedlink",
                verbose_name="tracked link",
            ),
        ),
    ]
