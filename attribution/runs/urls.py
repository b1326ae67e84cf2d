from django.urls import include, path

from attribution.runs import views

runs = [
    path("", views.index, name="list"),
    path("now/", views.judge_now, name="now"),
    path("<int:number>/", views.detail, name="detail"),
]

urlpatterns = [path("runs/", include((runs, "runs")))]
