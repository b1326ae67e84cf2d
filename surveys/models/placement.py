"""Where surveys hang, how often they were shown there, and what is printed for it."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from attribution.customers.models import Store
from attribution.evidence.models import new_code
from attribution.hours import Hours
from attribution.jobs import FileJob
from surveys.models.survey import Survey


class PlacementQuerySet(models.QuerySet["Placement"]):
    def of(self, survey: Survey) -> "PlacementQuerySet":
        """A survey's places by store, with what a page shows of each."""
        return self.filter(survey=survey).select_related("store", "survey").order_by("store__code", "pk")


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
    hours = models.JSONField(_("hours"), default=list, blank=True, editable=False)  # as attribution.hours keeps them
    # An address that carries our signature; a tablet's is printed nowhere, and the next guest begins without one.
    is_signed = models.BooleanField(_("signed address"), default=False)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("placement"), _("placements")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_signed=False) | ~Q(mode="kiosk"),
                name="placement_signed_is_own_phone",
                violation_error_message=_("Only the address for a guest’s own phone can be signed."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.store} · {self.spot}" if self.spot else str(self.store)

    @property
    def is_kiosk(self) -> bool:
        return self.mode == self.Mode.KIOSK

    @property
    def week(self) -> Hours:
        return Hours.read(self.hours)

    def has_ended_at(self, moment: datetime) -> bool:
        """Whether nobody may answer here any more; what was open stays open for nobody once it is switched off."""
        ends = [end for end in (self.expires_at, self.survey.closed_at) if end is not None]
        return not (self.is_open and self.store.is_active and all(moment < end for end in ends))

    def is_open_at(self, moment: datetime) -> bool:
        """Whether guests may begin to answer here: it has not ended, and these are its hours in the store."""
        return not self.has_ended_at(moment) and self.week.is_open_at(moment.astimezone(self.store.zoneinfo))


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


class PlacementHour(models.Model):
    """The same by the hour, the language in which the page was first shown, and the kind of device that showed it."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="counted_hours")
    hour = models.DateTimeField()  # its beginning
    language = models.CharField(max_length=10)
    device = models.CharField(max_length=8)
    in_wechat = models.BooleanField()
    impressions = models.PositiveIntegerField(default=0)
    starts = models.PositiveIntegerField(default=0)
    finishes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "hour", "language", "device", "in_wechat"], name="placementhour_once"
            ),
            models.CheckConstraint(condition=Q(finishes__lte=F("impressions")), name="placementhour_finishes_shown"),
        ]


class PlacementAlarm(models.Model):
    """A place outside its usual range (`surveys.usual`), from the day on which that was first so until it ended."""

    class Kind(models.TextChoices):
        SILENT = "silent", _("silent")
        FEW = "few", _("shown to few")
        MANY = "many", _("shown to many")
        RATE_LOW = "rate_low", _("few finish")
        RATE_HIGH = "rate_high", _("many finish")

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=9, choices=Kind)
    since = models.DateField()
    day = models.DateField()  # the last day that was found so, with what it had and what is usual
    value = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    last_shown = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "kind"], condition=Q(ended_at=None), name="placementalarm_one_while_it_lasts"
            )
        ]


class PosterFile(FileJob):
    """Posters that somebody asked for, of a survey's places: more than can be drawn while one waits."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, verbose_name=_("survey"))
    form = models.CharField(_("format"), max_length=4)
    caption_zh_hans = models.CharField(_("caption (Chinese)"), max_length=120, blank=True)
    caption_en = models.CharField(_("caption (English)"), max_length=120, blank=True)
    site = models.CharField(max_length=200)  # what the addresses begin with
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("asked for by"))
    file = models.FileField(_("file"), upload_to="posters/", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("posters"), _("posters")
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state__in=["waiting", "running"]), name="posterfile_open")
        ]
