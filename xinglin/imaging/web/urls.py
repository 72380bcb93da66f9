"""Addresses of imaging."""

from django.urls import path

from xinglin.imaging.web import devices, studies, uploading

app_name = "imaging"
urlpatterns = [
    path("queue/", studies.queue, name="queue"),
    path("upload/", uploading.upload, name="upload"),
    path("devices/", devices.devices, name="devices"),
    path("devices/<uuid:uuid>/close/", devices.close, name="close_device"),
    path("conflicts/<uuid:uuid>/settle/", studies.settle, name="settle"),
    path("studies/<uuid:uuid>/", studies.detail, name="study"),
    path("studies/<uuid:uuid>/link/", studies.link, name="link"),
    path("studies/<uuid:uuid>/unlink/", studies.unlink, name="unlink"),
    path("studies/<uuid:uuid>/reject/", studies.reject, name="reject"),
]
