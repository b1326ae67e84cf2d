"""The logo that stands on posters: shown, uploaded, removed."""

import base64

from django import forms
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from attribution.customers.access import manager_required
from attribution.errors import DomainError
from surveys.actions.branding import remove_logo, save_logo, uploaded


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=gettext_lazy("New logo"),
        help_text=gettext_lazy("PNG or JPEG, up to 2 MB; transparent where the paper is to show."),
        widget=forms.FileInput({"accept": "image/png,image/jpeg"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@manager_required
def brand_logo(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and "remove" in request.POST:
        remove_logo()
        messages.success(request, _("The logo is removed."))
        return redirect("surveys:logo")
    form = LogoForm(request.POST or None, request.FILES or None, label_suffix="")
    if form.is_valid():
        try:
            save_logo(file=form.cleaned_data["logo"])
        except DomainError as error:
            form.add_error("logo", str(error))
        else:
            messages.success(request, _("The logo stands on new posters."))
            return redirect("surveys:logo")
    return render(request, "surveys/logo.html", {"form": form, "picture": _shown()})


def _shown() -> str:
    """Return the uploaded logo in the page itself: uploaded files have no address."""
    if (name := uploaded()) is None:
        return ""
    with default_storage.open(name) as file:
        return f"data:image/png;base64,{base64.b64encode(file.read()).decode()}"
