"""Addresses of DICOMweb."""

from django.urls import path

from xinglin.imaging.web import dicomweb as views

_STUDY = "studies/<str:study_uid>"
_SERIES = f"{_STUDY}/series/<str:series_uid>"
_INSTANCE = f"{_SERIES}/instances/<str:sop_uid>"

app_name = "dicomweb"
urlpatterns = [
    path("studies", views.studies, name="studies"),
    path(f"{_STUDY}/series", views.series),
    path(f"{_STUDY}/instances", views.instances),
    path(f"{_STUDY}/metadata", views.metadata_of),
    path(f"{_STUDY}/thumbnail", views.thumbnail, name="thumbnail"),
    path(f"{_SERIES}/instances", views.instances),
    path(f"{_SERIES}/metadata", views.metadata_of),
    path(f"{_SERIES}/thumbnail", views.thumbnail),
    path(f"{_INSTANCE}/metadata", views.metadata_of),
    path(f"{_INSTANCE}/frames/<str:numbers>", views.frame),
    path(f"{_INSTANCE}/frames/<int:number>/rendered", views.rendered),
    path(f"{_INSTANCE}/rendered", views.rendered),
    path(f"{_INSTANCE}/thumbnail", views.thumbnail),
    path(_INSTANCE, views.retrieve),
    path(_SERIES, views.retrieve),
    path(_STUDY, views.retrieve),
]
