"""What guests answered: question by question, over time, two questions crossed; and in their own words."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from attribution.customers.access import MANAGER, has_role, manager_required, marketer_required
from surveys.models import Survey
from surveys.results.file import kept_answers
from surveys.results.form import ResultsForm
from surveys.results.picked import Picked
from surveys.results.tables import Results
from surveys.results.words import PAGE_ROWS, WordsForm, written


@require_safe
@marketer_required
def results(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    kept = kept_answers(shown)
    context: dict[str, Any] = {"survey": shown, "kept": kept, "may_read_words": has_role(request.user, MANAGER)}
    if kept is None:
        return render(request, "results/results.html", context)
    form = ResultsForm(request.GET, survey=shown, axes=Results(shown, kept, Picked()).axes())
    context["form"] = form
    if not form.is_valid():
        return render(request, "results/results.html", context, status=400)
    found, asked = Results(shown, kept, form.picked()), form.cleaned_data
    context |= {"results": found, "told": list(found.told()), "times": list(found.over_time(asked["unit"] or "month"))}
    if asked["row"] and asked["across"]:
        context["crossed"] = found.crossed(asked["row"], asked["across"])
    return render(request, "results/results.html", context)


@require_safe
@manager_required
def verbatims(request: HttpRequest, survey: int) -> HttpResponse:
    """What guests wrote, newest first."""
    shown = get_object_or_404(Survey, pk=survey)
    form = WordsForm(request.GET, survey=shown)
    rows = written(shown, form) if form.is_valid() else []
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    return render(request, "results/words.html", {"survey": shown, "form": form, "page": page, "query": form.query()})
