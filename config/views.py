"""Where everybody comes in: the page that suits the role, and the sign of life."""

from django.contrib.auth.views import LogoutView
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from attribution.customers.access import MANAGER, MARKETER, has_role, staff_required
from attribution.pages import only_by_post


@require_safe
@staff_required
def home(request: HttpRequest) -> HttpResponse:
    return redirect("reports:channels" if has_role(request.user, MARKETER, MANAGER) else "till:till")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


# By POST, so that no picture on another site logs anybody out.
log_out = only_by_post("home")(LogoutView.as_view())


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it by this name where a page names none, as the back office's do."""
    return redirect(static("icons/wanamaker.svg"))
