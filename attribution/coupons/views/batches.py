"""Batches of coupons: listed, set up step by step, and each one's page."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from attribution.coupons import actions
from attribution.coupons.batch_form import STEPS, BatchForm, looks
from attribution.coupons.codes_form import CodesForm, ExtendForm, FileForm
from attribution.coupons.models import CouponBatch, Issuer
from attribution.coupons.overview import ENDED, counts_of, state_of
from attribution.coupons.words import cashier_terms
from attribution.customers.access import manager_required, marketer_required
from attribution.errors import DomainError
from attribution.pages import only_by_post

PER_PAGE = 50
STEP_NAMES = [name for name, _label in STEPS]


def the_batch(pk: int) -> CouponBatch:
    batch: CouponBatch = get_object_or_404(CouponBatch.objects.select_related("channel", "campaign"), pk=pk)
    return batch


@require_safe
@marketer_required
def batch_list(request: HttpRequest) -> HttpResponse:
    batches = CouponBatch.objects.select_related("channel", "campaign").order_by("-created_at", "-pk")
    issuer = request.GET.get("issuer", "")
    if issuer in Issuer.values:
        batches = batches.filter(issuer=issuer)
    page = Paginator(batches, PER_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "page": page,
        "rows": [(batch, state_of(batch, now)) for batch in page],
        "issuers": Issuer.choices,
        "issuer": issuer,
        "filters": f"issuer={issuer}" if issuer in Issuer.values else "",
    }
    return render(request, "coupons/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def batch_new(request: HttpRequest) -> HttpResponse:
    form = BatchForm(request.POST or None)
    token = request.POST.get("token", "")
    if token and (there := CouponBatch.objects.filter(claim_token=token).first()) is not None:
        return redirect("coupons:detail", there.pk)  # pressed twice
    return wizard(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def batch_edit(request: HttpRequest, pk: int) -> HttpResponse:
    batch = the_batch(pk)
    return wizard(request, BatchForm(request.POST or None, instance=batch, is_fixed=actions.is_promised(batch)), pk)


def wizard(request: HttpRequest, form: BatchForm, pk: int | None) -> HttpResponse:
    """Show the step that is asked for, or the first one with an error; after the last one, save."""
    step = next_step(request, form)
    if step is None:
        try:
            return redirect("coupons:detail", save(request, form).pk)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            step = form.first_wrong("look") or "look"
    context: dict[str, Any] = {"form": form, "pk": pk, "step": step, "steps": STEPS, "is_first": step == STEP_NAMES[0]}
    context |= form.shown(step)
    if step == "look":
        context["looks"] = looks(form.instance, list(form.cleaned_data["stores"]))
    return render(request, "coupons/wizard.html", context)


def next_step(request: HttpRequest, form: BatchForm) -> str | None:
    """Return the step to show; None after the last one, if nothing is wrong."""
    here = request.POST.get("step")
    if request.method != "POST" or here not in STEP_NAMES:
        return STEP_NAMES[0]
    place = STEP_NAMES.index(here)
    if request.POST.get("go") == "back":
        return STEP_NAMES[max(0, place - 1)]
    if (wrong := form.first_wrong(here)) is not None:
        return wrong
    ahead = STEP_NAMES[place + 1] if place + 1 < len(STEP_NAMES) else None
    if ahead in {"look", None} and not form.is_valid():
        return form.first_wrong("look") or STEP_NAMES[0]
    return ahead


def save(request: HttpRequest, form: BatchForm) -> CouponBatch:
    batch = form.save(commit=False)
    is_new = batch.pk is None
    if is_new:
        batch.claim_token = form.cleaned_data["token"]
    actions.save_batch(batch=batch, stores=form.cleaned_data["stores"])
    messages.success(request, _("The batch is set up. Now make its codes.") if is_new else _("Saved."))
    return batch


@require_safe
@marketer_required
def batch_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, the_batch(pk))


def show(request: HttpRequest, batch: CouponBatch, status: int = 200, **forms: Any) -> HttpResponse:
    now = timezone.now()
    state = state_of(batch, now)
    context = {
        "state": state,
        "is_ended": state == ENDED,
        "terms": cashier_terms(batch, list(batch.stores.all())),
        "codes": CodesForm(),
        "file": FileForm(batch=batch),
        "extend": ExtendForm(),
        "claim": request.build_absolute_uri(f"/c/{batch.claim_token}") if batch.is_claimable else "",
    }
    return render(request, "coupons/detail.html", context | standing_of(batch, now) | forms, status=status)


def standing_of(batch: CouponBatch, now: datetime) -> dict[str, Any]:
    """Return what changes while one looks: the batch's counts, and the latest work on its codes."""
    runs = list(batch.code_runs.order_by("-requested_at")[:5])
    files = list(batch.code_files.order_by("-requested_at", "-pk")[:5])
    return {
        "batch": batch,
        "is_ours": batch.issuer == Issuer.OWN,
        "counts": counts_of(batch, now),
        "runs": runs,
        "files": files,
        "is_open": any(row.is_open for row in (*runs, *files)),
    }


@marketer_required
@only_by_post("coupons:detail", "pk")
def batch_pause(request: HttpRequest, pk: int) -> HttpResponse:
    is_paused = request.POST.get("paused") == "on"
    actions.pause_batch(batch=the_batch(pk), is_paused=is_paused)
    messages.success(request, _("The batch is paused.") if is_paused else _("The batch goes on."))
    return redirect("coupons:detail", pk)


@marketer_required
@only_by_post("coupons:detail", "pk")
def batch_extend(request: HttpRequest, pk: int) -> HttpResponse:
    batch, form = the_batch(pk), ExtendForm(request.POST)
    if form.is_valid():
        try:
            actions.extend_batch(batch=batch, last_day=form.cleaned_data["last_day"])
            messages.success(request, _("Every coupon of the batch holds until then at least."))
            return redirect("coupons:detail", pk)
        except DomainError as refusal:
            form.add_error("last_day", str(refusal))
    return show(request, batch, 400, extend=form)


@marketer_required
@only_by_post("coupons:detail", "pk")
def batch_end(request: HttpRequest, pk: int) -> HttpResponse:
    actions.end_batch(batch=the_batch(pk))
    messages.success(request, _("The batch has ended: none of its coupons holds any more."))
    return redirect("coupons:detail", pk)


@manager_required
@only_by_post("coupons:detail", "pk")
def batch_delete(request: HttpRequest, pk: int) -> HttpResponse:
    batch = the_batch(pk)
    try:
        actions.delete_batch(batch=batch)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("coupons:detail", pk)
    messages.success(request, _("The batch is deleted: nobody had a coupon of it."))
    return redirect("coupons:list")
