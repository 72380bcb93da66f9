"""Addresses of the exchange."""

from django.urls import path

from xinglin.exchange.web import views

app_name = "exchange"
urlpatterns = [
    path("", views.home, name="home"),
    path("messages/", views.messages, name="messages"),
    path("messages/replay-fault/", views.replay_fault, name="replay_fault"),
    path("messages/<uuid:uuid>/", views.message, name="message"),
    path("messages/<uuid:uuid>/reveal/", views.reveal, name="reveal"),
    path("messages/<uuid:uuid>/replay/", views.replay, name="replay"),
    path("messages/<uuid:uuid>/discard/", views.discard, name="discard"),
    path("outbound/", views.outbound, name="outbound"),
    path("outbound/<uuid:uuid>/", views.outbound_message, name="outbound_message"),
    path("outbound/<uuid:uuid>/reveal/", views.reveal_outbound, name="reveal_outbound"),
    path("outbound/<uuid:uuid>/send-again/", views.send_again, name="send_again"),
    path("outbound/<uuid:uuid>/discard/", views.discard_outbound, name="discard_outbound"),
]
