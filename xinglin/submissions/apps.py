from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class SubmissionsConfig(AppConfig):
    name = "xinglin.submissions"
    label = "submissions"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.submissions import jobs
        from xinglin.submissions.checks import definitions_hold
        from xinglin.submissions.events import TITLES
        from xinglin.web.context import Entry, add_entry

        register(definitions_hold)
        describe_events(TITLES)
        jobs.connect()
        add_entry(Entry("figures", _("指标上报"), "submissions:list", "send", "figures:keep", order=14))
        add_entry(Entry("system", _("接收系统"), "submissions:destinations", "send", "exchange:manage", order=45))
