from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InstitutionsConfig(AppConfig):
    name = "xinglin.institutions"
    label = "institutions"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.contracts.api import describe_proof
        from xinglin.institutions import jobs, timeline
        from xinglin.institutions.events import TITLES
        from xinglin.residents.api import Topic, register_timeline
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        describe_proof("institutions.round", _("机构巡诊"))
        jobs.connect()
        register_timeline(timeline.provide, topic=Topic.RECORD)
        add_entry(
            Entry(
                group="disease", label=_("医养签约"), url_name="institutions:list", icon="building",
                permission=Permission.CONTRACT_VIEW, order=35,
            )
        )  # fmt: skip
