"""The tablet at the counter: its page, what it is given, what it sends, and the parts that let it work offline."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response as ApiResponse
from rest_framework.views import APIView

from surveys.actions.kiosk import Heard, hear_kiosk, open_kiosk, send_from_tablet, take_answers
from surveys.kiosk.api import HeardSerializer, KioskAnswerSerializer, PinSerializer, SendSerializer
from surveys.kiosk.given import ASSETS, WORKER, asset, given_to, in_each, milliseconds, revision, tablet_at, thanks
from surveys.kiosk.icon import SIZES, icon_of
from surveys.kiosk.words import app_name
from surveys.views.guest import friendly


@never_cache
@require_safe
@friendly
def page(request: HttpRequest, token: str) -> HttpResponse:
    placement = tablet_at(token)
    context = {"placement": placement, "business": settings.BUSINESS_NAME, "root": asset(""), "sizes": SIZES}
    return render(request, "kiosk/page.html", context)


@never_cache
@require_safe
@friendly
def given(request: HttpRequest, token: str) -> HttpResponse:
    return JsonResponse(given_to(tablet_at(token), timezone.now()))


@never_cache
@require_safe
@friendly
def worker(request: HttpRequest, token: str) -> HttpResponse:
    """The service worker, which begins with what it is to keep."""
    home = reverse("kiosk:page", args=[tablet_at(token).token])
    kept = [*(asset(name) for name in ASSETS), reverse("kiosk:given", args=[token]), home]
    about = json.dumps({"home": home, "kept": kept, "revision": revision()})
    code = Path(str(finders.find(WORKER))).read_text()
    response = HttpResponse(f"const TABLET = {about};\n{code}", content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = home
    return response


@never_cache
@require_safe
@friendly
def manifest(request: HttpRequest, token: str) -> HttpResponse:
    """What makes it an app that can be installed, named in both languages."""
    home = reverse("kiosk:page", args=[tablet_at(token).token])
    names = in_each(lambda: app_name(settings.BUSINESS_NAME))
    icons: list[dict[str, str]] = [
        {"src": reverse("kiosk:icon", args=[size]), "sizes": f"{size}x{size}", "type": "image/png", "purpose": use}
        for size in SIZES
        for use in ("any", "maskable")
    ]
    about: dict[str, Any] = {
        "id": home, "start_url": home, "scope": home, "lang": settings.LANGUAGE_CODE, "dir": "auto",
        "name": " · ".join(dict.fromkeys(names.values())), "short_name": settings.BUSINESS_NAME,
        "name_localized": {code: {"value": name} for code, name in names.items()},
        "display": "fullscreen", "background_color": "#faf5ee", "theme_color": "#faf5ee", "icons": icons,
    }  # fmt: skip
    return JsonResponse(about, content_type="application/manifest+json")


@require_safe
def icon(request: HttpRequest, size: int) -> HttpResponse:
    response = HttpResponse(icon_of(size), content_type="image/png")
    response["Cache-Control"] = "public, max-age=86400"
    return response


class _FromTablet(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)


@extend_schema(exclude=True)
class Answers(_FromTablet):
    def post(self, request: Request, token: str) -> ApiResponse:
        form = KioskAnswerSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        response = take_answers(placement=tablet_at(token), said=form.validated_data)
        return ApiResponse(thanks(response) | _now(), status=201)


@extend_schema(exclude=True)
class Send(_FromTablet):
    def post(self, request: Request, token: str) -> ApiResponse:
        form = SendSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        send_from_tablet(placement=tablet_at(token), said=form.validated_data)
        return ApiResponse(_now(), status=201)


@extend_schema(exclude=True)
class Heartbeat(_FromTablet):
    def post(self, request: Request, token: str) -> ApiResponse:
        form = HeardSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        placement = tablet_at(token)
        hear_kiosk(placement=placement, heard=Heard(**form.validated_data), at=timezone.now())
        return ApiResponse(_now())


@extend_schema(exclude=True)
class Pin(_FromTablet):
    def post(self, request: Request, token: str) -> ApiResponse:
        form = PinSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        open_kiosk(placement=tablet_at(token), pin=form.validated_data["pin"])
        return ApiResponse(_now())


def _now() -> dict[str, Any]:
    return {"now": milliseconds(timezone.now()), "revision": revision()}
