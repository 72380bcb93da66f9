"""Addresses of the gallery of components."""

from django.urls import path

from xinglin.web import gallery

app_name = "web"
urlpatterns = [
    path("", gallery.show, name="gallery"),
    path("options/", gallery.options, name="gallery-options"),
    path("echo/", gallery.echo, name="gallery-echo"),
    path("errors/<slug:status>/", gallery.error, name="gallery-error"),
    path("shortcuts/", gallery.shortcuts, name="shortcuts"),
]
