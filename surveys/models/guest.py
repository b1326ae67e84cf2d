"""Who has answered already, and answers that came in a suspicious burst."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys.models.placement import Placement
from surveys.models.survey import Survey


class SameBy(models.TextChoices):
    """What guests are recognised by."""

    DEVICE = "device", _("own device")
    CONTACT = "contact", _("phone or e-mail")
    RECEIPT = "receipt", _("receipt")


class OneAnswer(models.Model):
    """The answer that counts of whoever has this device, phone, e-mail address or receipt: their last one in a survey.

    Known by a keyed digest alone. Taken by a single upsert (`surveys.actions.one_answer`), so that of two at the same
    moment one counts.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="one_answers")
    kind = models.CharField(max_length=7, choices=SameBy)
    digest = models.CharField(max_length=64)
    response = models.ForeignKey("surveys.Response", models.CASCADE, related_name="one_answers")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "kind", "digest"], name="oneanswer_one_per_guest"),
        ]


class Burst(models.Model):
    """Answers that look as if they did not come from guests (`surveys.bursts`), for a manager to judge."""

    class State(models.TextChoices):
        OPEN = "open", _("to be looked at")
        KEPT = "kept", _("kept")
        SET_ASIDE = "set_aside", _("set aside")

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="bursts")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    # Of so many answers from this network in the busiest stretch, so many too fast, and so many alike in a row.
    together = models.PositiveIntegerField()
    hasty = models.PositiveIntegerField()
    alike = models.PositiveIntegerField()
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("suspicious answers"), _("suspicious answers")
        indexes = [models.Index(fields=["placement", "state"], name="burst_placement_state")]

    def __str__(self) -> str:
        return f"{self.placement} · {self.first_at:%Y-%m-%d %H:%M}"


class BurstDecision(models.Model):
    """What was decided of a burst, when and by whom; ``open`` takes the last decision back. Never changed."""

    burst = models.ForeignKey(Burst, models.CASCADE, related_name="decisions")
    state = models.CharField(max_length=9, choices=Burst.State)
    answers = models.PositiveIntegerField()  # how many it concerned
    at = models.DateTimeField(default=timezone.now)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="burstdecision_at")]
