"""Addresses of the self-service terminal."""

from django.urls import path

from xinglin.checkups.web import kiosk

app_name = "kiosk"
urlpatterns = [
    path("", kiosk.start, name="start"),
    path("reports/", kiosk.reports, name="reports"),
    path("reports/<uuid:uuid>/", kiosk.report, name="report"),
    path("check/", kiosk.check, name="check"),
    path("leave/", kiosk.leave, name="leave"),
]
