from django.apps import AppConfig


class DiagnosticsConfig(AppConfig):
    name = "xinglin.diagnostics"
    label = "diagnostics"
