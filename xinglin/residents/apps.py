from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResidentsConfig(AppConfig):
    name = "xinglin.residents"
    label = "residents"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.platform.outbox import subscribe
        from xinglin.residents import timeline
        from xinglin.residents.data import Topic
        from xinglin.residents.events import TITLES
        from xinglin.web.context import CHROME, Entry, add_entry

        describe_events(TITLES)
        subscribe("facility.merged", "residents.facility-merged")
        CHROME.search_url_name, CHROME.search_permission = "residents:list", Permission.RESIDENT_SEARCH
        timeline.register(timeline.registration_entries, topic=Topic.RECORD)
        timeline.register(timeline.consent_entries, topic=Topic.RECORD)

        add_entry(
            Entry(
                group="care",
                label=_("居民"),
                url_name="residents:list",
                icon="users",
                permission=Permission.RESIDENT_SEARCH,
                order=20,
            )
        )
        add_entry(
            Entry(
                group="care",
                label=_("我的健康档案"),
                short=_("我的档案"),
                url_name="residents:own",
                icon="user",
                permission=Permission.OWN_RECORD,
                order=10,
            )
        )
