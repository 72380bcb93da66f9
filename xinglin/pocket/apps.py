from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PocketConfig(AppConfig):
    name = "xinglin.pocket"
    label = "pocket"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.pocket import jobs, queries
        from xinglin.pocket.events import TITLES
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        jobs.connect()
        do = Permission.PROGRAMME_DO
        add_entry(Entry("disease", _("随身随访"), "pocket:devices", "phone", do, order=60))
        add_entry(Entry("disease", _("手机记录核对"), "pocket:reviews", "inbox", do, order=61, badge=queries.to_review))
