"""What may have brought a customer: channels, campaigns, what they cost, tracked links, visits and touchpoints."""

import re
import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.customers.models import Customer, Store
from attribution.evidence.querysets import TouchpointQuerySet
from attribution.names import Named

# The engine's names for customers whom nothing explains, and for answers that name no channel: no channel bears them.
UNKNOWN, DONT_REMEMBER = "unknown", "dont_remember"
# Neither "//host" nor anything that a browser reads as that: a backslash, or a tab between the two slashes.
OWN_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x20\x7f]*")


def validate_slug_free(value: str) -> None:
    if value == UNKNOWN:
        raise ValidationError(_("“unknown” is taken: it names the customers whom nothing explains."))
    if value == DONT_REMEMBER:
        raise ValidationError(_("“dont_remember” is taken: it names the answers that name no channel."))


def new_code() -> str:
    """Return an unguessable short code: 128 bits, for addresses on posters."""
    return secrets.token_urlsafe(16)


class Channel(Named):
    class Kind(models.TextChoices):
        SHORT_VIDEO = "short_video", _("short video")
        SOCIAL = "social", _("social media")
        PLATFORM = "platform", _("platform")
        OUT_OF_HOME = "out_of_home", _("out of home")
        REFERRAL = "referral", _("referral")
        LOCATION = "location", _("location")
        OTHER = "other", _("other")

    slug = models.SlugField(_("slug"), max_length=40, unique=True, validators=[validate_slug_free])
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.OTHER)
    is_paid = models.BooleanField(_("paid"), default=True)
    colour = models.CharField(
        _("colour"), max_length=7, default="#5b6b7a", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$")]
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("channel"), _("channels")
        ordering = ("position", "slug")
        constraints = [models.CheckConstraint(condition=~Q(slug=UNKNOWN), name="channel_unknown_is_reserved")]


class Campaign(Named):
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="campaigns", verbose_name=_("channel"))
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("campaign"), _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_it_starts",
                violation_error_message=_("The last day lies before the first."),
            )
        ]


class Spend(models.Model):
    class Source(models.TextChoices):
        MANUAL = "manual", _("by hand")
        IMPORT = "import", _("import")

    channel = models.ForeignKey(Channel, models.PROTECT, verbose_name=_("channel"))
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, verbose_name=_("campaign"))
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, verbose_name=_("store"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    amount_minor = models.BigIntegerField(_("amount"))
    impressions = models.PositiveBigIntegerField(_("impressions"), null=True, blank=True)
    clicks = models.PositiveBigIntegerField(_("clicks"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=6, choices=Source, default=Source.MANUAL)
    # Names the row of the source (its own id, or channel, campaign, store and days), so that none is imported twice.
    source_key = models.CharField(max_length=120, unique=True, editable=False)
    # What the source said, so that the same row again changes nothing, not even what was corrected by hand since.
    content_digest = models.CharField(max_length=64, blank=True, editable=False)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("advertising spend"), _("advertising spend")
        ordering = ("-first_day", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="spend_ends_after_it_starts",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0),
                name="spend_not_negative",
                violation_error_message=_("Spend cannot be negative."),
            ),
        ]


class TrackedLink(Named):
    code = models.CharField(_("code"), max_length=22, unique=True, default=new_code, editable=False)
    channel = models.ForeignKey(Channel, models.PROTECT, verbose_name=_("channel"))
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, verbose_name=_("campaign"))
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, verbose_name=_("store"))
    spot = models.CharField(_("spot"), max_length=80, blank=True, help_text=_("Where it hangs or was posted."))
    # A path of our own such as /s/<token>, or a whole https address; nothing in the request can change it.
    destination = models.CharField(_("destination"), max_length=500)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("tracked link"), _("tracked links")
        ordering = ("-created_at",)

    def clean(self) -> None:
        if self.destination.startswith("/go/"):
            raise ValidationError({"destination": _("A tracked link cannot lead to a tracked link.")})
        if self.destination and not OWN_PATH.fullmatch(self.destination):
            try:
                URLValidator(schemes=["https", "http"])(self.destination)
            except ValidationError as error:
                raise ValidationError(
                    {"destination": _("Write a whole address such as https://… or a page of ours such as /s/….")}
                ) from error
        if self.campaign and self.campaign.channel_id != self.channel_id:
            raise ValidationError({"campaign": _("This campaign belongs to another channel.")})

    @property
    def label(self) -> str:
        return " · ".join(part for part in (self.name, self.spot) if part) or self.code

    @property
    def mapping_key(self) -> str:
        return f"link:{self.pk}"


class Visit(models.Model):
    """A device that followed a tracked link: no customer yet, and no touch until the device has answered or claimed."""

    link = models.ForeignKey(TrackedLink, models.PROTECT, related_name="visits", verbose_name=_("tracked link"))
    device_digest = models.CharField(max_length=64)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("visit"), _("visits")
        indexes = [
            models.Index(fields=["device_digest", "at"], name="visit_device"),
            models.Index(fields=["link", "at"], name="visit_link"),
        ]


class Touchpoint(models.Model):
    class Kind(models.TextChoices):
        SURVEY = "survey", _("answer")
        COUPON = "coupon", _("coupon")
        LINK = "link", _("tracked link")
        REFERRAL = "referral", _("referral")
        IMPORT = "import", _("import")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="touchpoints", verbose_name=_("customer"))
    channel = models.ForeignKey(Channel, models.PROTECT, verbose_name=_("channel"))
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, verbose_name=_("campaign"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    occurred_at = models.DateTimeField(_("occurred at"))
    # What it was made from, e.g. "response:<uuid>", "redemption:<id>", "visit:<id>".
    source_key = models.CharField(_("source"), max_length=80)
    # Through which mapping it got its channel, e.g. "link:12", "batch:5", "choice:3:first_heard:douyin": a mapping
    # that is corrected retracts and re-records exactly these.
    mapping_key = models.CharField(_("mapping"), max_length=160, db_index=True)
    recorded_at = models.DateTimeField(_("created at"), default=timezone.now)
    retracted_at = models.DateTimeField(_("retracted at"), null=True, blank=True)

    objects = TouchpointQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("touchpoint"), _("touchpoints")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "source_key"], condition=Q(retracted_at=None), name="touchpoint_source_once_standing"
            )
        ]
        indexes = [models.Index(fields=["customer", "occurred_at"], name="touchpoint_customer_time")]
