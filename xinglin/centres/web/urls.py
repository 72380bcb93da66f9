"""Addresses of how a centre is run."""

from django.urls import path

from xinglin.centres.web import roster

app_name = "centres"
urlpatterns = [
    path("roster/", roster.roster, name="roster"),
    path("roster/<uuid:uuid>/shifts/", roster.enter, name="enter_shifts"),
    path("roster/<uuid:uuid>/copy/", roster.copy, name="copy_week"),
    path("roster/<uuid:uuid>/import/", roster.bring_in, name="import_roster"),
    path("roster/<uuid:uuid>/export.xlsx", roster.export, name="export_roster"),
    path("shifts/<uuid:uuid>/withdraw/", roster.withdraw, name="withdraw_shift"),
]
