from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from analytics.models import ReportFile


@admin.register(ReportFile)
class ReportFileAdmin(ModelAdmin):
    """Report files are made and removed by the worker: read-only here."""

    list_display = ("report", "state", "asked_by", "requested_at", "finished_at", "run")
    list_filter = ("state", "report")
    list_select_related = ("asked_by", "run")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
