from django.urls import include, path

from attribution.runs import views

runs = [
    path("", views.index, name="list"),
    path("now/", views.judge_now, name="now"),
    path("compare/", views.compare, name="compare"),
    path("<int:number>/", views.detail, name="detail"),
    path("<int:number>/recompute/", views.recompute, name="recompute"),
]

urlpatterns = [path("runs/", include((runs, "runs")))]
