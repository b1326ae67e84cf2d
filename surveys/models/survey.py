"""Surveys, their immutable versions, and what the choices mean."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from attribution.coupons.models import CouponBatch
from attribution.evidence.models import Channel
from attribution.names import Named
from surveys.definition import Definition, parse

MOST_PARSED = 200
# Questionnaires by their version, which never changes: each process reads each of them once.
PARSED: dict[tuple[int, datetime], Definition] = {}


class Survey(Named):
    reward_batch = models.ForeignKey(
        CouponBatch, models.PROTECT, null=True, blank=True, verbose_name=_("thank-you coupon")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    # Who counts as the same guest (surveys.same_guest), and for how many hours after an answer; none: for ever.
    by_device = models.BooleanField(default=True, editable=False)
    by_contact = models.BooleanField(default=False, editable=False)
    by_receipt = models.BooleanField(default=False, editable=False)
    window_hours = models.PositiveIntegerField(null=True, default=24, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("survey"), _("surveys")
        constraints = [models.CheckConstraint(condition=~models.Q(window_hours=0), name="survey_window_not_empty")]

    def latest_version(self) -> "SurveyVersion | None":
        return self.versions.order_by("-number").first()


class SurveyVersion(models.Model):
    """A published questionnaire. Its definition (surveys.definition) never changes again."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="versions", verbose_name=_("survey"))
    number = models.PositiveIntegerField(_("number"))
    definition = models.JSONField(_("definition"))
    published_at = models.DateTimeField(_("published at"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("survey version"), _("survey versions")
        constraints = [models.UniqueConstraint(fields=["survey", "number"], name="version_number_unique_per_survey")]

    def __str__(self) -> str:
        return f"{self.survey} · {self.number}"

    @cached_property
    def questionnaire(self) -> Definition:
        if self._state.adding:
            return parse(self.definition)
        if (known := PARSED.get((self.pk, self.published_at))) is None:
            known = parse(self.definition)
            if len(PARSED) >= MOST_PARSED:
                PARSED.clear()
            PARSED[self.pk, self.published_at] = known
        return known


class ChoiceChannel(models.Model):
    """Which channel a choice of the channel question means. Outside the definition, so that it can be corrected."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="choice_channels", verbose_name=_("survey"))
    question_key = models.CharField(_("question"), max_length=40)
    option_key = models.CharField(_("choice"), max_length=40)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, verbose_name=_("channel"))

    class Meta:
        verbose_name, verbose_name_plural = _("choice and its channel"), _("choices and their channels")
        constraints = [
            models.UniqueConstraint(fields=["survey", "question_key", "option_key"], name="choice_mapped_once")
        ]

    def __str__(self) -> str:
        return self.option_key

    @property
    def mapping_key(self) -> str:
        return f"choice:{self.survey_id}:{self.question_key}:{self.option_key}"
