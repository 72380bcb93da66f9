"""Addresses of programmes."""

from django.urls import path

from xinglin.programmes.web import checks, people, screening, seeing, singles_page, transfers, views, workshop

app_name = "programmes"
urlpatterns = [
    path("", views.day, name="day"),
    path("population/", views.population, name="population"),
    path("population/find/", views.find, name="find"),
    path("people/", views.people, name="people"),
    path("high-risk/", screening.high_risk, name="high-risk"),
    path("transfers/", transfers.index, name="transfers"),
    path("transfers/new/", transfers.new, name="transfer"),
    path("transfers/<uuid:uuid>/undo/", transfers.undo, name="undo-transfer"),
    path("workshop/", workshop.index, name="workshop"),
    path("workshop/new/", workshop.new, name="edition-new"),
    path("workshop/<uuid:uuid>/", workshop.detail, name="edition"),
    path("workshop/<uuid:uuid>/edit/", workshop.edit, name="edition-edit"),
    path("workshop/<uuid:uuid>/<slug:verb>/", workshop.step, name="edition-step"),
    path("diseases/", singles_page.index, name="singles"),
    path("versions/", workshop.versions, name="versions"),
    path("levels/", views.levels, name="levels"),
    path("disease/<slug:slug>/", checks.disease, name="disease"),
    path("disease/<slug:slug>/draw/", checks.draw, name="draw"),
    path("checks/<uuid:uuid>/", checks.check, name="check"),
    path("resident/<uuid:uuid>/", people.resident, name="resident"),
    path("resident/<uuid:uuid>/screening/", screening.form, name="screening"),
    path("resident/<uuid:uuid>/enrol/", people.enrol, name="enrol"),
    path("resident/<uuid:uuid>/call/", people.call, name="call"),
    path("resident/<uuid:uuid>/unreached/", people.unreached, name="unreached"),
    path("resident/<uuid:uuid>/visit/", seeing.form, name="form"),
    path("from-visit/<uuid:uuid>/", seeing.from_visit, name="from_visit"),
    path("visits/<uuid:uuid>/", seeing.detail, name="visit"),
    path("visits/<uuid:uuid>/advice.pdf", seeing.advice, name="advice"),
    path("visits/of-telephone/<uuid:uuid>/advice.pdf", seeing.advice_of_client, name="advice-of-client"),
    path("visits/<uuid:uuid>/amend/", seeing.amend, name="amend"),
    path("alerts/<uuid:uuid>/answer/", people.answer, name="answer"),
    path("enrolments/<uuid:uuid>/", people.enrolment, name="enrolment"),
    path("enrolments/<uuid:uuid>/version/", people.version, name="version"),
    path("enrolments/<uuid:uuid>/<slug:verb>/", people.act, name="act"),
]
