from django.urls import include, path

from surveys.views import guest

guest_pages = [path("s/<str:token>", guest.survey, name="survey")]

urlpatterns = [
    path("", include((guest_pages, "guest"))),
]
