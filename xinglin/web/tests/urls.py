"""Only the addresses of this layer: its tests stand below all capabilities."""

from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [path("language/", set_language, name="set_language"), path("ui/", include("xinglin.web.urls"))]
