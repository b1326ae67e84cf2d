import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from attribution.facts import Cut
from attribution.runs.tracking import Track


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0002_initial"),
        ("customers", "0001_initial"),
        ("surveys", "0014_rewards"),
        ("runs", "0003_marks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Burst",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "to be looked at"), ("kept", "kept"), ("set_aside", "set aside")],
                        default="open",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("together", models.PositiveIntegerField()),
                ("hasty", models.PositiveIntegerField()),
                ("alike", models.PositiveIntegerField()),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "suspicious answers",
                "verbose_name_plural": "suspicious answers",
            },
        ),
        migrations.CreateModel(
            name="BurstDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "to be looked at"), ("kept", "kept"), ("set_aside", "set aside")],
                        max_length=9,
                    ),
                ),
                ("answers", models.PositiveIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="OneAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("device", "own device"), ("contact", "phone or e-mail"), ("receipt", "receipt")],
                        max_length=7,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="response",
            name="network",
            field=models.CharField(blank=True, editable=False, max_length=16),
        ),
        migrations.AddField(
            model_name="response",
            name="repeats",
            field=models.CharField(
                blank=True,
                choices=[("device", "own device"), ("contact", "phone or e-mail"), ("receipt", "receipt")],
                max_length=7,
                verbose_name="repeats an answer of the same",
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="set_aside_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="set aside at"),
        ),
        migrations.AddField(
            model_name="survey",
            name="by_contact",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="survey",
            name="by_device",
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AddField(
            model_name="survey",
            name="by_receipt",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="survey",
            name="window_hours",
            field=models.PositiveIntegerField(default=24, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(("window_hours", 0), _negated=True), name="survey_window_not_empty"
            ),
        ),
        migrations.AddField(
            model_name="burst",
            name="placement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="bursts", to="surveys.placement"
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="burst",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="responses",
                to="surveys.burst",
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                condition=models.Q(("network", ""), _negated=True), fields=["received_at"], name="response_network"
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(condition=models.Q(("burst__isnull", False)), fields=["burst"], name="response_burst"),
        ),
        migrations.AddField(
            model_name="burstdecision",
            name="burst",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="surveys.burst"
            ),
        ),
        migrations.AddField(
            model_name="burstdecision",
            name="staff",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="oneanswer",
            name="response",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="one_answers", to="surveys.response"
            ),
        ),
        migrations.AddField(
            model_name="oneanswer",
            name="survey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="one_answers", to="surveys.survey"
            ),
        ),
        migrations.AddIndex(
            model_name="burst",
            index=models.Index(fields=["placement", "state"], name="burst_placement_state"),
        ),
        migrations.AddIndex(
            model_name="burstdecision",
            index=models.Index(fields=["at"], name="burstdecision_at"),
        ),
        migrations.AddConstraint(
            model_name="oneanswer",
            constraint=models.UniqueConstraint(fields=("survey", "kind", "digest"), name="oneanswer_one_per_guest"),
        ),
        # SQLite makes the table anew for new columns, and drops its triggers with the old one.
        Track("surveys_response", cut=Cut("received_at", "months")),
    ]
