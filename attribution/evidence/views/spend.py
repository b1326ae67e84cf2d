"""What the channels cost: listed, entered, corrected and deleted by hand."""

import uuid
from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import marketer_required
from attribution.customers.models import Staff
from attribution.evidence import actions
from attribution.evidence.forms import SpendFilter, SpendForm
from attribution.evidence.models import Spend

PER_PAGE = 50


@require_safe
@marketer_required
def spend_list(request: HttpRequest) -> HttpResponse:
    asked = SpendFilter(request.GET)
    rows = asked.narrow(Spend.objects.select_related("channel", "campaign", "store"))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    total = rows.aggregate(total=Sum("amount_minor"))["total"]
    address = request.GET.copy()
    address.pop("page", None)
    context = {
        "form": asked,
        "page": page,
        "total": total,
        "filters": address.urlencode(),
        "is_narrowed": any(address.values()),
    }
    return render(request, "spend/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def spend_new(request: HttpRequest) -> HttpResponse:
    form = SpendForm(request.POST or None, initial={"channel": request.GET.get("channel")})
    if form.is_valid():
        request_id = form.cleaned_data["request_id"] or uuid.uuid4()
        actions.enter_spend(value=form.value, request_id=str(request_id), staff=cast(Staff, request.user))
        messages.success(request, _("Entered."))
        if "another" in request.POST:
            return redirect(f"{request.path}?channel={form.value.channel.pk}")
        return redirect("spend:list")
    return render(request, "spend/form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def spend_edit(request: HttpRequest, pk: int) -> HttpResponse:
    spend = get_object_or_404(Spend.objects.select_related("channel"), pk=pk)
    form = SpendForm(request.POST or None, spend=spend)
    if form.is_valid():
        actions.correct_spend(spend=spend, value=form.value)
        messages.success(request, _("Corrected."))
        return redirect("spend:list")
    return render(request, "spend/form.html", {"form": form, "spend": spend})


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def spend_delete(request: HttpRequest, pk: int) -> HttpResponse:
    spend = get_object_or_404(Spend.objects.select_related("channel", "campaign", "store"), pk=pk)
    if request.method == "POST":
        actions.delete_spend(spend=spend)
        messages.success(request, _("Deleted."))
        return redirect("spend:list")
    return render(request, "spend/delete.html", {"spend": spend})
