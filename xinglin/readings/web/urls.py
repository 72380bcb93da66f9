"""Addresses of readings."""

from django.urls import path

from xinglin.readings.web import devices, people

app_name = "readings"
urlpatterns = [
    path("devices/", devices.listing, name="devices"),
    path("devices/<uuid:uuid>/", devices.detail, name="device"),
    path("devices/<uuid:uuid>/lend/", devices.lend, name="lend"),
    path("devices/<uuid:uuid>/<slug:verb>/", devices.act, name="act"),
    path("queue/", people.queue, name="queue"),
    path("reading/<uuid:uuid>/", people.reading, name="reading"),
    path("reading/<uuid:uuid>/<slug:verb>/", people.sort, name="sort"),
    path("resident/<uuid:uuid>/", people.resident, name="resident"),
    path("me/", people.own, name="own"),
]
