"""Pages for what went wrong: 403, 404, 500, and a form whose token has expired."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/expired_form.html", status=403)
