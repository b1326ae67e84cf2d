"""The staff's page of surveys: where they hang, and how many answer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from attribution.customers.access import marketer_required
from attribution.errors import DomainError
from attribution.pages import only_by_post
from surveys.actions import create_first_visit_survey
from surveys.alarms import alarm_rows
from surveys.kiosk.silent import silent_tablets
from surveys.models import Burst
from surveys.overview import survey_rows


@require_safe
@marketer_required
def survey_list(request: HttpRequest) -> HttpResponse:
    context = {"rows": survey_rows(request, timezone.now()), "alarms": alarm_rows()}
    context["silent"] = silent_tablets(timezone.now())
    context["suspicious"] = Burst.objects.filter(state=Burst.State.OPEN).count()
    return render(request, "surveys/list.html", context)


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
