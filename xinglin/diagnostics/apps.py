from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiagnosticsConfig(AppConfig):
    name = "xinglin.diagnostics"
    label = "diagnostics"
    verbose_name = "diagnostics"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.diagnostics import jobs, timeline
        from xinglin.diagnostics.badges import images, open_criticals, to_claim
        from xinglin.diagnostics.events import TITLES
        from xinglin.residents.api import Topic, register_timeline
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        register_timeline(timeline.requests_of_resident, topic=Topic.RESULTS)
        add_entry(Entry("exam", _("检查申请"), "diagnostics:sent", "clipboard", "request:place", order=40))
        add_entry(
            Entry(
                "care",
                _("危急值"),
                "diagnostics:criticals",
                "alert-octagon",
                "critical:acknowledge",
                order=35,
                badge=open_criticals,
            )
        )
        add_entry(
            Entry("centre", _("心电诊断"), "diagnostics:worklist", "pulse", "report:write", order=10, badge=to_claim)
        )
        add_entry(
            Entry(
                "centre",
                _("影像诊断"),
                "diagnostics:imaging_worklist",
                "image",
                "report:write",
                order=11,
                badge=images,
            )
        )
        add_entry(Entry("centre", _("危急值登记"), "diagnostics:criticals", "alert-octagon", "report:write", order=20))
