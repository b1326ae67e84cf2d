from django.db import migrations, models

from attribution.facts import Cut
from attribution.runs.tracking import Track


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0002_run_orders_excluded"),
        ("customers", "0001_initial"),
        ("evidence", "0001_initial"),
        ("coupons", "0002_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=63)),
                ("kind", models.CharField(max_length=4)),
                ("key", models.BigIntegerField()),
                ("stamp", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "kind", "key", "stamp"), name="mark_once"),
                ],
            },
        ),
        migrations.AddField(
            model_name="run",
            name="is_base",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="run",
            name="read_whole",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="run",
            name="is_proved",
            field=models.BooleanField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_base", True)), fields=("is_base",), name="run_one_base"
            ),
        ),
        Track("customers_order", cut=Cut()),
        Track("customers_customer", watched=["merged_into_id"]),
        Track("evidence_touchpoint", cut=Cut()),
        Track("evidence_visit", cut=Cut()),
        Track("evidence_channel", watched=["slug"]),
        Track("evidence_trackedlink", watched=["channel_id"]),
        Track("coupons_coupon", cut=Cut()),
        Track("coupons_redemption", cut=Cut()),
        Track("coupons_couponbatch", watched=["channel_id"]),
    ]
