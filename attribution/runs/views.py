"""The worker's judgements, for the marketer: what was judged when, from what, and what is still to come."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from attribution.customers.access import marketer_required
from attribution.jobs import wake
from attribution.pages import only_by_post
from attribution.runs import actions, words
from attribution.runs.models import Run, Stroke


@require_safe
@marketer_required
def index(request: HttpRequest) -> HttpResponse:
    runs = Paginator(Run.objects.order_by("-pk"), 20).get_page(request.GET.get("page"))
    is_open = Run.objects.open().exists()
    context = {"runs": runs, "is_open": is_open, "is_waiting": Stroke.objects.exists()}
    template = "runs/list_part.html" if "HX-Request" in request.headers else "runs/list.html"
    return render(request, template, context)


@require_safe
@marketer_required
def detail(request: HttpRequest, number: int) -> HttpResponse:
    run = get_object_or_404(Run, pk=number)
    context = {"run": run, "spans": words.spans(run.parameters), "counts": words.counts(run.excluded)}
    return render(request, "runs/detail.html", context)


@marketer_required
@only_by_post("runs:list")
@transaction.atomic
def judge_now(request: HttpRequest) -> HttpResponse:
    actions.ask(now=True)
    wake("runs.look")
    messages.success(request, _("A new run has been asked for. It appears below within seconds."))
    return redirect("runs:list")
