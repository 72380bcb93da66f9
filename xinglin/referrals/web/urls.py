"""Addresses of referrals."""

from django.urls import path

from xinglin.referrals.web import answering, sending, views

app_name = "referrals"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("sent/", views.sent, name="sent"),
    path("counts/", views.counts, name="counts"),
    path("send/<uuid:visit>/", sending.send, name="send"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/slip.pdf", views.slip_pdf, name="slip_pdf"),
    path("<uuid:uuid>/complete/", sending.complete, name="complete"),
    path("<uuid:uuid>/sign/", sending.sign, name="sign"),
    path("<uuid:uuid>/return/", sending.return_down, name="return"),
    path("<uuid:uuid>/<slug:verb>/", answering.act, name="act"),
]
