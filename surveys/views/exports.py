"""A survey's responses as a file: chosen, written by the worker, saved."""

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import MANAGER, has_role, marketer_required
from attribution.pages import only_by_post
from surveys.actions.exporting import file_name, request_again, request_responses
from surveys.exports.form import ExportForm
from surveys.models import ResponseFile, Survey


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def responses(request: HttpRequest, survey: int) -> HttpResponse:
    shown, language = get_object_or_404(Survey, pk=survey), get_language() or settings.LANGUAGE_CODE
    may_be_raw = has_role(request.user, MANAGER)
    form = ExportForm(
        request.POST or None, survey=shown, may_be_raw=may_be_raw,
        initial={"labels": "zh-hans" if language.startswith("zh") else "en", **request.GET.dict()},
    )  # fmt: skip
    if form.is_valid():
        row = request_responses(
            survey=shown, asked=form.asked(), picked=form.picked(), language=language, staff=request.user
        )
        return redirect("surveys:responses_file", row.uuid)
    return render(request, "results/export.html", {"survey": shown, "form": form})


@require_safe
@marketer_required
def responses_file(request: HttpRequest, uuid: str) -> HttpResponse:
    """How far a file is; asked again by the page until it is there."""
    template = "results/file_part.html" if "HX-Request" in request.headers else "results/file.html"
    return render(request, template, {"row": _row(request, uuid)})


@marketer_required
@only_by_post("surveys:responses_file", "uuid")
def responses_again(request: HttpRequest, uuid: str) -> HttpResponse:
    """Ask once more for a file that could not be made."""
    return redirect("surveys:responses_file", request_again(row=_row(request, uuid), staff=request.user).uuid)


@require_safe
@marketer_required
def responses_download(request: HttpRequest, uuid: str) -> HttpResponseBase:
    row = _row(request, uuid, state=ResponseFile.State.DONE)
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=file_name(row))


def _row(request: HttpRequest, uuid: str, **values: str) -> ResponseFile:
    """Return a file that this person may see: what is raw is for managers."""
    rows = ResponseFile.objects.select_related("survey")
    if not has_role(request.user, MANAGER):
        rows = rows.filter(is_raw=False)
    return get_object_or_404(rows, uuid=uuid, **values)
