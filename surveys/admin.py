"""The back office: surveys and placements are set up here; versions and responses can only be looked at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from attribution.evidence.admin import ReadOnlyAdmin
from surveys.actions import correct_choice_channel
from surveys.models import ChoiceChannel, Placement, Response, Survey, SurveyVersion


class PlacementInline(TabularInline):
    model = Placement
    extra = 0
    fields = ("store", "spot", "mode", "is_open", "expires_at")


@admin.register(Survey)
class SurveyAdmin(ModelAdmin):
    list_display = ("__str__", "reward_batch", "closed_at", "created_at")
    list_select_related = ("reward_batch",)
    inlines = (PlacementInline,)


@admin.register(Placement)
class PlacementAdmin(ModelAdmin):
    list_display = ("__str__", "survey", "mode", "is_open", "expires_at")
    list_filter = ("survey", "store", "mode", "is_open")
    list_select_related = ("survey", "store")
    readonly_fields = ("token",)


@admin.register(ChoiceChannel)
class ChoiceChannelAdmin(ModelAdmin):
    """Choices come with a published version; only what they mean is changed here, and their touches follow."""

    list_display = ("option_key", "question_key", "survey", "channel")
    list_filter = ("survey",)
    list_select_related = ("survey", "channel")
    readonly_fields = ("survey", "question_key", "option_key")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ChoiceChannel, form: Any, change: bool) -> None:
        correct_choice_channel(
            survey=obj.survey, question_key=obj.question_key, option_key=obj.option_key, channel=obj.channel
        )


@admin.register(SurveyVersion)
class SurveyVersionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "number", "published_at")
    list_filter = ("survey",)
    list_select_related = ("survey",)


@admin.register(Response)
class ResponseAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "placement", "choice", "nps", "language", "coupon")
    list_filter = ("placement__store", "language")
    list_select_related = ("placement__store", "choice", "coupon")
    exclude = ("customer",)
