"""Addresses of residents."""

from django.urls import URLPattern, path

from xinglin.residents.web import changes, merging, own, views

app_name = "residents"
urlpatterns: list[URLPattern] = [
    path("", views.resident_list, name="list"),
    path("register/", views.register, name="register"),
    path("register/document/", views.read_document, name="read_document"),
    path("arrive/", views.arrive, name="arrive"),
    path("emergency/", views.emergency, name="emergency"),
    path("me/", own.own_record, name="own"),
    path("me/lookups/", own.own_lookups, name="own_lookups"),
    path("households/<uuid:uuid>/", views.household, name="household"),
    path("households/<uuid:uuid>/join/", changes.join_household, name="join_household"),
    path("merges/<uuid:uuid>/undo/", merging.undo, name="undo_merge"),
    path("consents/<uuid:uuid>/withdraw/", changes.withdraw_consent, name="withdraw_consent"),
    path("consents/<uuid:uuid>/signature/", changes.signature, name="signature"),
    path("contacts/<uuid:uuid>/end/", changes.end_contact, name="end_contact"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/edit/", changes.edit, name="edit"),
    path("<uuid:uuid>/transfer/", changes.transfer, name="transfer"),
    path("<uuid:uuid>/status/", changes.status, name="status"),
    path("<uuid:uuid>/contacts/", changes.add_contact, name="add_contact"),
    path("<uuid:uuid>/household/", changes.create_household, name="create_household"),
    path("<uuid:uuid>/household/leave/", changes.leave_household, name="leave_household"),
    path("<uuid:uuid>/consents/new/", changes.new_consent, name="new_consent"),
    path("<uuid:uuid>/merge/", merging.merge, name="merge"),
]
