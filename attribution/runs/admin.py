from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from attribution.runs.models import Run


@admin.register(Run)
class RunAdmin(ModelAdmin):
    """Runs are facts: read-only here."""

    list_display = ("pk", "state", "requested_at", "finished_at", "seconds", "customers", "code_version")
    list_filter = ("state",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
