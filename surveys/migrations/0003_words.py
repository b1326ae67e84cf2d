# What the columns are called in the back office.

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import attribution.evidence.models


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0005_words"),
        ("customers", "0002_words"),
        ("surveys", "0002_answers_taken_out"),
    ]

    operations = [
        migrations.AlterField(
            model_name="choicechannel",
            name="survey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="choice_channels",
                to="surveys.survey",
                verbose_name="survey",
            ),
        ),
        migrations.AlterField(
            model_name="placement",
            name="token",
            field=models.CharField(
                default=attribution.evidence.models.new_code,
                editable=False,
                max_length=22,
                unique=True,
                verbose_name="token",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="answers",
            field=models.JSONField(default=dict, verbose_name="answers"),
        ),
        migrations.AlterField(
            model_name="response",
            name="choice",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="responses",
                to="surveys.choicechannel",
                verbose_name="choice and its channel",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="coupon",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="response",
                to="coupons.coupon",
                verbose_name="coupon",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="responses",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="has_dont_remember",
            field=models.BooleanField(default=False, verbose_name="does not remember"),
        ),
        migrations.AlterField(
            model_name="response",
            name="language",
            field=models.CharField(max_length=10, verbose_name="language"),
        ),
        migrations.AlterField(
            model_name="response",
            name="nps",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="recommendation (0 to 10)"),
        ),
        migrations.AlterField(
            model_name="response",
            name="placement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="responses",
                to="surveys.placement",
                verbose_name="placement",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="receipt_number",
            field=models.CharField(blank=True, max_length=64, verbose_name="receipt number"),
        ),
        migrations.AlterField(
            model_name="response",
            name="received_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="received at"),
        ),
        migrations.AlterField(
            model_name="response",
            name="saves",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="steps saved"),
        ),
        migrations.AlterField(
            model_name="response",
            name="shown_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="shown at"),
        ),
        migrations.AlterField(
            model_name="response",
            name="shown_order",
            field=models.JSONField(default=dict, verbose_name="order of the choices"),
        ),
        migrations.AlterField(
            model_name="response",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="started at"),
        ),
        migrations.AlterField(
            model_name="response",
            name="submitted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="submitted at"),
        ),
        migrations.AlterField(
            model_name="response",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False, verbose_name="id"),
        ),
        migrations.AlterField(
            model_name="response",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="surveys.surveyversion", verbose_name="survey version"
            ),
        ),
        migrations.AlterField(
            model_name="surveyversion",
            name="survey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="surveys.survey",
                verbose_name="survey",
            ),
        ),
    ]
