from django.urls import include, path

from attribution.coupons import api
from attribution.coupons.views import batches, claim, codes, till

till_pages = [
    path("", till.choose, name="till"),
    path("<slug:store>/", till.till, name="store"),
    path("<slug:store>/check/", till.check, name="check"),
    path("<slug:store>/redeem/", till.redeem, name="redeem"),
    path("<slug:store>/<uuid:request_id>/", till.done, name="done"),
    path("<slug:store>/<uuid:request_id>/void/", till.void, name="void"),
]
coupon_pages = [
    path("", batches.batch_list, name="list"),
    path("new/", batches.batch_new, name="new"),
    path("<int:pk>/", batches.batch_detail, name="detail"),
    path("<int:pk>/edit/", batches.batch_edit, name="edit"),
    path("<int:pk>/pause/", batches.batch_pause, name="pause"),
    path("<int:pk>/extend/", batches.batch_extend, name="extend"),
    path("<int:pk>/end/", batches.batch_end, name="end"),
    path("<int:pk>/delete/", batches.batch_delete, name="delete"),
    path("<int:pk>/codes/", codes.make_codes, name="codes"),
    path("<int:pk>/codes/import/", codes.import_list, name="import"),
    path("<int:pk>/file/", codes.ask_file, name="file"),
    path("<int:pk>/work/", codes.work, name="work"),
    path("files/<uuid:uuid>/", codes.download, name="download"),
]
urlpatterns = [
    path("coupons/", include((coupon_pages, "coupons"))),
    path("till/", include((till_pages, "till"))),
    path("c/<str:token>", claim.claim, name="claim"),
    path("api/v1/redemptions/", api.Redemptions.as_view(), name="api-redemptions"),
    path("api/v1/redemptions/<uuid:id>/void/", api.Voids.as_view(), name="api-redemption-void"),
]
