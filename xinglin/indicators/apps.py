from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "xinglin.indicators"
    label = "indicators"

    def ready(self) -> None:
        from xinglin.web.context import Entry, add_entry  # noqa: PLC0415

        add_entry(Entry("manage", _("医共体看板"), "indicators:board", "chart", "board:view", order=10))
