from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "xinglin.indicators"
    label = "indicators"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events  # noqa: PLC0415
        from xinglin.indicators import jobs  # noqa: PLC0415
        from xinglin.indicators.checks import definitions_hold  # noqa: PLC0415
        from xinglin.indicators.events import TITLES  # noqa: PLC0415
        from xinglin.web.context import Entry, add_entry  # noqa: PLC0415

        register(definitions_hold)
        describe_events(TITLES)
        jobs.connect()

        add_entry(Entry("figures", _("医共体看板"), "indicators:board", "chart", "board:view", order=10))
        add_entry(Entry("figures", _("数据上报与质量"), "indicators:returns", "upload", "figures:keep", order=12))
