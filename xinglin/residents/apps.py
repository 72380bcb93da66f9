from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "xinglin.residents"
    label = "residents"
