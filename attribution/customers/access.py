"""Who may see what. Every view wears one of these; there is no other way in.

A clerk works one store's till. A marketer sees figures, enters spend, imports files. A manager may do both, in every
store. A superuser sets the business up in the back office and counts as a manager.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission

from attribution.customers.models import Staff, Store

View = Callable[..., HttpResponseBase]
CLERK, MARKETER, MANAGER = Staff.Role.CLERK, Staff.Role.MARKETER, Staff.Role.MANAGER


def has_role(user: Any, *roles: str) -> bool:
    if not (user.is_authenticated and user.is_active):
        return False
    return user.is_superuser or user.role in roles


def _required(*roles: str) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not has_role(request.user, *roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


staff_required = _required(CLERK, MARKETER, MANAGER)
clerk_required = _required(CLERK, MANAGER)
marketer_required = _required(MARKETER, MANAGER)
manager_required = _required(MANAGER)


def stores_of(user: Any) -> Any:
    """Return the stores that this person may act in: a clerk's own, everybody else's all."""
    stores = Store.objects.filter(is_active=True)
    if has_role(user, MARKETER, MANAGER):
        return stores
    return stores.filter(pk=user.store_id)


class _RolePermission(BasePermission):
    roles: tuple[str, ...] = ()

    def has_permission(self, request: Any, view: Any) -> bool:
        return has_role(request.user, *self.roles)


class IsStaffMember(_RolePermission):
    roles = (CLERK, MARKETER, MANAGER)


class IsClerk(_RolePermission):
    roles = (CLERK, MANAGER)


class IsMarketer(_RolePermission):
    roles = (MARKETER, MANAGER)


class IsManager(_RolePermission):
    roles = (MANAGER,)


# The staff's pages, in the order of the menu: route name, label, who. A page that does not exist yet is left out.
PAGES = (
    ("reports:channels", _("Channels"), (MARKETER, MANAGER)),
    ("till:till", _("Till"), (CLERK, MANAGER)),
    ("spend:list", _("Spend"), (MARKETER, MANAGER)),
    ("coupons:list", _("Coupons"), (MARKETER, MANAGER)),
    ("imports:list", _("Imports"), (MARKETER, MANAGER)),
    ("links:list", _("Links"), (MARKETER, MANAGER)),
    ("mappings:list", _("Mappings"), (MARKETER, MANAGER)),
    ("surveys:list", _("Surveys"), (MARKETER, MANAGER)),
    ("runs:list", _("Runs"), (MARKETER, MANAGER)),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the pages that this person may open."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"pages": []}
    here = request.resolver_match.view_name if request.resolver_match else ""
    pages = []
    for route, label, roles in PAGES:
        if has_role(user, *roles):
            pages.append({"url": reverse(route), "label": label, "current": here.split(":")[0] == route.split(":")[0]})
    return {"pages": pages, "may_administer": user.is_staff}
