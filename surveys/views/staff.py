"""The staff's page of surveys: where they hang, how many answer, and the codes to print."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from attribution.customers.access import marketer_required
from attribution.errors import DomainError
from attribution.evidence.links import qr_picture
from attribution.pages import only_by_post
from surveys.actions import create_first_visit_survey
from surveys.models import Placement
from surveys.overview import address, survey_rows

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}


@require_safe
@marketer_required
def survey_list(request: HttpRequest) -> HttpResponse:
    return render(request, "surveys/list.html", {"rows": survey_rows(request, timezone.now())})


@marketer_required
@only_by_post("surveys:list")
def survey_create(request: HttpRequest) -> HttpResponse:
    try:
        create_first_visit_survey()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The survey is open in every store. Print its codes and put them up."))
    return redirect("surveys:list")


@require_safe
@marketer_required
def placement_picture(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    placement = get_object_or_404(Placement.objects.select_related("store"), pk=pk)
    response = HttpResponse(qr_picture(address(placement, request), kind), content_type=PICTURES[kind])
    response["Content-Disposition"] = f'attachment; filename="survey-{placement.store.code}-{placement.pk}.{kind}"'
    return response
