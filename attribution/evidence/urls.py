from django.urls import include, path

from attribution.evidence.views import go, links, mappings, spend

spend_pages = [
    path("", spend.spend_list, name="list"),
    path("new/", spend.spend_new, name="new"),
    path("<int:pk>/", spend.spend_edit, name="edit"),
    path("<int:pk>/delete/", spend.spend_delete, name="delete"),
]
link_pages = [
    path("", links.link_list, name="list"),
    path("new/", links.link_new, name="new"),
    path("<int:pk>/", links.link_edit, name="edit"),
    path("<int:pk>/switch/", links.link_switch, name="switch"),
    path("<int:pk>/qr.svg", links.link_picture, {"kind": "svg"}, name="svg"),
    path("<int:pk>/qr.png", links.link_picture, {"kind": "png"}, name="png"),
]
mapping_pages = [
    path("", mappings.mapping_list, name="list"),
    path("change/", mappings.mapping_change, name="change"),
]
urlpatterns = [
    path("go/<str:code>", go.go, name="go"),
    path("spend/", include((spend_pages, "spend"))),
    path("links/", include((link_pages, "links"))),
    path("mappings/", include((mapping_pages, "mappings"))),
]
