"""Addresses of the viewer: its page under ``viewer``, everything else a file."""

from django.urls import path, re_path

from xinglin.imaging.web import viewer as views

app_name = "viewer"
urlpatterns = [
    path("", views.page, name="index"),
    path("viewer", views.page, name="viewer"),
    re_path(r"^(?P<name>[\w./-]+\.\w+)$", views.file, name="file"),
    re_path(r"^(?P<path>[\w/-]+)$", views.page),
]
