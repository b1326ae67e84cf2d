from django.urls import include, path

from attribution.coupons import api
from attribution.coupons.views import claim, till

till_pages = [
    path("", till.choose, name="till"),
    path("<slug:store>/", till.till, name="store"),
    path("<slug:store>/check/", till.check, name="check"),
    path("<slug:store>/redeem/", till.redeem, name="redeem"),
    path("<slug:store>/<uuid:request_id>/", till.done, name="done"),
    path("<slug:store>/<uuid:request_id>/void/", till.void, name="void"),
]
urlpatterns = [
    path("till/", include((till_pages, "till"))),
    path("c/<str:token>", claim.claim, name="claim"),
    path("api/v1/redemptions/", api.Redemptions.as_view(), name="api-redemptions"),
    path("api/v1/redemptions/<uuid:id>/void/", api.Voids.as_view(), name="api-redemption-void"),
]
