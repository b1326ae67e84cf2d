"""What staff take guests' own words to mean."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.jobs import Job
from surveys import coding
from surveys.models.survey import Survey


class CodeBook(models.Model):
    """The rules for the words beside one question's options. Whoever codes an answer by them locks this row first."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="code_books", verbose_name=_("survey"))
    question_key = models.CharField(_("question"), max_length=40)

    class Meta:
        verbose_name, verbose_name_plural = _("code book"), _("code books")
        constraints = [models.UniqueConstraint(fields=["survey", "question_key"], name="codebook_one_per_question")]

    def __str__(self) -> str:
        return f"{self.survey} · {self.question_key}"

    def as_rules(self) -> list[coding.Rule]:
        return [rule.as_rule() for rule in self.rules.all()]


class CodingRule(models.Model):
    class Match(models.TextChoices):
        EQUALS = coding.Match.EQUALS.value, _("is just")
        CONTAINS = coding.Match.CONTAINS.value, _("contains")
        SOUNDS = coding.Match.SOUNDS.value, _("contains, or sounds like it (pinyin)")
        NEAR = coding.Match.NEAR.value, _("is nearly (slips of the finger)")

    book = models.ForeignKey(CodeBook, models.CASCADE, related_name="rules")
    position = models.PositiveIntegerField()
    match = models.CharField(_("if the text"), max_length=8, choices=Match, default=Match.SOUNDS)
    pattern = models.CharField(_("these words"), max_length=coding.LONGEST_PATTERN)
    option_key = models.CharField(_("it means"), max_length=40)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("coding rule"), _("coding rules")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.get_match_display()} “{self.pattern}”"

    def as_rule(self) -> coding.Rule:
        return coding.Rule(coding.Match(self.match), self.pattern, self.option_key)

    def told(self) -> dict[str, Any]:
        return {"match": self.match, "pattern": self.pattern, "option": self.option_key}


class Recoding(Job):
    """All answers so far coded anew by a book's rules, and what that changed.

    ``rules`` are those that it went by; ``before`` and ``after`` count answers with words by the option that they were
    coded as ("" for none).
    """

    book = models.ForeignKey(CodeBook, models.CASCADE, related_name="recodings")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)
    rules = models.JSONField(default=list, editable=False)
    before = models.JSONField(default=dict, editable=False)
    after = models.JSONField(default=dict, editable=False)
    changed = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("recoding"), _("recodings")
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="recoding_open",
            )
        ]

    @property
    def unmapped_before(self) -> int:
        return int(self.before.get("", 0))

    @property
    def unmapped_after(self) -> int:
        return int(self.after.get("", 0))
