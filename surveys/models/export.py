"""Files of responses that somebody asked for."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attribution.jobs import FileJob
from surveys.models.survey import Survey


class ResponseFile(FileJob):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, verbose_name=_("survey"))
    asked = models.JSONField(_("what was asked for"), default=dict)  # as surveys.exports.Asked writes it
    is_raw = models.BooleanField(_("with guests’ words and identities"), default=False)
    language = models.CharField(_("language"), max_length=10)  # of whoever asked
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("asked for by"))
    file = models.FileField(_("file"), upload_to="responses/", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("file of responses"), _("files of responses")
        indexes = [
            models.Index(
                fields=["requested_at"], condition=Q(state__in=["waiting", "running"]), name="responsefile_open"
            )
        ]
