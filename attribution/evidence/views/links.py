"""Tracked links: listed with their visits, set up, switched on and off, printed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import marketer_required
from attribution.evidence import actions
from attribution.evidence.forms import LinkForm
from attribution.evidence.links import address, qr_picture
from attribution.evidence.models import TrackedLink
from attribution.pages import only_by_post

PER_PAGE = 50
PICTURES = {"svg": "image/svg+xml", "png": "image/png"}


@require_safe
@marketer_required
def link_list(request: HttpRequest) -> HttpResponse:
    links = TrackedLink.objects.select_related("channel", "campaign", "store").order_by("-is_active", "-pk")
    counted = links.annotate(visit_count=Count("visits"), last_visit=Max("visits__at"))
    page = Paginator(counted, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(link, address(link, request)) for link in page]
    return render(request, "links/list.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def link_new(request: HttpRequest) -> HttpResponse:
    form = LinkForm(request.POST or None)
    if form.is_valid():
        link = actions.save_link(link=form.save(commit=False))
        messages.success(request, _("The link is set up. Now print its QR code, or post its address."))
        return redirect("links:edit", link.pk)
    return render(request, "links/form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def link_edit(request: HttpRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(TrackedLink.objects.select_related("channel"), pk=pk)
    title = link.label
    form = LinkForm(request.POST or None, instance=link)
    if form.is_valid():
        actions.save_link(link=form.save(commit=False))
        messages.success(request, _("Saved."))
        return redirect("links:edit", link.pk)
    context = {"form": form, "link": link, "title": title, "address": address(link, request)}
    return render(request, "links/form.html", context)


@marketer_required
@only_by_post("links:edit", "pk")
def link_switch(request: HttpRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(TrackedLink, pk=pk)
    actions.switch_link(link=link, is_active=request.POST.get("active") == "on")
    messages.success(request, _("The link works again.") if link.is_active else _("The link is switched off."))
    return redirect("links:edit", link.pk)


@require_safe
@marketer_required
def link_picture(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    link = get_object_or_404(TrackedLink.objects.select_related("channel"), pk=pk)
    response = HttpResponse(qr_picture(address(link, request), kind), content_type=PICTURES[kind])
    # By number and channel, not by code: so that it can be told from others in a folder, in any alphabet.
    response["Content-Disposition"] = f'attachment; filename="link-{link.pk}-{link.channel.slug}.{kind}"'
    return response
