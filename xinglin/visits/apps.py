from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "xinglin.visits"
    label = "visits"
