from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "xinglin.workbench"
    label = "workbench"
