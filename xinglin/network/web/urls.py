"""Addresses of the network."""

from django.urls import path
from django.views.generic import RedirectView

from xinglin.network.web import consortia, editing, tables, views

app_name = "network"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="network:list")),
    path("facilities/", views.facility_list, name="list"),
    path("facilities/new/", editing.new, name="new"),
    path("facilities/options/", views.facility_options, name="facility_options"),
    path("facilities/divisions/", views.division_options, name="division_options"),
    path("facilities/<uuid:uuid>/", views.detail, name="detail"),
    path("facilities/<uuid:uuid>/children/", views.children, name="children"),
    path("facilities/<uuid:uuid>/edit/", editing.edit, name="edit"),
    path("facilities/<uuid:uuid>/points/new/", editing.new_point, name="new_point"),
    path("facilities/<uuid:uuid>/timetable/", editing.timetable, name="timetable"),
    path("facilities/<uuid:uuid>/titles/withdraw/", editing.withdraw_title, name="withdraw_title"),
    path("facilities/<uuid:uuid>/has/<slug:what>/", editing.holding, name="holding"),
    path("facilities/<uuid:uuid>/<slug:verb>/", editing.move, name="move"),
    path("map/", views.facility_map, name="map"),
    path("coverage/", views.coverage_page, name="coverage"),
    path("consortia/", consortia.consortia, name="consortia"),
    path("consortia/new/", consortia.form, name="form_consortium"),
    path("consortia/<uuid:uuid>/", consortia.consortium, name="consortium"),
    path("consortia/<uuid:uuid>/join/", consortia.join, name="join"),
    path("consortia/<uuid:uuid>/leave/", consortia.leave, name="leave"),
    path("consortia/<uuid:uuid>/structure/", consortia.structure, name="structure"),
    path("areas/", consortia.areas, name="areas"),
    path("areas/new/", consortia.area_form, name="new_area"),
    path("areas/<uuid:uuid>/", consortia.area_form, name="area"),
    path("tables/", tables.start, name="import"),
    path("tables/<uuid:uuid>/", tables.preview, name="import_preview"),
    path("tables/<uuid:uuid>/apply/", tables.apply, name="import_apply"),
    path("tables/<uuid:uuid>/errors.csv", tables.errors, name="import_errors"),
    path("tables/template/<slug:table>.xlsx", tables.template, name="template"),
    path("tables/export/<slug:table>.<slug:extension>", tables.export, name="export"),
]
