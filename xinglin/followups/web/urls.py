"""Addresses of follow-up."""

from django.urls import path

from xinglin.followups.web import desk_views, views

app_name = "followups"
urlpatterns = [
    path("", views.due, name="list"),
    path("desk/", desk_views.show_desk, name="desk"),
    path("desk/<uuid:uuid>/", desk_views.person, name="person"),
    path("desk/<uuid:uuid>/open/", desk_views.open_call, name="open-call"),
    path("desk/<uuid:uuid>/settle/", desk_views.settle_week, name="settle-week"),
    path("desk/<uuid:uuid>/wish/", desk_views.note_wish, name="wish"),
    path("calls/<uuid:uuid>/", desk_views.call, name="call"),
    path("calls/<uuid:uuid>/end/", desk_views.end_call, name="end-call"),
    path("calls/<uuid:uuid>/release/", desk_views.release_call, name="release-call"),
    path("discharges/new/", desk_views.new_discharge, name="new-discharge"),
    path("discharges/<uuid:uuid>/", desk_views.discharge, name="discharge"),
    path("discharges/<uuid:uuid>/cancel/", desk_views.cancel_discharge, name="cancel-discharge"),
    path("figures/", desk_views.show_figures, name="figures"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/complete/", views.complete, name="complete"),
    path("<uuid:uuid>/unreached/", views.unreached, name="unreached"),
    path("<uuid:uuid>/cover/", views.cover, name="cover"),
    path("<uuid:uuid>/put-off/", views.put_off, name="put-off"),
    path("<uuid:uuid>/cancel/", views.cancel, name="cancel"),
]
