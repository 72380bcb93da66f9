"""Addresses of laboratory control."""

from django.urls import path

app_name = "labcontrol"
urlpatterns: list = []
