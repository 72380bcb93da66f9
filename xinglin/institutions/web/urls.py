"""Addresses of institutions."""

from django.urls import path

from xinglin.institutions.web import agreements, institutions, rounds

app_name = "institutions"
urlpatterns = [
    path("", institutions.institutions, name="list"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("new/", institutions.record, name="record"),
    path("rounds/<uuid:uuid>/", rounds.round_page, name="round"),
    path("rounds/<uuid:uuid>/scan/", rounds.scan, name="round_scan"),
    path("agreements/<uuid:uuid>/", agreements.agreement, name="agreement"),
    path("agreements/<uuid:uuid>/scan/", agreements.scan, name="scan"),
    path("agreements/<uuid:uuid>/sign/", agreements.sign_draft, name="sign_draft"),
    path("agreements/<uuid:uuid>/discard/", agreements.discard, name="discard"),
    path("agreements/<uuid:uuid>/renew/", agreements.renew, name="renew"),
    path("agreements/<uuid:uuid>/end/", agreements.end, name="end"),
    path("stays/<uuid:uuid>/end/", institutions.end_stay, name="end_stay"),
    path("<uuid:uuid>/", institutions.detail, name="detail"),
    path("<uuid:uuid>/edit/", institutions.edit, name="edit"),
    path("<uuid:uuid>/close/", institutions.close, name="close"),
    path("<uuid:uuid>/residents/", institutions.add_resident, name="add_resident"),
    path("<uuid:uuid>/sign/", agreements.sign, name="sign"),
]
