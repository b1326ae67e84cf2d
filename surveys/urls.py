from django.urls import include, path

from surveys import api
from surveys.views import guest, staff

guest_pages = [path("s/<str:token>", guest.survey, name="survey")]
staff_pages = [
    path("", staff.survey_list, name="list"),
    path("first/", staff.survey_create, name="create"),
    path("placements/<int:pk>/qr.svg", staff.placement_picture, {"kind": "svg"}, name="svg"),
    path("placements/<int:pk>/qr.png", staff.placement_picture, {"kind": "png"}, name="png"),
]
urlpatterns = [
    path("", include((guest_pages, "guest"))),
    path("surveys/", include((staff_pages, "surveys"))),
    path("api/v1/responses/", api.Responses.as_view(), name="api-responses"),
]
