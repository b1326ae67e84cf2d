"""A questionnaire while it is written, with the last changes to it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models.survey import Survey

MOST_STEPS = 51  # what it was before each of the last 50 changes, and what it is


class Draft(models.Model):
    """What is edited and not yet published; ``revision`` counts every change, so that two who edit at once are told.

    Undoing goes one step back without forgetting the next one.
    """

    survey = models.OneToOneField(Survey, models.CASCADE, related_name="draft", verbose_name=_("survey"))
    revision = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # Whether it differs from what is published, as far as is known without reading both.
    is_changed = models.BooleanField(default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("draft"), _("drafts")

    def __str__(self) -> str:
        return str(self.survey)

    @property
    def content(self) -> dict[str, Any]:
        return dict(self.steps.get(position=self.position).content)

    def has_step(self, position: int) -> bool:
        return self.steps.filter(position=position).exists()


class DraftStep(models.Model):
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField()
    content = models.JSONField()  # as surveys.drafts describes it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "position"], name="draftstep_once")]

    def __str__(self) -> str:
        return f"{self.draft} · {self.position}"
