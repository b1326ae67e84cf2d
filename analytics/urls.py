from django.urls import include, path

from analytics import api, views
from analytics.reports import REPORTS

reports = [
    *(path(f"{key}/", views.show, {"key": key}, name=key) for key in REPORTS),
    path("<slug:key>/", views.show, name="show"),
    path("<slug:key>/excel/", views.ask, name="ask"),
    path("files/<uuid:uuid>/", views.file, name="file"),
    path("files/<uuid:uuid>/download/", views.download, name="download"),
]

urlpatterns = [
    path("reports/", include((reports, "reports"))),
    path("api/v1/reports/<slug:key>/", api.ReportView.as_view(), name="api-report"),
]
