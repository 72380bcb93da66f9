from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PlatformConfig(AppConfig):
    name = "xinglin.platform"
    label = "platform"
    verbose_name = "platform"

    def ready(self) -> None:
        from xinglin.platform import checks, indexes, periodic  # noqa: F401, PLC0415 - they register what they define

        post_migrate.connect(indexes.drop_second, sender=self)
