"""The worker's judgements, for the marketer: what was judged when, from what, and what is still to come."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import date
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from attribution.customers.access import marketer_required
from attribution.jobs import wake
from attribution.pages import only_by_post
from attribution.runs import actions, showing
from attribution.runs.comparing import sections
from attribution.runs.models import Run, Stroke


class RunField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Run) -> str:
        return f"{obj} · {date(localtime(obj.finished_at), 'Y-m-d H:i')}"


class CompareForm(forms.Form):
    """Two runs that are done; to begin with, the last two."""

    a = RunField(Run.objects.none(), label=gettext_lazy("Run"), empty_label=None)
    b = RunField(Run.objects.none(), label=gettext_lazy("compared with"), empty_label=None)

    def __init__(self, data: object = None) -> None:
        done = Run.objects.filter(state=Run.State.DONE).order_by("-pk")
        last = dict(zip(("b", "a"), done.values_list("pk", flat=True)[:2], strict=False))
        super().__init__(data, initial=last, label_suffix="")  # type: ignore[arg-type]
        for field in self.fields.values():
            field.queryset = done  # type: ignore[attr-defined]


@require_safe
@marketer_required
def index(request: HttpRequest) -> HttpResponse:
    runs = Paginator(Run.objects.order_by("-pk"), 20).get_page(request.GET.get("page"))
    is_open = Run.objects.open().exists()
    context = {"runs": runs, "is_open": is_open, "is_waiting": Stroke.objects.exists(), "form": CompareForm()}
    template = "runs/list_part.html" if "HX-Request" in request.headers else "runs/list.html"
    return render(request, template, context)


@require_safe
@marketer_required
def detail(request: HttpRequest, number: int) -> HttpResponse:
    run = get_object_or_404(Run, pk=number)
    again = run.recomputations.order_by("-pk").first()
    context = {"run": run, "again": again, "differences": showing.differences(again)}
    if "HX-Request" in request.headers:
        return render(request, "runs/again.html", context)
    before = Run.objects.filter(state=Run.State.DONE, pk__lt=run.pk).order_by("-pk").first()
    return render(request, "runs/detail.html", context | {"before": before} | showing.context(run))


@require_safe
@marketer_required
def compare(request: HttpRequest) -> HttpResponse:
    form = CompareForm(request.GET or None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        one, other = form.cleaned_data["a"], form.cleaned_data["b"]
        context |= {"one": one, "other": other, "sections": sections(one, other)}
    return render(request, "runs/compare.html", context, status=400 if form.errors else 200)


@marketer_required
@only_by_post("runs:list")
@transaction.atomic
def judge_now(request: HttpRequest) -> HttpResponse:
    actions.ask(now=True)
    wake("runs.look")
    messages.success(request, _("A new run has been asked for. It appears below within seconds."))
    return redirect("runs:list")


@marketer_required
@only_by_post("runs:detail", "number")
@transaction.atomic
def recompute(request: HttpRequest, number: int) -> HttpResponse:
    actions.ask_again(run=get_object_or_404(Run, pk=number))
    wake("runs.look")
    return redirect("runs:detail", number)
