"""Where a survey hangs: listed, set up one by one or in many stores at once."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import marketer_required
from attribution.evidence.links import qr_picture
from attribution.pages import only_by_post
from surveys.actions import place_in_missing_stores, place_in_stores, save_placement
from surveys.actions.watching import acknowledge_alarm
from surveys.alarms import alarm_rows
from surveys.kiosk.silent import silent_tablets
from surveys.models import Placement, PlacementAlarm, Survey
from surveys.overview import placement_rows
from surveys.placements import address, signing_key, site, stores_without
from surveys.placements_form import EverywhereForm, PlacementForm

PER_PAGE = 50
PICTURES = {"svg": "image/svg+xml", "png": "image/png"}


@require_safe
@marketer_required
def placement_list(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    rows = Paginator(Placement.objects.of(shown), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "survey": shown,
        "page": rows,
        "rows": placement_rows(rows.object_list, request, timezone.now()),
        "missing": stores_without(shown),
        "alarms": alarm_rows(shown),
        "silent": silent_tablets(timezone.now(), shown),
    }
    return render(request, "surveys/placements.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def placement_new(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    form = PlacementForm(request.POST or None, survey=shown)
    if form.is_valid():
        placement = save_placement(placement=form.save(commit=False))
        messages.success(request, _("The place is set up. Now print its code."))
        return redirect("surveys:placement", shown.pk, placement.pk)
    return render(request, "surveys/placement.html", {"survey": shown, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def placement_edit(request: HttpRequest, survey: int, pk: int) -> HttpResponse:
    placement = get_object_or_404(Placement.objects.select_related("survey", "store"), pk=pk, survey=survey)
    title = str(placement)
    form = PlacementForm(request.POST or None, instance=placement, survey=placement.survey)
    if form.is_valid():
        save_placement(placement=form.save(commit=False))
        messages.success(request, _("Saved."))
        return redirect("surveys:placement", survey, pk)
    context = {"survey": placement.survey, "form": form, "placement": placement, "title": title}
    context |= {"address": address(placement, site(request)), "key": signing_key(placement)}
    return render(request, "surveys/placement.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def placement_everywhere(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    form = EverywhereForm(request.POST or None)
    if form.is_valid():
        like = form.save(commit=False)
        made = place_in_stores(survey=shown, stores=form.cleaned_data["stores"], like=like)
        messages.success(request, _made(len(made)))
        return redirect("surveys:placements", shown.pk)
    return render(request, "surveys/placements_everywhere.html", {"survey": shown, "form": form})


@marketer_required
@only_by_post("surveys:placements", "survey")
def placement_missing(request: HttpRequest, survey: int) -> HttpResponse:
    """Add a place in every store that has none: those that opened since the survey was set up."""
    made = place_in_missing_stores(survey=get_object_or_404(Survey, pk=survey))
    messages.success(request, _made(len(made)))
    return redirect("surveys:placements", survey)


@marketer_required
@only_by_post("surveys:list")
def alarm_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    acknowledge_alarm(alarm=get_object_or_404(PlacementAlarm, pk=pk), staff=request.user)
    messages.success(request, _("Noted. It comes back if the place is as usual for a day, and then not."))
    return redirect("surveys:list")


def _made(number: int) -> str:
    if not number:
        return _("Nothing new: each of these stores has this place already.")
    return ngettext("%(number)s place is new.", "%(number)s places are new.", number) % {"number": number}


@require_safe
@marketer_required
def placement_picture(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    placement = get_object_or_404(Placement.objects.select_related("store"), pk=pk)
    response = HttpResponse(qr_picture(address(placement, site(request)), kind), content_type=PICTURES[kind])
    response["Content-Disposition"] = f'attachment; filename="survey-{placement.store.code}-{placement.pk}.{kind}"'
    return response
