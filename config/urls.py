"""All routes. Each app keeps its own in its ``urls.py``."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from config import views

admin.site.site_title = admin.site.site_header = settings.BUSINESS_NAME
admin.site.index_title = _("Set-up")

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.health, name="health"),
    path("favicon.ico", views.icon, name="icon"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", views.log_out, name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("admin/", admin.site.urls),
    path("", include("surveys.urls")),
    path("", include("attribution.coupons.urls")),
    path("", include("attribution.evidence.urls")),
    path("", include("attribution.customers.urls")),
    path("", include("attribution.runs.urls")),
    path("", include("analytics.urls")),
]
