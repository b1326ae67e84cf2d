"""Surveys, their immutable versions, where they hang, and what was answered."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.coupons.models import Coupon, CouponBatch
from attribution.customers.models import Customer, Store
from attribution.evidence.models import Channel, new_code
from attribution.names import Named
from surveys.definition import Definition, parse


class Survey(Named):
    reward_batch = models.ForeignKey(
        CouponBatch, models.PROTECT, null=True, blank=True, verbose_name=_("thank-you coupon")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("survey"), _("surveys")

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

    @property
    def questionnaire(self) -> Definition:
        return parse(self.definition)


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


class Placement(models.Model):
    class Mode(models.TextChoices):
        OWN_PHONE = "own_phone", _("guest's own phone")
        KIOSK = "kiosk", _("tablet at the counter")

    token = models.CharField(_("token"), max_length=22, unique=True, default=new_code, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="placements", verbose_name=_("survey"))
    store = models.ForeignKey(Store, models.PROTECT, verbose_name=_("store"))
    spot = models.CharField(_("spot"), max_length=80, blank=True, help_text=_("For instance table 4, counter, receipt"))
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.OWN_PHONE)
    is_open = models.BooleanField(_("open"), default=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("placement"), _("placements")

    def __str__(self) -> str:
        return f"{self.store} · {self.spot}" if self.spot else str(self.store)

    @property
    def is_kiosk(self) -> bool:
        return self.mode == self.Mode.KIOSK

    def is_open_at(self, moment: datetime) -> bool:
        """Whether guests may answer here; what was open stays open for nobody once it is switched off."""
        ends = [end for end in (self.expires_at, self.survey.closed_at) if end is not None]
        return self.is_open and self.store.is_active and all(moment < end for end in ends)


class Response(models.Model):
    """One guest's answers. The id is given at the first view, so that a retry, a reload or a second tab is the same
    row; the row is made with the first saved answer, and ``submitted_at`` set once, by a conditional update."""

    uuid = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4)
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="responses", verbose_name=_("placement"))
    version = models.ForeignKey(SurveyVersion, models.PROTECT, verbose_name=_("survey version"))
    language = models.CharField(_("language"), max_length=10)
    # question key → option keys in the order in which they were shown
    shown_order = models.JSONField(_("order of the choices"), default=dict)
    shown_at = models.DateTimeField(_("shown at"), default=timezone.now)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    # by the device's clock where it was offline
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)  # by ours
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="responses", verbose_name=_("customer")
    )
    # question key → option key, number or text; never a label, never a phone
    answers = models.JSONField(_("answers"), default=dict)
    # What the answers mean, taken out of them when they are submitted: tables that leave the database have no JSON.
    choice = models.ForeignKey(
        ChoiceChannel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="responses",
        verbose_name=_("choice and its channel"),
    )
    nps = models.PositiveSmallIntegerField(_("recommendation (0 to 10)"), null=True, blank=True)
    has_dont_remember = models.BooleanField(_("does not remember"), default=False)
    receipt_number = models.CharField(_("receipt number"), max_length=64, blank=True)
    saves = models.PositiveSmallIntegerField(_("steps saved"), default=0)  # how often a step was stored; bounded
    coupon = models.OneToOneField(
        Coupon, models.PROTECT, null=True, blank=True, related_name="response", verbose_name=_("coupon")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("response"), _("responses")
        constraints = [
            models.CheckConstraint(
                condition=Q(submitted_at=None, received_at=None)
                | Q(submitted_at__isnull=False, received_at__isnull=False, customer__isnull=False),
                name="response_submitted_is_received_from_someone",
            ),
            models.CheckConstraint(
                condition=Q(coupon=None) | Q(submitted_at__isnull=False), name="response_coupon_only_when_submitted"
            ),
            models.CheckConstraint(condition=Q(nps=None) | Q(nps__lte=10), name="response_nps_0_to_10"),
        ]
        indexes = [
            models.Index(fields=["placement", "shown_at"], name="response_placement_shown"),
            models.Index(fields=["received_at"], condition=Q(received_at__isnull=False), name="response_received"),
            models.Index(fields=["receipt_number"], condition=~Q(receipt_number=""), name="response_receipt"),
        ]

    @property
    def is_submitted(self) -> bool:
        return self.received_at is not None

    def __str__(self) -> str:
        return str(self.uuid)


class PlacementDay(models.Model):
    """How often a placement's page was shown, started and finished on a day of its store."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="days")
    day = models.DateField()
    impressions = models.PositiveIntegerField(default=0)
    starts = models.PositiveIntegerField(default=0)
    finishes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["placement", "day"], name="placementday_once_a_day"),
            models.CheckConstraint(condition=Q(finishes__lte=F("impressions")), name="placementday_finishes_shown"),
        ]
