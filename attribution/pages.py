"""What the staff's pages share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

View = Callable[..., HttpResponseBase]


def only_by_post(page: str, *names: str) -> Callable[[View], View]:
    """Act on POST alone, and lead who only looks to ``page``, of whose address ``names`` are the arguments.

    People come by GET without meaning to: after logging in again in the middle, or by the other language.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method in {"GET", "HEAD"}:
                return redirect(page, **{name: kwargs[name] for name in names})
            return HttpResponseNotAllowed(["POST"])

        return guarded

    return decorate
