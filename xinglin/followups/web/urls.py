"""Addresses of follow-up."""

from django.urls import path

from xinglin.followups.web import views

app_name = "followups"
urlpatterns = [
    path("", views.due, name="list"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/complete/", views.complete, name="complete"),
    path("<uuid:uuid>/unreached/", views.unreached, name="unreached"),
    path("<uuid:uuid>/cancel/", views.cancel, name="cancel"),
]
