"""Addresses of the board."""

from django.urls import path

from xinglin.indicators.web import views

app_name = "indicators"
urlpatterns = [
    path("", views.board, name="board"),
    path("<slug:slug>/", views.records, name="records"),
]
