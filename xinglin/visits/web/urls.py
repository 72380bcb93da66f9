"""Addresses of visits."""

from django.urls import path

from xinglin.visits.web import views

app_name = "visits"
urlpatterns = [
    path("", views.visit_list, name="list"),
    path("terms/", views.terms, name="terms"),
    path("medicines/", views.medicine_options, name="medicines"),
    path("record/<uuid:uuid>/", views.record, name="record"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/sign/", views.sign, name="sign"),
    path("<uuid:uuid>/void/", views.void, name="void"),
    path("<uuid:uuid>/summary.pdf", views.summary_pdf, name="summary_pdf"),
]
