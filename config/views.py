"""Where everybody comes in: the page that suits the role, and the sign of life."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from attribution.customers.access import MANAGER, MARKETER, has_role, staff_required


@require_safe
@staff_required
def home(request: HttpRequest) -> HttpResponse:
    return redirect("reports:channels" if has_role(request.user, MARKETER, MANAGER) else "till:till")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
