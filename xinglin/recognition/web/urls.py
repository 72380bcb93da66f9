"""Addresses of recognition."""

from django.urls import path

from xinglin.recognition.web import marks, views

app_name = "recognition"
urlpatterns = [
    path("items/", views.catalogue_page, name="catalogue"),
    path("decisions/", views.decisions, name="decisions"),
    path("decisions/<uuid:uuid>/", views.decision, name="decision"),
    path("reports/<uuid:uuid>/", views.source, name="source"),
    path("report/", views.report, name="report"),
    path("report.xlsx", views.report_workbook, name="report_workbook"),
    path("marks/", marks.marks, name="marks"),
    path("marks/import/", marks.import_table, name="import_marks"),
    path("marks/template.xlsx", marks.template, name="marks_template"),
    path("marks/<uuid:uuid>/end/", marks.end, name="end_mark"),
    path("me/", views.own, name="own"),
]
