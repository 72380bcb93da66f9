"""Addresses of consultations."""

from django.urls import path

from xinglin.consultations.web import acts, asking, directory_pages, figures, views

app_name = "consultations"
urlpatterns = [
    path("mine/", views.mine, name="mine"),
    path("desk/", views.desk, name="desk"),
    path("expert/", views.expert, name="expert"),
    path("request/<uuid:visit>/", asking.request_from_visit, name="request"),
    path("residents/<uuid:uuid>/request/", asking.request_for_resident, name="request_resident"),
    path("experts/", directory_pages.experts, name="experts"),
    path("experts/<uuid:uuid>/", directory_pages.expert, name="expert_detail"),
    path("experts/<uuid:uuid>/end/", directory_pages.end, name="end_expert"),
    path("experts/<uuid:uuid>/times/", directory_pages.times, name="times"),
    path("experts/<uuid:uuid>/stations/", directory_pages.open_station, name="open_station"),
    path("stations/<uuid:uuid>/sessions/", directory_pages.record_session, name="record_session"),
    path("fees/", figures.fees, name="fees"),
    path("fees/<uuid:uuid>/settle/", figures.settle, name="settle"),
    path("fees/<uuid:uuid>/waive/", figures.waive, name="waive"),
    path("statistics/", figures.statistics, name="statistics"),
    path("statistics/export/", figures.export, name="export"),
    path("<uuid:uuid>/", views.case, name="case"),
    path("<uuid:uuid>/pack/<uuid:item>/", views.item, name="item"),
    path("<uuid:uuid>/pack/<uuid:item>/file/", views.item_file, name="item_file"),
    path("<uuid:uuid>/files/<uuid:message>/", views.message_file, name="message_file"),
    path("<uuid:uuid>/opinion.pdf", views.opinion_pdf, name="opinion_pdf"),
    path("<uuid:uuid>/do/<slug:verb>/", acts.act, name="act"),
]
