"""The back office's own content policy.

Its design (django-unfold) ships Alpine, which evaluates expressions, and inline styles; the strict policy of all other
pages would stop it. It still loads nothing from elsewhere, sends no form elsewhere, and stands in no frame.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

BACK_OFFICE = "/admin/"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


class BackOfficePolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(BACK_OFFICE):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response
