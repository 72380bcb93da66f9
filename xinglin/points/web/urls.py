"""Addresses of points."""

from django.urls import path

from xinglin.points.web import views

app_name = "points"
urlpatterns = [
    path("", views.home, name="home"),
    path("own/", views.own, name="own"),
    path("stock/", views.stock, name="stock"),
    path("stock/<uuid:uuid>/", views.good, name="good"),
    path("stock/<uuid:uuid>/count/", views.count, name="count"),
    path("residents/<uuid:uuid>/", views.person, name="person"),
    path("residents/<uuid:uuid>/note/", views.note, name="note"),
    path("residents/<uuid:uuid>/reserve/", views.reserve, name="reserve"),
    path("movements/<uuid:uuid>/take-back/", views.take_back, name="take_back"),
    path("exchanges/<uuid:uuid>/", views.exchange, name="exchange"),
    path("exchanges/<uuid:uuid>/hand-over/", views.finish, {"verb": "hand-over"}, name="hand_over"),
    path("exchanges/<uuid:uuid>/cancel/", views.finish, {"verb": "cancel"}, name="cancel"),
]
