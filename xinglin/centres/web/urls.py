"""Addresses of how a centre is run."""

from django.urls import path

from xinglin.centres.web import cases, head, roster, seconds, settings

app_name = "centres"
urlpatterns = [
    path("figures/", head.head, name="head"),
    path("figures/records/", head.records, name="records"),
    path("figures/export.xlsx", head.export, name="export_head"),
    path("coverage/", head.coverage, name="coverage"),
    path("coverage/export.xlsx", head.export_coverage, name="export_coverage"),
    path("settings/<uuid:uuid>/", settings.settings, name="settings"),
    path("settings/<uuid:uuid>/promises/", settings.save_promises, name="save_promises"),
    path("settings/<uuid:uuid>/roster/", settings.save_roster, name="save_roster"),
    path("roster/", roster.roster, name="roster"),
    path("roster/<uuid:uuid>/shifts/", roster.enter, name="enter_shifts"),
    path("roster/<uuid:uuid>/copy/", roster.copy, name="copy_week"),
    path("roster/<uuid:uuid>/import/", roster.bring_in, name="import_roster"),
    path("roster/<uuid:uuid>/export.xlsx", roster.export, name="export_roster"),
    path("second/", seconds.listing, name="seconds"),
    path("second/<uuid:uuid>/", seconds.reading, name="second"),
    path("second/<uuid:uuid>/grade/", seconds.grade, name="grade_second"),
    path("second/<uuid:uuid>/compare/", seconds.compare, name="compare_second"),
    path("second/<uuid:uuid>/draw/", seconds.draw, name="draw_seconds"),
    path("cases/", cases.listing, name="cases"),
    path("cases/make/<uuid:uuid>/", cases.make, name="make_case"),
    path("cases/<uuid:uuid>/", cases.detail, name="case"),
    path("cases/<uuid:uuid>/<int:number>/", cases.picture, name="case_picture"),
    path("cases/<uuid:uuid>/<int:number>.dcm", cases.download, name="case_file"),
    path("cases/<uuid:uuid>/withdraw/", cases.withdraw, name="withdraw_case"),
    path("shifts/<uuid:uuid>/withdraw/", roster.withdraw, name="withdraw_shift"),
]
