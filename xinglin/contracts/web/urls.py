"""Addresses of contracts."""

from django.urls import path

from xinglin.contracts.web import acts, agreements, assigning, distributing, figures, own, pay, signing, teams

app_name = "contracts"
urlpatterns = [
    path("agreements/", agreements.agreements, name="list"),
    path("me/", own.own, name="own"),
    path("agreements/sign/<uuid:uuid>/", signing.sign, name="sign"),
    path("agreements/household/<uuid:uuid>/", signing.household, name="household"),
    path("teams/", teams.teams, name="teams"),
    path("teams/new/", teams.form_team, name="form_team"),
    path("teams/<uuid:uuid>/", teams.team, name="team"),
    path("unassigned/", assigning.unassigned, name="unassigned"),
    path("unassigned/give/", assigning.give, name="give"),
    path("unassigned/rule/", distributing.by_rule, name="distribute"),
    path("unassigned/export/", distributing.export, name="export_unassigned"),
    path("unassigned/check/", distributing.check_table, name="check_table"),
    path("unassigned/write/", distributing.write_table, name="write_table"),
    path("assignments/<uuid:uuid>/", assigning.assignment, name="assignment"),
    path("assignments/<uuid:uuid>/<slug:what>/", assigning.change, name="change_assignment"),
    path("teams/<uuid:uuid>/residents/", assigning.team_residents, name="team_residents"),
    path("teams/<uuid:uuid>/<slug:what>/", teams.change, name="change_team_of"),
    path("overview/", figures.overview, name="overview"),
    path("agreements/unsigned/", figures.people, name="people"),
    path("overview/population/", figures.population, name="population"),
    path("pay/", pay.runs, name="pay"),
    path("pay/freeze/", pay.freeze, name="freeze"),
    path("pay/<uuid:uuid>/", pay.run, name="run"),
    path("pay/<uuid:uuid>/export/", pay.export, name="export"),
    path("pay/<uuid:uuid>/void/", pay.void, name="void"),
    path("pay/lines/<uuid:uuid>/<slug:what>/", pay.behind, name="behind"),
    path("agreements/promises/<uuid:uuid>/deliver/", acts.deliver, name="deliver"),
    path("agreements/promises/<uuid:uuid>/book/", acts.book, name="book"),
    path("agreements/promises/<uuid:uuid>/take-back/", acts.take_back, name="take_back"),
    path("agreements/promises/<uuid:uuid>/proof/", agreements.proof, name="proof"),
    path("agreements/<uuid:uuid>/", agreements.detail, name="detail"),
    path("agreements/<uuid:uuid>/sign/", signing.sign_prepared, name="sign_prepared"),
    path("agreements/<uuid:uuid>/discard/", signing.discard, name="discard"),
    path("agreements/<uuid:uuid>/print/", agreements.printed, name="print"),
    path("agreements/<uuid:uuid>/scan/", agreements.scan, name="scan"),
    path("agreements/<uuid:uuid>/end/", acts.end, name="end"),
    path("agreements/<uuid:uuid>/team/", acts.change_team, name="change_team"),
    path("agreements/<uuid:uuid>/group/", acts.enter_group, name="enter_group"),
    path("agreements/<uuid:uuid>/rate/", own.rate, name="rate"),
]
