"""The back office: channels, campaigns and links are set up here; what was recorded can only be looked at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from attribution import facts
from attribution.customers.amounts import ShowsAmounts
from attribution.evidence import actions
from attribution.evidence.models import Campaign, Channel, Spend, Touchpoint, TrackedLink, Visit


class SetUpAdmin(ModelAdmin):
    """Whatever is changed here is a Fact, and the next run must see it."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        facts.ring()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        facts.ring()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        super().delete_queryset(request, queryset)
        facts.ring()


class ReadOnlyAdmin(ShowsAmounts, ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Channel)
class ChannelAdmin(SetUpAdmin):
    list_display = ("slug", "name_zh_hans", "name_en", "kind", "is_paid", "is_active", "position")
    list_filter = ("kind", "is_paid", "is_active")
    search_fields = ("slug", "name_zh_hans", "name_en")


@admin.register(Campaign)
class CampaignAdmin(SetUpAdmin):
    list_display = ("__str__", "channel", "starts_on", "ends_on")
    list_filter = ("channel",)
    list_select_related = ("channel",)
    search_fields = ("name_zh_hans", "name_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("channel",) if obj else ()  # spend, links and batches of the campaign name the channel as well


@admin.register(TrackedLink)
class TrackedLinkAdmin(SetUpAdmin):
    list_display = ("__str__", "channel", "spot", "destination", "is_active")
    list_filter = ("channel", "is_active")
    list_select_related = ("channel",)
    search_fields = ("name_zh_hans", "name_en", "spot")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("channel",) if obj else ()  # corrected on the page of mappings, so that its touches follow

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actions.save_link(link=obj)


@admin.register(Spend)
class SpendAdmin(ReadOnlyAdmin):
    list_display = ("first_day", "last_day", "channel", "campaign", "store", "amount_minor", "source")
    list_filter = ("channel", "source")
    list_select_related = ("channel", "campaign", "store")


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    list_display = ("at", "link")
    list_select_related = ("link",)
    exclude = ("device_digest",)


@admin.register(Touchpoint)
class TouchpointAdmin(ReadOnlyAdmin):
    list_display = ("occurred_at", "kind", "channel", "campaign", "source_key", "mapping_key", "retracted_at")
    list_filter = ("kind", "channel")
    list_select_related = ("channel", "campaign")
