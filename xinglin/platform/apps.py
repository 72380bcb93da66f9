from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "xinglin.platform"
    label = "platform"
    verbose_name = "platform"

    def ready(self) -> None:
        from xinglin.platform import checks, periodic  # noqa: F401, PLC0415 - they register what they define
