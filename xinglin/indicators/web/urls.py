"""Addresses of the board."""

from django.urls import path

from xinglin.indicators.web import flow, keeping, views

app_name = "indicators"
urlpatterns = [
    path("", views.board, name="board"),
    path("figures/<slug:slug>/", views.figure, name="figure"),
    path("figures/<slug:slug>/export/", views.export, name="export"),
    path("figures/<slug:slug>/<slug:kind>.chart", views.chart, name="chart"),
    path("flow/", flow.show, name="flow"),
    path("flow/flow.chart", flow.chart, name="flow-chart"),
    path("flow/export/", flow.export, name="flow-export"),
    path("returns/", keeping.returns, name="returns"),
    path("returns/send/", keeping.send, name="send"),
    path("returns/publish/", keeping.publish, name="publish"),
    path("returns/<slug:kind>.xlsx", keeping.template, name="template"),
    path("<slug:slug>/", views.records, name="records"),
]
