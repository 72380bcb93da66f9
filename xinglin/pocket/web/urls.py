"""Addresses of telephones."""

from django.urls import path

from xinglin.pocket.web import app, pages

app_name = "pocket"
urlpatterns = [
    path("", app.shell, name="app"),
    path("worker.js", app.worker, name="worker"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("session/", app.session, name="session"),
    path("contact/", app.contact, name="contact"),
    path("devices/", pages.devices, name="devices"),
    path("devices/<uuid:uuid>/wipe/", pages.wipe, name="wipe"),
    path("devices/<uuid:uuid>/end/", pages.end, name="end"),
    path("reviews/", pages.reviews, name="reviews"),
    path("reviews/<uuid:uuid>/", pages.review, name="review"),
]
