"""Addresses of the board."""

from django.urls import path

from xinglin.indicators.web import views

app_name = "indicators"
urlpatterns = [
    path("", views.board, name="board"),
    path("figures/<slug:slug>/", views.figure, name="figure"),
    path("figures/<slug:slug>/export/", views.export, name="export"),
    path("<slug:slug>/", views.records, name="records"),
]
