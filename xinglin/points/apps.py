from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PointsConfig(AppConfig):
    name = "xinglin.points"
    label = "points"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.points import jobs
        from xinglin.points.events import TITLES
        from xinglin.residents.api import add_own_tab
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        add_own_tab(_("我的积分"), "star", "points:own")
        add_entry(Entry("disease", _("健康积分"), "points:home", "star", Permission.POINTS_VIEW, order=44))
        add_entry(Entry("care", _("我的积分"), "points:own", "star", Permission.OWN_RECORD, order=14))
