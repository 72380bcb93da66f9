"""Addresses of check-ups."""

from django.urls import path

from xinglin.checkups.web import desk, kiosk, views

app_name = "checkups"
urlpatterns = [
    path("", views.checkups, name="list"),
    path("desk/", desk.desk, name="desk"),
    path("desk/register/", desk.register, name="register"),
    path("desk/<uuid:uuid>/sign/", desk.sign, name="sign"),
    path("desk/<uuid:uuid>/book/", desk.book, name="book"),
    path("desk/<uuid:uuid>/code/", kiosk.code, name="code"),
    path("terminals/", kiosk.terminals, name="terminals"),
    path("terminals/<uuid:uuid>/end/", kiosk.end, name="end_terminal"),
    path("own/", views.own, name="own"),
    path("sessions/", views.sessions, name="sessions"),
    path("stations/", views.stations, name="stations"),
    path("stations/<uuid:uuid>/", views.station, name="station"),
    path("stations/<uuid:uuid>/skip/", views.act, {"verb": "skip"}, name="skip"),
    path("stations/<uuid:uuid>/leave-out/", views.act, {"verb": "leave-out"}, name="leave_out"),
    path("stations/<uuid:uuid>/again/", views.act, {"verb": "again"}, name="again"),
    path("stations/<uuid:uuid>/laboratory/", views.act, {"verb": "laboratory"}, name="laboratory"),
    path("stations/<uuid:uuid>/results/", views.act, {"verb": "results"}, name="results"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/arrive/", views.step, {"verb": "arrive"}, name="arrive"),
    path("<uuid:uuid>/resume/", views.step, {"verb": "resume"}, name="resume"),
    path("<uuid:uuid>/close/", views.step, {"verb": "close"}, name="close"),
    path("<uuid:uuid>/cancel/", views.step, {"verb": "cancel"}, name="cancel"),
    path("<uuid:uuid>/miss/", views.step, {"verb": "miss"}, name="miss"),
    path("<uuid:uuid>/sign/", views.step, {"verb": "sign"}, name="sign_report"),
    path("<uuid:uuid>/withdraw/", views.step, {"verb": "withdraw"}, name="withdraw"),
    path("<uuid:uuid>/report/", views.report, name="report"),
    path("<uuid:uuid>/report.pdf", views.report_pdf, name="report_pdf"),
]
