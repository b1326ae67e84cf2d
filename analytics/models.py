"""Report files that somebody asked for."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attribution.jobs import FileJob
from attribution.runs.models import Run


class ReportFile(FileJob):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.CharField(_("report"), max_length=40)
    filters = models.JSONField(_("filters"), default=dict)
    language = models.CharField(_("language"), max_length=10)
    # The run whose numbers the asker saw, so that the workbook agrees with the page.
    run = models.ForeignKey(Run, models.PROTECT, verbose_name=_("run"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("asked for by"))
    file = models.FileField(_("file"), upload_to="reports/", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("report file"), _("report files")
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state__in=["waiting", "running"]), name="reportfile_open")
        ]
