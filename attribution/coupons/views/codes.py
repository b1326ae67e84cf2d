"""A batch's codes: made, saved as files, taken up from a platform's list."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from attribution.coupons import actions
from attribution.coupons.codes_form import CodesForm, FileForm, ListForm
from attribution.coupons.models import CodeFile, Issuer
from attribution.coupons.views.batches import show, standing_of, the_batch
from attribution.customers.access import marketer_required
from attribution.customers.actions.files import receive_file
from attribution.customers.imports.messages import BadFile
from attribution.customers.models import ImportFile
from attribution.errors import DomainError
from attribution.pages import only_by_post


@marketer_required
@only_by_post("coupons:detail", "pk")
def make_codes(request: HttpRequest, pk: int) -> HttpResponse:
    batch, form = the_batch(pk), CodesForm(request.POST)
    if form.is_valid():
        count = form.cleaned_data["count"]
        try:
            actions.request_codes(batch=batch, count=count, staff=request.user, language=str(get_language()))
            messages.success(request, _("The worker makes the codes. You may leave this page."))
            return redirect("coupons:detail", pk)
        except DomainError as refusal:
            form.add_error("count", str(refusal))
    return show(request, batch, 400, codes=form)


@marketer_required
@only_by_post("coupons:detail", "pk")
def ask_file(request: HttpRequest, pk: int) -> HttpResponse:
    batch = the_batch(pk)
    form = FileForm(request.POST, batch=batch)
    if not form.is_valid():
        return show(request, batch, 400, file=form)
    actions.request_file(batch=batch, staff=request.user, language=str(get_language()), **form.cleaned_data)
    return redirect("coupons:detail", pk)


@require_safe
@marketer_required
def work(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is; asked again by the page until it is done."""
    context = {"is_part": True} | standing_of(the_batch(pk), timezone.now())
    return render(request, "coupons/work_part.html", context)


@require_safe
@marketer_required
def download(request: HttpRequest, uuid: str) -> FileResponse:
    row = get_object_or_404(CodeFile, uuid=uuid, state=CodeFile.State.DONE)
    name = f"codes-{row.batch_id}-{row.form}{Path(str(row.file.name)).suffix}"
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=name)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def import_list(request: HttpRequest, pk: int) -> HttpResponse:
    batch = the_batch(pk)
    if batch.issuer == Issuer.OWN:
        raise Http404
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("imports:detail", receive(request, form, pk).uuid)
        except BadFile as error:
            form.add_error("file", str(error))
    return render(request, "coupons/import.html", {"batch": batch, "form": form}, status=400 if form.errors else 200)


def receive(request: HttpRequest, form: ListForm, pk: int) -> ImportFile:
    upload = form.cleaned_data["file"]
    with tempfile.NamedTemporaryFile(suffix=Path(upload.name or "").suffix[:10]) as copy:
        for part in upload.chunks():
            copy.write(part)
        copy.flush()
        return receive_file(
            kind="codes",
            path=Path(copy.name),
            name=upload.name or "",
            options={"language": get_language(), "batch": pk},
            staff=request.user,  # type: ignore[arg-type]
            is_dry_run=form.cleaned_data["only_check"],
        )
