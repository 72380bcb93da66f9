from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheckupsConfig(AppConfig):
    name = "xinglin.checkups"
    label = "checkups"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.checkups import jobs, timeline
        from xinglin.checkups.events import TITLES
        from xinglin.residents.api import Topic, add_own_tab, register_measurements, register_timeline
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        register_timeline(timeline.provide, topic=Topic.RESULTS)
        register_measurements(timeline.measured)
        add_own_tab(_("我的体检"), "clipboard", "checkups:own")
        for group, label, url_name, icon, permission, order in (
            ("disease", _("一站式服务台"), "checkups:desk", "id-card", Permission.CHECKUP_BOOK, 40),
            ("disease", _("健康体检"), "checkups:list", "clipboard", Permission.CHECKUP_BOOK, 41),
            ("disease", _("体检站点"), "checkups:stations", "stethoscope", Permission.CHECKUP_EXAMINE, 42),
            ("care", _("我的体检"), "checkups:own", "clipboard", Permission.OWN_RECORD, 13),
        ):
            add_entry(Entry(group=group, label=label, url_name=url_name, icon=icon, permission=permission, order=order))
