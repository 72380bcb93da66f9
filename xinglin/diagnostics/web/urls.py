"""Addresses of diagnostics."""

from django.urls import path

from xinglin.diagnostics.web import comparing, criticals, ordering, views

app_name = "diagnostics"
urlpatterns = [
    path("worklist/", views.worklist, name="worklist"),
    path("imaging/worklist/", views.worklist, {"kind": "IMAGING"}, name="imaging_worklist"),
    path("imaging/request/<uuid:uuid>/", ordering.request_form, name="imaging_request"),
    path("sent/", views.sent, name="sent"),
    path("request/<uuid:uuid>/", views.request_form, name="request"),
    path("residents/<uuid:uuid>/request/", views.request_without_visit, name="request_resident"),
    path("criticals/", criticals.register, name="criticals"),
    path("criticals/<uuid:uuid>/", criticals.detail, name="critical"),
    path("criticals/<uuid:uuid>/acknowledge/", criticals.acknowledge, name="acknowledge"),
    path("criticals/<uuid:uuid>/handle/", criticals.handle, name="handle"),
    path("criticals/<uuid:uuid>/close/", criticals.close, name="close"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/compare/", comparing.compare, name="compare"),
    path("<uuid:uuid>/claim/", views.claim, name="claim"),
    path("<uuid:uuid>/release/", views.release, name="release"),
    path("<uuid:uuid>/take-over/", views.take_over, name="take_over"),
    path("<uuid:uuid>/reject/", views.reject, name="reject"),
    path("<uuid:uuid>/cancel/", views.cancel, name="cancel"),
    path("<uuid:uuid>/preliminary/", views.preliminary, name="preliminary"),
    path("<uuid:uuid>/final/", views.final, name="final"),
    path("<uuid:uuid>/amend/", views.amend, name="amend"),
    path("<uuid:uuid>/recordings/", views.add_recording, name="add_recording"),
    path("<uuid:uuid>/trace.json", views.trace_json_file, name="trace_json"),
    path("<uuid:uuid>/trace.svg", views.trace_svg_file, name="trace_svg"),
    path("<uuid:uuid>/report.pdf", views.report_pdf, name="report_pdf"),
]
