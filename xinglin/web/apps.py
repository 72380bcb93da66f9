from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "xinglin.web"
    label = "web"
