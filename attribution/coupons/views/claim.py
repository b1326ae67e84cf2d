"""Where a guest takes a coupon with a device of their own: /c/<claim_token>.

The device gets its cookie when the page is first shown, so that pressing twice, reloading or coming back is one
coupon. Without a cookie nothing is given out.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from attribution.coupons import actions
from attribution.coupons.models import Coupon, CouponBatch
from attribution.customers.devices import device_of, new_device, remember_device
from attribution.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def claim(request: HttpRequest, token: str) -> HttpResponse:
    batch = CouponBatch.objects.filter(claim_token=token).first()
    if batch is None:
        return sorry(request, 404)
    device = device_of(request)
    coupon = actions.claimed_coupon(batch=batch, device=device) if device else None
    if coupon is not None and request.method != "POST":
        return show(request, coupon)
    try:
        actions.ensure_claimable(batch, timezone.now())
        if request.method == "POST" and device:
            actions.claim_coupon(batch=batch, device=device, at=timezone.now())
            return redirect("claim", token)
    except DomainError as refusal:
        return sorry(request, 410, refusal)
    return offer(request, batch, device)


def offer(request: HttpRequest, batch: CouponBatch, device: str | None) -> HttpResponse:
    context = {"batch": batch, "needs_cookie": request.method == "POST", "business": settings.BUSINESS_NAME}
    response = render(request, "claim/offer.html", context, status=400 if request.method == "POST" else 200)
    remember_device(response, device or new_device())
    return response


def show(request: HttpRequest, coupon: Coupon) -> HttpResponse:
    is_used = coupon.redemptions.filter(is_standing=True).count() >= coupon.batch.uses_per_code
    context = {"coupon": coupon, "is_used": is_used, "business": settings.BUSINESS_NAME}
    return render(request, "claim/coupon.html", context)


def sorry(request: HttpRequest, status: int, refusal: DomainError | None = None) -> HttpResponse:
    context = {"refusal": refusal, "business": settings.BUSINESS_NAME}
    return render(request, "claim/sorry.html", context, status=status)
