"""Posters to print: chosen, drawn at once or by the worker, saved."""

import io

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import MANAGER, has_role, marketer_required
from surveys.actions.printing import AT_ONCE, places_to_print, print_posters, request_posters
from surveys.models import PosterFile, Survey
from surveys.placements import site
from surveys.posters_form import PosterForm


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def posters(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    form = PosterForm(request.POST or None, places=places_to_print(shown), initial={"place": request.GET.get("place")})
    if not form.is_valid():
        return render(
            request,
            "surveys/posters.html",
            {"survey": shown, "form": form, "may_brand": has_role(request.user, MANAGER)},
        )
    printed, places = form.printed(site(request)), form.chosen()
    if len(places) > AT_ONCE:
        row = request_posters(survey=shown, printed=printed, staff=request.user)
        return redirect("surveys:poster_file", row.uuid)
    out = io.BytesIO()
    print_posters(placements=places, printed=printed, out=out)
    response = HttpResponse(out.getvalue(), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="posters-{shown.pk}-{printed.form}.pdf"'
    return response


@require_safe
@marketer_required
def poster_file(request: HttpRequest, uuid: str) -> HttpResponse:
    """How far the posters are; asked again by the page until they are there."""
    row = get_object_or_404(PosterFile.objects.select_related("survey"), uuid=uuid)
    template = "surveys/poster_file_part.html" if "HX-Request" in request.headers else "surveys/poster_file.html"
    return render(request, template, {"row": row})


@require_safe
@marketer_required
def poster_download(request: HttpRequest, uuid: str) -> FileResponse:
    row = get_object_or_404(PosterFile, uuid=uuid, state=PosterFile.State.DONE)
    name = f"posters-{row.survey_id}-{row.form}.pdf"
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=name, content_type="application/pdf")
