"""Addresses of notifications."""

from django.urls import path

from xinglin.notifications.web import views

app_name = "notifications"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read-all/", views.read_all, name="read_all"),
    path("<uuid:uuid>/open/", views.open_message, name="open"),
]
