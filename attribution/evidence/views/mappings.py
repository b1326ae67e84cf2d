"""Where the touches' channels come from, and putting a wrong one right."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import marketer_required
from attribution.errors import DomainError
from attribution.evidence import mappings
from attribution.evidence.forms import MappingForm
from attribution.evidence.mappings import Mapping, Source


@require_safe
@marketer_required
def mapping_list(request: HttpRequest) -> HttpResponse:
    counts = mappings.touch_counts()
    groups = [(source.title, [(row, counts.get(row.key, 0)) for row in source.rows()]) for source in mappings.sources()]
    return render(request, "mappings/list.html", {"groups": groups, "is_empty": not any(rows for _t, rows in groups)})


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def mapping_change(request: HttpRequest) -> HttpResponse:
    """First choose (GET), then see how much changes (GET with the channel), then do it (POST)."""
    typed = request.POST or request.GET
    found = mappings.find(typed.get("key", ""))
    if found is None:
        raise Http404
    source, row = found
    form = MappingForm(typed if "channel" in typed else None, current=row.channel, may_mean_none=row.may_mean_none)
    context = {"form": form, "row": row, "touches": mappings.touch_counts().get(row.key, 0), "is_asked": False}
    if form.is_valid():
        context["chosen"] = chosen = form.cleaned_data["channel"]
        context["is_asked"] = chosen != row.channel
        if request.method == "POST" and context["is_asked"] and _is_corrected(request, form, source, row):
            return redirect("mappings:list")
    return render(request, "mappings/change.html", context)


def _is_corrected(request: HttpRequest, form: MappingForm, source: Source, row: Mapping) -> bool:
    try:
        moved = source.correct(row.key, form.cleaned_data["channel"])
    except DomainError as error:
        form.add_error("channel", str(error))
        return False
    sentence = ngettext(
        "Corrected. %(number)d touch follows, and the next run counts it there.",
        "Corrected. %(number)d touches follow, and the next run counts them there.",
        moved,
    )
    messages.success(request, sentence % {"number": moved})
    return True
