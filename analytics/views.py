"""The pages of the reports: the table, its chart, and the workbook that the worker makes of it."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from analytics import actions, page, reports
from analytics.errors import UnknownReport
from analytics.models import ReportFile
from attribution.customers.access import marketer_required
from attribution.pages import only_by_post
from attribution.runs.models import Run, Stroke


@require_safe
@marketer_required
def show(request: HttpRequest, key: str) -> HttpResponse:
    """A report's page; wrong filters stand in their fields beside what is wrong with them."""
    report, run = _report(key), Run.objects.latest_done()
    form = report.form(request.GET)
    context: dict[str, Any] = {"report": report, "run": run, "form": form, "is_stale": _is_stale()}
    context["tabs"] = page.tabs(report, request.GET)
    if not form.is_valid():
        return render(request, "reports/report.html", context, status=400)
    filters = form.filters()
    context |= {"filters": filters, "form": page.filled(form, filters), "presets": page.presets(request.GET)}
    if run is None or not run.customers:
        return render(request, "reports/report.html", context | {"steps": page.first_steps()})
    context["built"] = built = reports.build(report, run, filters)
    context |= {"chart": page.chart(built.tables), "listed": page.listed(built, filters)}
    return render(request, "reports/report.html", context)


def _is_stale() -> bool:
    return Stroke.objects.exists() or Run.objects.open().exists()


@marketer_required
@only_by_post("reports:show", "key")
def ask(request: HttpRequest, key: str) -> HttpResponse:
    """Ask the worker for the workbook of what the page shows: the same run, though a newer one may have come since."""
    report = _report(key)
    form = report.form(request.POST)
    run = Run.objects.with_files().filter(pk=page.number(request.POST.get("run"))).first() or actions.latest_run()
    if not form.is_valid():
        return render(request, "reports/report.html", {"report": report, "run": run, "form": form}, status=400)
    language = get_language() or settings.LANGUAGE_CODE
    with transaction.atomic():
        row = actions.request_report(
            report=report, run=run, filters=form.filters(), language=language, staff=request.user
        )
    return redirect("reports:download" if row.state == ReportFile.State.DONE else "reports:file", uuid=row.uuid)


def _report(key: str) -> reports.Report:
    try:
        return actions.find_report(key)
    except UnknownReport as error:
        raise Http404 from error


@require_safe
@marketer_required
def file(request: HttpRequest, uuid: str) -> HttpResponse:
    """How far a workbook is; asked again by the page until it is there."""
    row = get_object_or_404(ReportFile, uuid=uuid)
    template = "reports/file_part.html" if "HX-Request" in request.headers else "reports/file.html"
    return render(request, template, {"row": row, "report": _report(row.report), "query": urlencode(row.filters)})


@require_safe
@marketer_required
def download(request: HttpRequest, uuid: str) -> HttpResponse:
    row = get_object_or_404(ReportFile, uuid=uuid, state=ReportFile.State.DONE)
    answer: Any = FileResponse(row.file.open("rb"), as_attachment=True, filename=actions.file_name(row))
    return answer
