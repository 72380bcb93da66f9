"""Addresses of the board."""

from django.urls import path

from xinglin.indicators.web import flow, keeping, reports, views, wall

app_name = "indicators"
urlpatterns = [
    path("", views.board, name="board"),
    path("export/", views.board_export, name="board-export"),
    path("figures/<slug:slug>/", views.figure, name="figure"),
    path("figures/<slug:slug>/export/", views.export, name="export"),
    path("figures/<slug:slug>/<slug:kind>.chart", views.chart, name="chart"),
    path("flow/", flow.show, name="flow"),
    path("flow/flow.chart", flow.chart, name="flow-chart"),
    path("flow/export/", flow.export, name="flow-export"),
    path("wall/", wall.show, name="wall"),
    path("wall/content/", wall.content, name="wall-content"),
    path("screens/", wall.setup, name="screens"),
    path("screens/<uuid:uuid>/end/", wall.end, name="screen-end"),
    path("reports/", reports.show, name="reports"),
    path("reports/subscribe/", reports.subscribe, name="subscribe"),
    path("reports/<uuid:uuid>/", reports.report, name="report"),
    path("reports/subscriptions/<uuid:uuid>/make/", reports.make_now, name="make-report"),
    path("reports/subscriptions/<uuid:uuid>/end/", reports.unsubscribe, name="unsubscribe"),
    path("returns/", keeping.returns, name="returns"),
    path("returns/send/", keeping.send, name="send"),
    path("returns/publish/", keeping.publish, name="publish"),
    path("returns/<slug:kind>.xlsx", keeping.template, name="template"),
    path("<slug:slug>/", views.records, name="records"),
]
