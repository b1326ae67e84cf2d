"""Webhooks: set up by managers, with a log of what was sent."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from attribution.customers.access import manager_required
from attribution.pages import only_by_post
from surveys.actions import hooks
from surveys.models import Delivery, Webhook
from surveys.webhooks_form import WebhookForm

PER_PAGE = 50


@require_safe
@manager_required
def webhook_list(request: HttpRequest) -> HttpResponse:
    rows = Webhook.objects.select_related("survey").order_by("-is_active", "pk")
    return render(request, "webhooks/list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@manager_required
def webhook_new(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        webhook = hooks.save_webhook(webhook=form.save(commit=False))
        messages.success(request, _("The webhook is set up. Give its secret to the other program, then try it."))
        return redirect("webhooks:edit", webhook.pk)
    return render(request, "webhooks/form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@manager_required
def webhook_edit(request: HttpRequest, pk: int) -> HttpResponse:
    webhook = get_object_or_404(Webhook, pk=pk)
    title = webhook.url
    form = WebhookForm(request.POST or None, instance=webhook)
    if form.is_valid():
        hooks.save_webhook(webhook=form.save(commit=False))
        messages.success(request, _("Saved."))
        return redirect("webhooks:edit", pk)
    sent = Paginator(webhook.deliveries.order_by("-created_at"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "webhooks/form.html", {"form": form, "webhook": webhook, "title": title, "page": sent})


@manager_required
@only_by_post("webhooks:edit", "pk")
def webhook_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch it, try it, give it a new secret, or show the one it has."""
    webhook = get_object_or_404(Webhook, pk=pk)
    change = request.POST.get("change", "")
    if change in {"on", "off"}:
        hooks.switch_webhook(webhook=webhook, is_active=change == "on")
    elif change == "ping":
        hooks.send_ping(webhook=webhook)
        messages.success(request, _("A test message is on its way; look below in a few seconds."))
    elif change == "secret":
        hooks.change_secret(webhook=webhook)
        messages.success(request, _("There is a new secret. For a day messages are signed with the old one too."))
    if change in {"secret", "show"}:
        webhook.refresh_from_db()
        return render(request, "webhooks/secret.html", {"webhook": webhook})
    return redirect("webhooks:edit", pk)


@manager_required
@only_by_post("webhooks:list")
def delivery_again(request: HttpRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(Delivery, pk=pk)
    hooks.send_again(delivery=delivery)
    messages.success(request, _("The message will be sent once more."))
    return redirect("webhooks:edit", delivery.webhook_id)
