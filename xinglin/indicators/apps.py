from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "xinglin.indicators"
    label = "indicators"
