"""The till: a clerk of a store, one coupon after the other. A manager chooses the store; nobody sees another's."""

from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from attribution.coupons import actions
from attribution.coupons.forms import PlatformForm, RedeemForm, ScanForm, VoidForm, issued
from attribution.coupons.models import Redemption
from attribution.customers.access import clerk_required, stores_of
from attribution.customers.models import Store
from attribution.errors import DomainError

SHOWN = 50


def my_store(request: HttpRequest, code: str) -> Store:
    store: Store = get_object_or_404(stores_of(request.user), code=code)
    return store


def my_redemption(store: Store, request_id: UUID) -> Redemption:
    rows = Redemption.objects.for_store(store).select_related("batch", "coupon", "order", "void", "staff")
    redemption: Redemption = get_object_or_404(rows, request_id=request_id)
    return redemption


def page(request: HttpRequest, store: Store, **step: Any) -> HttpResponse:
    """Render the till with the step it is at; the day's redemptions stand below."""
    day = Redemption.objects.for_store(store).on_day_of(timezone.now(), store)
    context = {
        "store": store,
        "stores": stores_of(request.user),
        "scan": ScanForm(),
        "platform": PlatformForm(),
        "today": day.select_related("batch", "coupon", "staff", "void").order_by("-redeemed_at", "-pk")[:SHOWN],
        "count": day.standing().count(),
        "discount": day.standing().aggregate(sum=Sum("discount_minor"))["sum"],
    }
    return render(request, "till/till.html", context | step)


@require_safe
@never_cache
@clerk_required
def choose(request: HttpRequest) -> HttpResponse:
    """Lead to the till: a clerk's own; whoever has several chooses."""
    stores = list(stores_of(request.user))
    wanted = [store for store in stores if store.code == request.GET.get("store")] or stores
    if len(wanted) == 1:
        return redirect("till:store", wanted[0].code)
    return render(request, "till/choose.html", {"stores": stores})


@require_safe
@never_cache
@clerk_required
def till(request: HttpRequest, store: str) -> HttpResponse:
    return page(request, my_store(request, store))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@clerk_required
def check(request: HttpRequest, store: str) -> HttpResponse:
    """Step one: what the coupon is, and whether it holds or why not."""
    here = my_store(request, store)
    if request.method != "POST":  # reloaded, or seen in the other language: begin anew
        return redirect("till:store", here.code)
    is_platform = "batch" in request.POST
    form = PlatformForm(request.POST) if is_platform else ScanForm(request.POST)
    shown = {"platform" if is_platform else "scan": form}
    if not form.is_valid():
        return page(request, here, **shown)
    typed = form.cleaned_data
    try:
        usable = actions.inspect_coupon(
            code=typed["code"], store=here, staff=request.user, **issued(typed.get("batch"))
        )
    except DomainError as refusal:
        return page(request, here, refusal=refusal, **shown)
    return page(request, here, usable=usable, redeem=RedeemForm(initial=typed))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@clerk_required
def redeem(request: HttpRequest, store: str) -> HttpResponse:
    """Step two: use it on a bill; on a refusal all that was typed stays."""
    here = my_store(request, store)
    if request.method != "POST":
        return redirect("till:store", here.code)
    form = RedeemForm(request.POST)
    if not form.is_valid():
        typed = request.POST.get("code", "")
        actions.record_refusal(
            refusal=form.refusal(), typed=typed, issuer=form.issuer(), store=here, staff=request.user
        )
        return page(request, here, redeem=form, usable=form.meant())
    try:
        redemption = actions.redeem_coupon(store=here, staff=request.user, **form.values())
    except DomainError as refusal:
        form.refuse(refusal)
        return page(request, here, redeem=form, usable=form.meant())
    return redirect("till:done", here.code, redemption.request_id)


@require_safe
@never_cache
@clerk_required
def done(request: HttpRequest, store: str, request_id: UUID) -> HttpResponse:
    here = my_store(request, store)
    return page(request, here, done=my_redemption(here, request_id))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@clerk_required
def void(request: HttpRequest, store: str, request_id: UUID) -> HttpResponse:
    here = my_store(request, store)
    redemption = my_redemption(here, request_id)
    form = VoidForm(request.POST or None)
    if form.is_valid():
        try:
            actions.void_redemption(redemption=redemption, staff=request.user, **form.cleaned_data)
            return redirect("till:done", here.code, request_id)
        except DomainError as refusal:
            form.refuse(refusal)
    return render(request, "till/void.html", {"store": here, "redemption": redemption, "form": form})
