"""What was answered."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.coupons.models import Coupon
from attribution.customers.models import Customer
from surveys.models.guest import Burst, SameBy
from surveys.models.placement import Placement
from surveys.models.reward import Arm, RewardTrial
from surveys.models.survey import ChoiceChannel, SurveyVersion


class ResponseQuerySet(models.QuerySet["Response"]):
    def counted(self) -> "ResponseQuerySet":
        """Those that results, figures and evidence count: submitted, no repeat of the same guest's, not set aside."""
        return self.filter(received_at__isnull=False, repeats="", set_aside_at=None)


class Response(models.Model):
    """One guest's answers. The id is given at the first view, so that a retry, a reload or a second tab is the same
    row; the row is made with the first saved answer, and ``submitted_at`` set once, by a conditional update."""

    uuid = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4)
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="responses", verbose_name=_("placement"))
    version = models.ForeignKey(SurveyVersion, models.PROTECT, verbose_name=_("survey version"))
    language = models.CharField(_("language"), max_length=10)
    device = models.CharField(_("kind of device"), max_length=20, blank=True)  # as surveys.counting.Seen.kind has it
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
    # question key → option key that the words beside an option were taken to mean (surveys.coding)
    codes = models.JSONField(_("meaning of the words"), default=dict)
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
    csat = models.PositiveSmallIntegerField(_("satisfaction (1 to 5)"), null=True, blank=True)
    has_dont_remember = models.BooleanField(_("does not remember"), default=False)
    # Whether a placebo was chosen, which is no choice; neither where none was shown, as far as we know.
    chose_placebo = models.BooleanField(_("chose a placebo"), null=True, blank=True)
    # Where the chosen one of the drawn choices stood, from 0, and how many there were; neither for a choice that always
    # stands at the end, nor where another device drew the order.
    chosen_place = models.PositiveSmallIntegerField(_("place of the choice"), null=True, blank=True)
    places = models.PositiveSmallIntegerField(_("choices in drawn order"), null=True, blank=True)
    receipt_number = models.CharField(_("receipt number"), max_length=64, blank=True)
    source = models.CharField(_("source"), max_length=32, blank=True)  # of the address, as surveys.placements has it
    # Whether a coupon was promised, drawn before the guest began; neither where there was none to draw for.
    trial = models.ForeignKey(
        RewardTrial,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="responses",
        verbose_name=_("trial of the coupon"),
    )
    arm = models.CharField(_("promised"), max_length=7, choices=Arm, blank=True)
    # The questions that were shown and how each was left, as surveys.walk writes it; empty where that was not kept.
    steps = models.TextField(_("steps"), blank=True)
    saves = models.PositiveSmallIntegerField(_("steps saved"), default=0)  # how often a step was stored; bounded
    coupon = models.OneToOneField(
        Coupon, models.PROTECT, null=True, blank=True, related_name="response", verbose_name=_("coupon")
    )

    # By what the guest was seen to have answered before; such an answer is kept and counts nowhere.
    repeats = models.CharField(_("repeats an answer of the same"), max_length=7, choices=SameBy, blank=True)
    set_aside_at = models.DateTimeField(_("set aside at"), null=True, blank=True)
    burst = models.ForeignKey(
        Burst, models.SET_NULL, null=True, blank=True, editable=False, db_index=False, related_name="responses"
    )
    # A keyed digest that changes daily (surveys.networks), forgotten after three days.
    network = models.CharField(max_length=16, blank=True, editable=False)

    objects = ResponseQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=Q(trial=None, arm="") | Q(trial__isnull=False, arm__in=Arm.values),
                name="response_arm_of_trial",
            ),
            models.CheckConstraint(
                condition=~Q(arm=Arm.WITHOUT) | Q(coupon=None), name="response_without_gets_no_coupon"
            ),
            models.CheckConstraint(condition=Q(nps=None) | Q(nps__lte=10), name="response_nps_0_to_10"),
            models.CheckConstraint(condition=Q(csat=None) | Q(csat__range=(1, 5)), name="response_csat_1_to_5"),
            models.CheckConstraint(
                condition=Q(chosen_place=None, places=None)
                | Q(chosen_place__isnull=False, places__isnull=False, chosen_place__lt=F("places")),
                name="response_place_among_shown",
            ),
        ]
        indexes = [
            models.Index(fields=["placement", "shown_at"], name="response_placement_shown"),
            models.Index(fields=["received_at"], condition=Q(received_at__isnull=False), name="response_received"),
            models.Index(fields=["receipt_number"], condition=~Q(receipt_number=""), name="response_receipt"),
            models.Index(fields=["source"], condition=~Q(source=""), name="response_source"),
            models.Index(fields=["received_at"], condition=~Q(network=""), name="response_network"),
            models.Index(fields=["burst"], condition=Q(burst__isnull=False), name="response_burst"),
        ]

    @property
    def counts(self) -> bool:
        """Whether a submitted response is counted; see `ResponseQuerySet.counted`."""
        return not self.repeats and self.set_aside_at is None

    @property
    def is_submitted(self) -> bool:
        return self.received_at is not None

    def __str__(self) -> str:
        return str(self.uuid)
