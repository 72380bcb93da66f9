from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CentresConfig(AppConfig):
    name = "xinglin.centres"
    label = "centres"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.centres import duties, jobs, orders_in
        from xinglin.centres.badges import seconds
        from xinglin.centres.events import TITLES
        from xinglin.diagnostics.duties import provide, provide_links
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        orders_in.register_handlers()
        provide(duties.standing, duties.of_reader)
        provide_links(duties.links)
        add_entry(Entry("centre", _("双盲复阅"), "centres:seconds", "users", "report:write", order=25, badge=seconds))
        add_entry(Entry("exam", _("教学病例"), "centres:cases", "book", "request:view", order=60))
        add_entry(Entry("centre", _("中心运行"), "centres:head", "chart", "centre:manage", order=30))
        add_entry(Entry("centre", _("值班排班"), "centres:roster", "calendar", "report:write", order=24))
