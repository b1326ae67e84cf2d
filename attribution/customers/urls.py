from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from attribution.customers import views
from attribution.customers.api.orders import Orders

imports = (
    [
        path("", views.files, name="list"),
        path("template/<slug:kind>.<slug:extension>", views.template, name="template"),
        path("<uuid:uuid>/", views.detail, name="detail"),
        path("<uuid:uuid>/bad-rows.xlsx", views.bad_rows, name="bad_rows"),
    ],
    "imports",
)

urlpatterns = [
    path("imports/", include(imports)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/v1/orders/", Orders.as_view(), name="api-orders"),
]
