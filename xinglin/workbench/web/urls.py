"""Addresses of the workbench."""

from django.urls import path

from xinglin.workbench.web import views

app_name = "workbench"
urlpatterns = [path("", views.home, name="home")]
