"""The import pages: hand a file in, watch it, see what became of every row."""

import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import marketer_required
from attribution.customers.actions.files import receive_file
from attribution.customers.forms import UploadForm
from attribution.customers.imports.contract import REGISTRY, importer_for
from attribution.customers.imports.messages import BadFile, tell
from attribution.customers.imports.template import EXTENSIONS, write_template
from attribution.customers.models import ImportFile

PER_PAGE = 20
WORKBOOK = EXTENSIONS["xlsx"]


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def files(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("imports:detail", receive(request, form.cleaned_data).uuid)
        except BadFile as error:
            form.add_error("file", str(error))
    rows = ImportFile.objects.select_related("uploaded_by").defer("report", "mapping").order_by("-requested_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "is_open": any(row.is_open for row in page),
        "templates": REGISTRY.values(),
    }
    if request.headers.get("HX-Request"):
        return render(request, "imports/list_part.html", context)
    return render(request, "imports/list.html", context, status=400 if form.errors else 200)


def receive(request: HttpRequest, handed_in: dict[str, Any]) -> ImportFile:
    upload: UploadedFile = handed_in["file"]
    store = handed_in["store"]
    options = {"language": get_language(), "store": store.code if store else ""}
    with tempfile.NamedTemporaryFile(suffix=Path(upload.name or "").suffix[:10]) as copy:
        for part in upload.chunks():
            copy.write(part)
        copy.flush()
        return receive_file(
            kind=handed_in["kind"],
            path=Path(copy.name),
            name=upload.name or "",
            options=options,
            staff=request.user,  # type: ignore[arg-type]
            is_dry_run=handed_in["only_check"],
        )


@require_safe
@marketer_required
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = get_object_or_404(ImportFile.objects.select_related("uploaded_by"), uuid=uuid)
    importer = importer_for(row.kind)
    labels = {one.name: one.label for one in importer.fields}
    context = {
        "row": row,
        "problem": tell(row.error_code, row.error_params),
        "remarks": [(importer.remarks.get(code, code), count) for code, count in row.report.get("remarks", {}).items()],
        "mapping": [(labels.get(name, name), heading) for name, heading in row.mapping.items()],
    }
    part = request.headers.get("HX-Request")
    return render(request, "imports/detail_part.html" if part else "imports/detail.html", context)


@require_safe
@marketer_required
def bad_rows(request: HttpRequest, uuid: UUID) -> FileResponse:
    row = get_object_or_404(ImportFile.objects.exclude(bad_rows=""), uuid=uuid)
    name = f"{Path(row.name).stem}-bad.xlsx"
    return FileResponse(row.bad_rows.open("rb"), as_attachment=True, filename=name, content_type=WORKBOOK)


@require_safe
@marketer_required
def template(request: HttpRequest, kind: str, extension: str) -> HttpResponse:
    if kind not in REGISTRY or extension not in EXTENSIONS:
        raise Http404
    file = BytesIO()
    write_template(importer_for(kind), extension, file)
    disposition = f'attachment; filename="{kind}.{extension}"'
    return HttpResponse(
        file.getvalue(), content_type=EXTENSIONS[extension], headers={"Content-Disposition": disposition}
    )
