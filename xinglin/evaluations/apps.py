from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "xinglin.evaluations"
    label = "evaluations"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events  # noqa: PLC0415
        from xinglin.accounts.data import Permission  # noqa: PLC0415
        from xinglin.evaluations.checks import definitions_hold  # noqa: PLC0415
        from xinglin.evaluations.events import TITLES  # noqa: PLC0415
        from xinglin.web.context import Entry, add_entry  # noqa: PLC0415

        register(definitions_hold)
        describe_events(TITLES)
        add_entry(Entry("figures", _("考核"), "evaluations:home", "clipboard", Permission.EVALUATION_MANAGE, order=14))
        add_entry(
            Entry("figures", _("本单位考核"), "evaluations:own", "clipboard", Permission.EVALUATION_ANSWER, order=15)
        )
        add_entry(Entry("figures", _("资金分配"), "evaluations:funds", "table", Permission.FUND_MANAGE, order=16))
