"""The staff's side of tablets: how each is set up, and the answers that they bring from one as a file."""

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import marketer_required
from surveys.actions.kiosk import hand_in_answers, save_kiosk
from surveys.kiosk.files import rejections_in_words
from surveys.kiosk.form import AnswerFileForm, KioskForm
from surveys.kiosk.given import kiosk_of
from surveys.models import Placement
from surveys.models.kiosk import AnswerFile
from surveys.placements import site

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def tablet(request: HttpRequest, survey: int, pk: int) -> HttpResponse:
    places = Placement.objects.select_related("survey", "store").filter(survey=survey, mode=Placement.Mode.KIOSK)
    placement = get_object_or_404(places, pk=pk)
    kiosk = kiosk_of(placement)
    form = KioskForm(request.POST or None, instance=kiosk)
    if form.is_valid():
        save_kiosk(kiosk=form.save(commit=False), pin=form.cleaned_data["pin"])
        messages.success(request, _("Saved."))
        return redirect("surveys:tablet", survey, pk)
    address = site(request) + reverse("kiosk:page", args=[placement.token])
    qr = segno.make_qr(address, error="m").svg_data_uri(border=2, scale=4)
    context = {"placement": placement, "survey": placement.survey, "kiosk": kiosk, "form": form}
    return render(request, "kiosk/tablet.html", context | {"address": address, "qr": qr})


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def import_answers(request: HttpRequest) -> HttpResponse:
    form = AnswerFileForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        row = hand_in_answers(file=file, name=file.name, staff=request.user)
        return redirect("surveys:answer_file", row.uuid)
    rows = AnswerFile.objects.order_by("-requested_at")[:SHOWN]
    return render(request, "kiosk/import.html", {"form": form, "rows": rows})


@require_safe
@marketer_required
def answer_file(request: HttpRequest, uuid: str) -> HttpResponse:
    """What became of a file; asked again by the page until the worker is through."""
    row = get_object_or_404(AnswerFile, uuid=uuid)
    template = "kiosk/file_part.html" if "HX-Request" in request.headers else "kiosk/file.html"
    return render(request, template, {"row": row, "rejections": rejections_in_words(row)})
