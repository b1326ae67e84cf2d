"""The back office: stores and staff are set up here; customers, orders and files can only be looked at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.admin import TokenAdmin as BaseTokenAdmin
from rest_framework.authtoken.models import TokenProxy
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from attribution import facts
from attribution.customers.actions import find_customer, withdraw_consents
from attribution.customers.amounts import ShowsAmounts
from attribution.customers.identities import STRONG, BadIdentity
from attribution.customers.models import Consent, Customer, Identity, ImportFile, Order, OrderLine, Staff, Store

admin.site.unregister(TokenProxy)
if admin.site.is_registered(Group):  # the three roles are all there is
    admin.site.unregister(Group)


class ReadOnly:
    """What was recorded is not changed by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Store)
class StoreAdmin(ModelAdmin):
    list_display = ("code", "name_zh_hans", "name_en", "zone", "is_active")
    search_fields = ("code", "name_zh_hans", "name_en")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        facts.ring()


class ClerkHasStore:
    """The database holds it as well; here it is said beside the field."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]
        is_clerk = cleaned.get("role") == Staff.Role.CLERK and cleaned.get("is_active", True)
        if is_clerk and not cleaned.get("store") and not self.instance.is_superuser:  # type: ignore[attr-defined]
            self.add_error("store", _("A clerk works in a store: choose which."))  # type: ignore[attr-defined]
        return cleaned


class StaffChangeForm(ClerkHasStore, UserChangeForm):
    pass


class StaffCreationForm(ClerkHasStore, UserCreationForm):
    pass


@admin.register(Staff)
class StaffAdmin(UserAdmin, ModelAdmin):
    form = StaffChangeForm
    add_form = StaffCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "role", "store", "is_active", "last_login")
    list_filter = ("role", "store", "is_active")
    list_select_related = ("store",)
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Work"), {"fields": ("role", "store", "is_active")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "password1", "password2", "role", "store")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Staff]:
        """A manager must not become the owner by changing the owner's password."""
        staff = super().get_queryset(request)
        return staff if request.user.is_superuser else staff.filter(is_superuser=False)

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        obj.is_staff = obj.is_superuser or obj.role == Staff.Role.MANAGER  # who may come in here
        super().save_model(request, obj, form, change)


@admin.register(TokenProxy)
class TokenAdmin(BaseTokenAdmin, ModelAdmin):
    """The key with which a till system calls the API in a staff member's name. Deleting it shuts the system out."""

    list_display = ("user", "created")
    fields = ("user", "key")
    autocomplete_fields = ()
    readonly_fields = ("key",)
    list_select_related = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TokenProxy]:
        tokens = super().get_queryset(request)
        return tokens if request.user.is_superuser else tokens.filter(user__is_superuser=False)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if not request.user.is_superuser:
            kwargs["queryset"] = Staff.objects.filter(is_superuser=False)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class IdentityInline(ReadOnly, TabularInline):
    model = Identity
    fields = ("kind", "created_at")
    readonly_fields = fields
    extra = 0


class ConsentInline(ReadOnly, TabularInline):
    model = Consent
    extra = 0


@admin.register(Customer)
class CustomerAdmin(ReadOnly, ModelAdmin):
    list_display = ("uuid", "joined_at", "merged_into")
    list_select_related = ("merged_into",)
    search_fields = ("uuid",)
    search_help_text = _("A whole phone or member number, WeChat openid or e-mail address finds its customer.")
    inlines = (IdentityInline, ConsentInline)
    show_full_result_count = False
    actions = ("withdraw",)

    @admin.action(description=_("Withdraw all consents"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        """A guest who asks at the counter is found by phone, and their consent ends at once."""
        ended = sum(withdraw_consents(customer=customer, at=timezone.now()) for customer in queryset)
        self.message_user(request, _("Consents withdrawn: %(count)d.") % {"count": ended})

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        for kind in STRONG if search_term else ():
            try:
                customer = find_customer(kind=kind, value=search_term)
            except BadIdentity:
                continue
            if customer is not None:
                found |= queryset.filter(pk=customer.pk)
        return found, may_repeat


class LineInline(ReadOnly, ShowsAmounts, TabularInline):
    model = OrderLine
    fields = ("position", "sku", "name", "category", "quantity", "amount_minor")
    extra = 0


@admin.register(Order)
class OrderAdmin(ReadOnly, ShowsAmounts, ModelAdmin):
    list_display = ("number", "store", "kind", "placed_at", "amount_minor", "source", "is_provisional", "voided_at")
    list_filter = ("store", "kind", "source", "is_provisional")
    list_select_related = ("store",)
    search_fields = ("number",)
    inlines = (LineInline,)
    show_full_result_count = False


@admin.register(ImportFile)
class ImportFileAdmin(ReadOnly, ModelAdmin):
    list_display = ("name", "kind", "state", "rows", "inserted", "updated", "skipped", "failed", "requested_at")
    list_filter = ("kind", "state")
    exclude = ("file", "bad_rows", "mapping", "options", "report")
