"""Who the customers are: stores, staff, customers, identities, consent, orders and imported files."""

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attribution.customers.querysets import OrderQuerySet
from attribution.jobs import Job
from attribution.names import Named


def validate_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("“%(value)s” is no time zone; write e.g. Asia/Shanghai."), params={"value": value})


def default_zone() -> str:
    return settings.BUSINESS_ZONE.key


class Store(Named):
    code = models.SlugField(_("code"), max_length=40, unique=True, help_text=_("As it stands in imported files."))
    zone = models.CharField(_("time zone"), max_length=64, default=default_zone, validators=[validate_zone])
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("store"), _("stores")
        ordering = ("code",)

    @property
    def zoneinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Staff(AbstractUser):
    class Role(models.TextChoices):
        CLERK = "clerk", _("clerk")
        MARKETER = "marketer", _("marketer")
        MANAGER = "manager", _("manager")

    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.CLERK)
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, verbose_name=_("store"), help_text=_("A clerk's till.")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("staff member"), _("staff")
        constraints = [
            models.CheckConstraint(
                condition=~Q(role="clerk") | Q(store__isnull=False) | Q(is_active=False) | Q(is_superuser=True),
                name="staff_clerk_has_store",
                violation_error_message=_("A clerk works in a store: choose which."),
            )
        ]

    @property
    def sets_up(self) -> bool:
        """Whether this person works in the back office: a manager with access to it, or the superuser."""
        return self.is_active and self.is_staff and (self.is_superuser or self.role == self.Role.MANAGER)

    # The role decides, not lists of permissions that somebody would have to keep: each ModelAdmin says for itself what
    # can be changed there, and facts cannot.
    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.sets_up

    def has_module_perms(self, app_label: str) -> bool:
        return self.sets_up


class Customer(models.Model):
    uuid = models.UUIDField(_("id"), default=uuid.uuid4, unique=True, editable=False)
    joined_at = models.DateTimeField(_("joined at"), default=timezone.now)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("customer"), _("customers")
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="customer_not_merged_into_itself"
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Identity(models.Model):
    """What a customer can be recognised by. The value is never stored in the clear: a keyed digest finds it, and the
    value itself is sealed with another key (a device's is not kept at all)."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone")
        MEMBER = "member", _("member number")
        OPENID = "openid", _("WeChat openid")
        EMAIL = "email", _("e-mail")
        DEVICE = "device", _("device")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    digest = models.CharField(max_length=64, editable=False)
    sealed = models.BinaryField(null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("identity"), _("identities")
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="identity_unique_per_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class Consent(models.Model):
    class Purpose(models.TextChoices):
        CONTACT = "contact", _("to be contacted with offers")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="consents", verbose_name=_("customer"))
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    text_version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language"), max_length=10)
    where = models.CharField(_("given at"), max_length=80)
    granted_at = models.DateTimeField(_("granted at"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("consent"), _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "purpose", "text_version"],
                condition=Q(withdrawn_at=None),
                name="consent_once_while_it_stands",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("granted_at")), name="consent_withdrawn_after"
            ),
        ]


class Order(models.Model):
    class Kind(models.TextChoices):
        SALE = "sale", _("sale")
        REFUND = "refund", _("refund")

    class Source(models.TextChoices):
        IMPORT = "import", _("import")
        TILL = "till", _("till")
        API = "api", _("API")

    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.SALE)
    refund_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("refund of order")
    )
    store = models.ForeignKey(Store, models.PROTECT, verbose_name=_("store"))
    number = models.CharField(_("number"), max_length=64)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("customer")
    )
    placed_at = models.DateTimeField(_("placed at"))
    # What was paid, discount already taken off. A refund's amount is what was given back, as a positive number.
    amount_minor = models.BigIntegerField(_("amount"))
    discount_minor = models.BigIntegerField(_("discount"), default=0)
    source = models.CharField(_("source"), max_length=6, choices=Source)
    # Written at the till before the export of the till system arrives; an import with the same number settles it.
    is_provisional = models.BooleanField(_("provisional"), default=False)
    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True)
    # What the source said, so that the same row again is seen to change nothing.
    content_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("order"), _("orders")
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="order_number_unique_per_store"),
            models.CheckConstraint(condition=Q(discount_minor__gte=0), name="order_discount_not_negative"),
            models.CheckConstraint(condition=Q(refund_of=None) | Q(kind="refund"), name="order_only_refunds_refund"),
        ]
        indexes = [
            models.Index(fields=["customer", "placed_at"], name="order_customer_time"),
            models.Index(fields=["placed_at"], name="order_time"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField(_("position"))
    sku = models.CharField(_("item code"), max_length=64, blank=True)
    name = models.CharField(_("item"), max_length=200, blank=True)
    category = models.CharField(_("category"), max_length=80, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name, verbose_name_plural = _("order line"), _("order lines")
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="orderline_position_unique")]


class ImportFile(Job):
    class Kind(models.TextChoices):
        ORDERS = "orders", _("orders")
        SPEND = "spend", _("advertising spend")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("file name"), max_length=200)
    file = models.FileField(upload_to="imports/")
    sha256 = models.CharField(max_length=64)
    is_dry_run = models.BooleanField(_("only check"), default=False)
    mapping = models.JSONField(default=dict, blank=True)  # field → header as recognised
    options = models.JSONField(default=dict, blank=True)  # e.g. the store of files that name none
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("uploaded by")
    )
    # inserted + updated + skipped + failed = rows; "skipped" rows were there already, just so.
    rows = models.PositiveIntegerField(_("rows"), default=0)
    inserted = models.PositiveIntegerField(_("inserted"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    report = models.JSONField(default=dict, blank=True)  # counted remarks: code → rows
    bad_rows = models.FileField(upload_to="imports/", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("imported file"), _("imported files")
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state__in=["waiting", "running"]), name="importfile_open")
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(rows=F("inserted") + F("updated") + F("skipped") + F("failed")),
                name="importfile_every_row_accounted",
            )
        ]

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """The answer that an API call was given, so that the same call again gets the same answer and does nothing."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    route = models.CharField(max_length=60)
    key = models.CharField(max_length=80)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()  # holds ids and amounts, no personal data
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "route", "key"], name="idempotency_key_unique")]

    KEPT = timedelta(days=30)
