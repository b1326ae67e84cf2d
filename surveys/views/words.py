"""Guests' own words: what no rule catches, what a rule would catch, and the rules."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from attribution.customers.access import marketer_required
from attribution.pages import only_by_post
from surveys.actions.coding import add_rule, move_rule, remove_rule
from surveys.models import CodingRule, Survey
from surveys.words import Words, asked_for_words, question_titles
from surveys.words_form import RuleForm


@require_safe
@marketer_required
def words_list(request: HttpRequest, survey: int) -> HttpResponse:
    """The first question with words; what asks for none says so."""
    shown = get_object_or_404(Survey, pk=survey)
    questions = asked_for_words(shown)
    if questions:
        return redirect("surveys:words", shown.pk, questions[0].key)
    return render(request, "surveys/no_words.html", {"survey": shown})


@require_safe
@marketer_required
def words(request: HttpRequest, survey: int, question: str) -> HttpResponse:
    shown = _words(survey, question)
    if "HX-Request" in request.headers:
        return _progress(request, shown)
    form = RuleForm(request.GET if "pattern" in request.GET else None, choices=shown.choices)
    preview = shown.preview(form.rule()) if form.is_valid() else None
    return _page(request, shown, form, preview=preview)


@marketer_required
@only_by_post("surveys:words", "survey", "question")
def rule_add(request: HttpRequest, survey: int, question: str) -> HttpResponse:
    shown = _words(survey, question)
    form = RuleForm(request.POST, choices=shown.choices)
    if not form.is_valid():
        return _page(request, shown, form, status=400)
    add_rule(survey=shown.survey, question_key=question, rule=form.rule(), staff=request.user)
    messages.success(request, _("The rule is saved. Answers so far are being coded anew."))
    return redirect("surveys:words", survey, question)


@marketer_required
@only_by_post("surveys:words", "survey", "question")
def rule_change(request: HttpRequest, survey: int, question: str) -> HttpResponse:
    """Remove a rule, or move it one place."""
    rules = CodingRule.objects.filter(book__survey=survey, book__question_key=question)
    rule = rules.filter(pk=request.POST.get("rule", "0").zfill(1)[:18]).first()
    change = request.POST.get("change", "")
    if rule is None:
        messages.error(request, _("Somebody has removed this rule meanwhile."))
    elif change == "remove":
        remove_rule(rule=rule, staff=request.user)
    elif change in {"earlier", "later"}:
        move_rule(rule=rule, earlier=change == "earlier", staff=request.user)
    return redirect("surveys:words", survey, question)


def _words(survey: int, question: str) -> Words:
    shown = get_object_or_404(Survey, pk=survey)
    found = next((one for one in asked_for_words(shown) if one.key == question), None)
    if found is None:
        raise Http404
    return Words(shown, found)


def _progress(request: HttpRequest, shown: Words) -> HttpResponse:
    """How far the recoding is, without counting all words anew; once it has ended, the page asks for itself whole."""
    recodings = shown.recodings()
    answer = render(request, "surveys/words_recoding.html", {"words": shown, "recodings": recodings})
    if not any(one.is_open for one in recodings):
        answer["HX-Refresh"] = "true"
    return answer


def _page(
    request: HttpRequest, shown: Words, form: RuleForm, *, preview: object = None, status: int = 200
) -> HttpResponse:
    context = {
        "words": shown,
        "form": form,
        "preview": preview,
        "questions": question_titles(asked_for_words(shown.survey)),
        "recodings": shown.recodings(),
        "suggestions": list(shown.suggestions()),
        "rules": list(shown.rules()),
    }
    return render(request, "surveys/words.html", context, status=status)
