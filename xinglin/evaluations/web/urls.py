"""Addresses of assessments and funds."""

from django.urls import path

from xinglin.evaluations.web import acts, funds, views

app_name = "evaluations"
urlpatterns = [
    path("", views.home, name="home"),
    path("open/", acts.open_round, name="open"),
    path("own/", views.own, name="own"),
    path("review/", views.review, name="review"),
    path("plans/", views.plan_list, name="plans"),
    path("plans/<slug:slug>/", views.plan, name="plan"),
    path("rounds/<uuid:uuid>/", views.round_page, name="round"),
    path("rounds/<uuid:uuid>/ranking/", views.ranking, name="ranking"),
    path("rounds/<uuid:uuid>/notice.<slug:form>", views.notice_file, name="notice_file"),
    path("rounds/<uuid:uuid>/<slug:verb>/", acts.round_act, name="round_act"),
    path("sheets/<uuid:uuid>/", views.sheet, name="sheet"),
    path("sheets/<uuid:uuid>/sheet.<slug:form>", views.sheet_file, name="sheet_file"),
    path("sheets/<uuid:uuid>/<slug:verb>/", acts.sheet_act, name="sheet_act"),
    path("items/<uuid:uuid>/<slug:verb>/", acts.item_act, name="item_act"),
    path("appeals/<uuid:uuid>/decide/", acts.decide, name="decide"),
    path("evidence/<uuid:uuid>/", views.evidence, name="evidence"),
    path("evidence/<uuid:uuid>/withdraw/", acts.withdraw, name="withdraw"),
    path("funds/", funds.funds_page, name="funds"),
    path("funds/draft/", funds.draft, name="fund_draft"),
    path("funds/<uuid:uuid>/", funds.fund, name="fund"),
    path("funds/<uuid:uuid>/fund.<slug:form>", funds.fund_file, name="fund_file"),
    path("funds/<uuid:uuid>/<slug:verb>/", funds.act, name="fund_act"),
]
