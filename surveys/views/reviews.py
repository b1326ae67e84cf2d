"""Who counts as the same guest in a survey; answers that look as if no guests had given them, kept or set aside."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import manager_required, marketer_required
from attribution.pages import only_by_post
from surveys.actions.one_answer import set_one_answer
from surveys.actions.reviewing import decide
from surveys.models import Burst, Response, Survey
from surveys.one_answer_form import OneAnswerForm
from surveys.reviews import burst_rows, bursts_to_show

PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def one_answer(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    form = OneAnswerForm(request.POST or None, survey=shown)
    if form.is_valid():
        set_one_answer(survey=shown, **form.chosen())
        messages.success(request, _("Saved. It holds for answers from now on."))
        return redirect("surveys:one_answer", survey)
    repeats = Response.objects.filter(version__survey=shown).exclude(repeats="").count()
    return render(request, "surveys/one_answer.html", {"survey": shown, "form": form, "repeats": repeats})


@require_safe
@manager_required
def bursts(request: HttpRequest) -> HttpResponse:
    is_open = request.GET.get("show") != "decided"
    page = Paginator(bursts_to_show(is_open=is_open), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": burst_rows(page), "is_open": is_open, "query": "" if is_open else "show=decided"}
    return render(request, "surveys/bursts.html", context)


@manager_required
@only_by_post("surveys:bursts")
def burst_decide(request: HttpRequest) -> HttpResponse:
    """Keep the chosen ones' answers, set them aside, or take that back."""
    chosen = [int(pk) for pk in request.POST.getlist("burst") if pk.isdecimal() and len(pk) < 18]
    state = request.POST.get("do", "")
    if state not in Burst.State.values or not chosen:
        messages.error(request, _("Tick what you mean, then choose what to do with it."))
        return redirect("surveys:bursts")
    changed = decide(bursts=Burst.objects.filter(pk__in=chosen), state=state, staff=request.user)
    words = {
        Burst.State.KEPT: ngettext("%(number)s group is kept.", "%(number)s groups are kept.", changed),
        Burst.State.SET_ASIDE: ngettext(
            "%(number)s group is set aside; its answers count no more.",
            "%(number)s groups are set aside; their answers count no more.",
            changed,
        ),
        Burst.State.OPEN: ngettext(
            "%(number)s group counts as before, and waits to be looked at.",
            "%(number)s groups count as before, and wait to be looked at.",
            changed,
        ),
    }
    messages.success(request, words[Burst.State(state)] % {"number": changed})
    return redirect("surveys:bursts")
