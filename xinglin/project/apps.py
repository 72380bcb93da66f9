from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "xinglin.project"
    label = "project"
