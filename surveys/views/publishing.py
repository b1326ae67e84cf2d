"""A survey's draft looked over and published; a survey copied, renamed, archived, brought back and exported."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import marketer_required
from attribution.errors import DomainError
from attribution.pages import only_by_post
from surveys.actions.drafting import (
    archive_survey,
    content_now,
    copy_survey,
    publish_draft,
    rename_survey,
    restore_survey,
)
from surveys.builder.desk import Desk
from surveys.builder.new import NameForm
from surveys.differences import differences
from surveys.models import Draft, Survey


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def survey_publish(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    if request.method == "POST":
        sent = str(request.POST.get("revision", ""))
        try:
            version = publish_draft(survey=shown, revision=int(sent) if sent.isdecimal() else 0)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("surveys:publish", survey)
        messages.success(request, _("Version %(number)s is published.") % {"number": version.number})
        return redirect("surveys:placements", survey)
    desk = Desk(shown, content_now(shown), Draft.objects.filter(survey=shown).first())
    context = {"survey": shown, "desk": desk, "differences": differences(desk.before, desk.content, desk.channels)}
    return render(request, "builder/publish.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def survey_copy(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    form = NameForm(request.POST or None, initial=_names(shown))
    if form.is_valid():
        copied = copy_survey(survey=shown, staff=request.user, **form.cleaned_data)
        return redirect("surveys:edit", copied.pk)
    return render(request, "builder/name.html", {"form": form, "survey": shown, "is_copy": True})


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def survey_rename(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    form = NameForm(request.POST or None, initial=_names(shown))
    if form.is_valid():
        rename_survey(survey=shown, **form.cleaned_data)
        return redirect("surveys:edit", survey)
    return render(request, "builder/name.html", {"form": form, "survey": shown})


@marketer_required
@only_by_post("surveys:edit", "survey")
def survey_archive(request: HttpRequest, survey: int) -> HttpResponse:
    archive_survey(survey=get_object_or_404(Survey, pk=survey))
    messages.success(request, _("Archived: it takes no new answers. What was answered is kept."))
    return redirect("surveys:edit", survey)


@marketer_required
@only_by_post("surveys:edit", "survey")
def survey_restore(request: HttpRequest, survey: int) -> HttpResponse:
    restore_survey(survey=get_object_or_404(Survey, pk=survey))
    messages.success(request, _("It takes answers again, in all places that are open."))
    return redirect("surveys:edit", survey)


@require_safe
@marketer_required
def survey_export(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=survey)
    written = json.dumps({"questions": content_now(shown)["questions"]}, ensure_ascii=False, indent=2)
    response = HttpResponse(written, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="survey-{shown.pk}.json"'
    return response


def _names(survey: Survey) -> dict[str, str]:
    return {"name_zh_hans": survey.name_zh_hans, "name_en": survey.name_en}
