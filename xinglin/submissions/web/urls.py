"""Addresses of submissions."""

from django.urls import path

from xinglin.submissions.web import views

app_name = "submissions"
urlpatterns = [
    path("", views.listing, name="list"),
    path("open/", views.open_one, name="open"),
    path("destinations/", views.destinations, name="destinations"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/file/", views.file, name="file"),
    path("<uuid:uuid>/<slug:step>/", views.step, name="step"),
]
