from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "xinglin.recognition"
    label = "recognition"
    verbose_name = "recognition"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.diagnostics.api import register_order_check
        from xinglin.recognition.checks import CHECK
        from xinglin.recognition.events import TITLES

        describe_events(TITLES)
        register_order_check(CHECK)
