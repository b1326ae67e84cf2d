"""Long work on a batch's codes: made, and written as a file."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attribution.coupons.models.batch import CouponBatch
from attribution.jobs import FileJob, Job

OPEN = Q(state__in=["waiting", "running"])


class CodeRun(Job):
    """Codes that somebody asked for; ``progress`` of ``total`` are there. They bear the moment of the request as the
    one at which they were issued, by which they are found again."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(CouponBatch, models.CASCADE, related_name="code_runs", verbose_name=_("coupon batch"))
    language = models.CharField(_("language"), max_length=10)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("asked for by"))

    class Meta:
        verbose_name, verbose_name_plural = _("codes to be made"), _("codes to be made")
        indexes = [models.Index(fields=["requested_at"], condition=OPEN, name="coderun_open")]


class CodeFile(FileJob):
    """A batch's codes as somebody asked for them: a workbook, a list, or labels to print."""

    class Form(models.TextChoices):
        XLSX = "xlsx", _("Excel workbook")
        CSV = "csv", _("CSV")
        LABELS_24 = "labels-24", _("Labels with QR codes, 24 to an A4 sheet (70 × 37 mm)")
        LABELS_10 = "labels-10", _("Labels with QR codes, 10 to an A4 sheet (105 × 57 mm)")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(CouponBatch, models.CASCADE, related_name="code_files", verbose_name=_("coupon batch"))
    form = models.CharField(_("format"), max_length=9, choices=Form)
    # Only those of this run; None means all of the batch.
    run = models.ForeignKey(CodeRun, models.CASCADE, null=True, verbose_name=_("which codes"))
    language = models.CharField(_("language"), max_length=10)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("asked for by"))
    file = models.FileField(_("file"), upload_to="coupons/", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("file of codes"), _("files of codes")
        indexes = [models.Index(fields=["requested_at"], condition=OPEN, name="codefile_open")]

    @property
    def is_labels(self) -> bool:
        return self.form.startswith("labels")
