"""Surveys begun and edited: the questions, the chosen one, and how guests will see it."""

from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from attribution.customers.access import marketer_required
from surveys.actions.drafting import content_now, edit_draft, start_survey, step_draft
from surveys.builder.desk import Desk
from surveys.builder.form import Edit, filled
from surveys.builder.new import NewSurveyForm
from surveys.definition import LANGUAGES
from surveys.differences import differences
from surveys.drafts import row_of
from surveys.errors import DraftChanged
from surveys.models import Draft, Survey
from surveys.previews import preview_step
from surveys.rewards import reward_of


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def survey_new(request: HttpRequest) -> HttpResponse:
    form = NewSurveyForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        given = form.cleaned_data
        names = {"name_zh_hans": given["name_zh_hans"], "name_en": given["name_en"]}
        survey = start_survey(**names, questions=given["questions"], staff=request.user)
        return redirect("surveys:edit", survey.pk)
    return render(request, "builder/new.html", {"form": form})


@never_cache
@csp_update({"frame-src": [SELF]})
@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def survey_edit(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    if request.method != "POST":
        return _page(request, _desk(request, shown, content_now(shown), str(request.GET.get("q", ""))))
    edit = Edit(request.POST, _desk(request, shown, {}).published, _offered(request, shown))
    revision = str(request.POST.get("revision", ""))
    try:
        draft = edit_draft(
            survey=shown, revision=int(revision) if revision.isdecimal() else 0, change=edit, staff=request.user
        )
        if edit.steps:
            step_draft(survey=shown, revision=draft.revision, by=edit.steps, staff=request.user)
    except DraftChanged:
        return _conflict(request, shown, edit)
    if edit.do == "publish":
        return _elsewhere(request, reverse("surveys:publish", args=[shown.pk]))
    where = urlencode({"q": edit.key, "in": _language(request)} | ({"new": edit.begins} if edit.begins else {}))
    return redirect(f"{reverse('surveys:edit', args=[shown.pk])}?{where}")


@never_cache
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})
@require_safe
@marketer_required
def survey_preview(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey.objects.select_related("reward_batch"), pk=survey)
    language = _language(request)
    with translation.override(language):
        step = preview_step(content_now(shown), str(request.GET.get("q", "")), language)
        reward = reward_of(shown, timezone.now()) if step and step.number == 1 else None
        context = {"step": step, "business": settings.BUSINESS_NAME, "reward": reward, "language": language}
        return render(request, "builder/preview.html" if step else "builder/no_preview.html", context)


def _elsewhere(request: HttpRequest, address: str) -> HttpResponse:
    """Lead to another page, past a script that would look for a part of this one there."""
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


def _language(request: HttpRequest) -> str:
    """Return in which language the preview speaks."""
    pressed = str(request.POST.get("do", "")).removeprefix("in:")
    asked = [pressed, request.POST.get("in"), request.GET.get("in"), translation.get_language()]
    return next((str(one) for one in asked if one in LANGUAGES), LANGUAGES[0])


def _desk(request: HttpRequest, survey: Survey, content: dict[str, Any], key: str = "") -> Desk:
    draft = Draft.objects.select_related("changed_by").filter(survey=survey).first()
    desk = Desk(survey, content or {"questions": [], "channels": {}}, draft, key, _language(request))
    desk.begun = str(request.GET.get("new", ""))
    return desk


def _offered(request: HttpRequest, survey: Survey) -> Any:
    return _desk(request, survey, content_now(survey), str(request.POST.get("q", ""))).offered


def _page(request: HttpRequest, desk: Desk, status: int = 200) -> HttpResponse:
    return render(request, "builder/edit.html", {"desk": desk, "survey": desk.survey}, status=status)


def _conflict(request: HttpRequest, survey: Survey, edit: Edit) -> HttpResponse:
    """Show what was typed with what the survey has become meanwhile: nothing is stored before it is saved again."""
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        # Saved by itself, which changes parts of the page alone: the page then sends itself as a whole.
        return trigger_client_event(HttpResponse(status=204), "late")
    stored = content_now(survey)
    key = str(request.POST.get("q", ""))
    typed = deepcopy(stored)
    filled(typed, key, request.POST, row_of(edit.published, key))
    desk = _desk(request, survey, typed, key)
    desk.mine, desk.is_late = differences(stored, typed, desk.channels), True
    return _page(request, desk, status=200 if request.htmx else 409)  # type: ignore[attr-defined]
